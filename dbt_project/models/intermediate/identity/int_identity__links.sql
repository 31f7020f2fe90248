-- Links between identifiers of people merge them. A browser may be several people's: it belongs to
-- whoever identified on it first, and its other links merge nobody; a form that somebody fills in
-- while logged in may make a lead of somebody else. An identifier that stands
-- beside too many others is nobody's, and none of its links counts.
with links as (
    select
        identifier_key,
        other_identifier_key,
        kind,
        other_kind,
        min(first_seen_at) as first_seen_at
    from {{ ref('int_identity__claims') }}
    group by identifier_key, other_identifier_key, kind, other_kind
),

cut as (
    select identifier_key
    from {{ ref('int_identity__neighbours') }}
    where is_cut
),

judged as (
    select
        links.identifier_key,
        links.other_identifier_key,
        links.kind,
        links.other_kind,
        links.first_seen_at,
        one.identifier_key is not null or other.identifier_key is not null as is_cut
    from links
    left join cut as one on links.identifier_key = one.identifier_key
    left join cut as other on links.other_identifier_key = other.identifier_key
),

ordered as (
    select
        *,
        row_number() over (
            partition by identifier_key, is_cut
            order by
                first_seen_at asc nulls last,
                case when other_kind = 'lead' then 1 else 0 end asc nulls last,
                other_identifier_key asc nulls last
        ) as link_number
    from judged
),

decided as (
    select
        identifier_key,
        other_identifier_key,
        kind,
        other_kind,
        first_seen_at,
        is_cut,
        not is_cut and (kind <> 'visitor' or link_number = 1) as is_merging
    from ordered
)

select * from decided
