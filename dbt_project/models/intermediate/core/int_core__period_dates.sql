-- The days of all periods that a day of the calendar lies in, so that every period of a mart finds
-- its first day.
with bounds as (
    select
        min(period_start) as first_date,
        cast({{ as_of_date() }} + interval '1' day as date) as end_date
    from {{ ref('int_core__period_days') }}
),

days as (
    {{ days_within('bounds') }}
)

select * from days
