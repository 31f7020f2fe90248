with identifiers as (
    select
        identifier_key,
        first_seen_at
    from {{ ref('int_identity__identifiers') }}
),

-- What was seen at no known time counts as seen last.
merging as (
    select
        links.identifier_key,
        links.other_identifier_key,
        coalesce(one.first_seen_at, {{ end_of_time() }}) as first_seen_at,
        coalesce(other.first_seen_at, {{ end_of_time() }}) as other_first_seen_at,
        cast(coalesce(links.first_seen_at, {{ end_of_time() }}) as date) as linked_on
    from {{ ref('int_identity__links') }} as links
    inner join identifiers as one on links.identifier_key = one.identifier_key
    inner join identifiers as other on links.other_identifier_key = other.identifier_key
    where links.is_merging
)

select * from merging
