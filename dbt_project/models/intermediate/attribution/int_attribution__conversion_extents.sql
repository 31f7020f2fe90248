-- On which days conversions of each type are known, whatever channel they are credited to, together
-- with the visits without which nothing earns them. Where nobody counts visits, none will have led
-- to anything. `all` lacks what a type that it adds up lacks.
with extents as (
    select
        component,
        first_date,
        known_from,
        known_until,
        data_until
    from {{ ref('int_kpi__component_extents') }}
),

-- One row, also where nobody counts visits.
visits as (
    select
        min(known_from) as known_from,
        min(known_until) as known_until
    from extents
    where component = 'sessions'
),

by_type as (
    select
        case extents.component when 'orders' then 'order' else 'opportunity' end
            as conversion_type,
        extents.first_date,
        greatest(extents.known_from, visits.known_from) as known_from,
        least(extents.known_until, visits.known_until) as known_until,
        extents.data_until,
        coalesce(visits.known_from, cast({{ end_of_time() }} as date)) as needed_from,
        true as rests_on_web
    from extents
    cross join visits
    where extents.component in ('orders', 'won_deals')
),

with_all as (
    select
        conversion_type,
        first_date,
        known_from,
        known_until,
        data_until,
        needed_from,
        rests_on_web
    from by_type

    union all

    select
        'all' as conversion_type,
        min(first_date) as first_date,
        min(known_from) as known_from,
        min(known_until) as known_until,
        min(data_until) as data_until,
        min(needed_from) as needed_from,
        true as rests_on_web
    from by_type
    where {{ is_in_all('conversion_type') }}
)

select * from with_all
