with links as (
    select distinct
        identifier_key,
        kind,
        other_identifier_key,
        other_kind
    from {{ ref('int_identity__claims') }}
),

ends as (
    select
        identifier_key,
        kind,
        other_kind
    from links
    union all
    select
        other_identifier_key as identifier_key,
        other_kind as kind,
        kind as other_kind
    from links
),

counted as (
    select
        identifier_key,
        kind,
        cast(sum(case when other_kind <> 'visitor' then 1 else 0 end) as bigint) as people,
        cast(sum(case when other_kind = 'visitor' then 1 else 0 end) as bigint) as browsers
    from ends
    group by identifier_key, kind
),

neighbours as (
    select
        identifier_key,
        kind,
        people,
        browsers,
        people > {{ var('identity_max_people') }}
        or browsers > {{ var('identity_max_browsers') }} as is_cut
    from counted
)

select * from neighbours
