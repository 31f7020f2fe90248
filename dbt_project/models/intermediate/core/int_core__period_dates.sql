-- The days of all periods that a day of the calendar lies in, so that every period of a mart finds
-- its first day.
with spine as (
    {{ calendar_spine(years_before=1) }}
),

bounds as (
    select min(period_start) as first_date from {{ ref('int_core__period_days') }}
),

days as (
    select cast(spine.date_day as date) as date_day
    from spine
    inner join bounds on cast(spine.date_day as date) >= bounds.first_date
    where cast(spine.date_day as date) <= {{ as_of_date() }}
)

select * from days
