-- On which days conversions of each type are known, whatever channel they are credited to, and from
-- which day on visits that may have led to them. `all` lacks what a type that it adds up lacks.
with extents as (
    select
        component,
        first_date,
        known_from,
        known_until,
        data_until
    from {{ ref('int_kpi__component_extents') }}
),

by_type as (
    select
        case component when 'orders' then 'order' else 'opportunity' end as conversion_type,
        first_date,
        known_from,
        known_until,
        data_until
    from extents
    where component in ('orders', 'won_deals')
),

with_all as (
    select
        conversion_type,
        first_date,
        known_from,
        known_until,
        data_until
    from by_type

    union all

    select
        'all' as conversion_type,
        min(first_date) as first_date,
        min(known_from) as known_from,
        min(known_until) as known_until,
        min(data_until) as data_until
    from by_type
    where {{ is_in_all('conversion_type') }}
),

-- One row, also where nobody counts visits: none has led to anything then.
visits as (
    select coalesce(min(known_from), cast({{ end_of_time() }} as date)) as needed_from
    from extents
    where component = 'sessions'
),

described as (
    select
        with_all.*,
        visits.needed_from
    from with_all
    cross join visits
)

select * from described
