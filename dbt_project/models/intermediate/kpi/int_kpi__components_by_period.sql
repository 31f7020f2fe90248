-- What adds up is the sum of its days; the segments of a dimension are a partition of the same
-- cases, so that they add up to the whole.
with daily as (
    select * from {{ ref('int_kpi__components_daily') }}
),

by_period as (
    select
        daily.component,
        period_days.period_grain,
        period_days.period_start,
        daily.dimension,
        daily.segment,
        cast(sum(daily.amount) as decimal(28, 4)) as amount,
        cast(sum(daily.sample) as bigint) as sample
    from daily
    inner join {{ ref('int_core__period_days') }} as period_days
        on daily.activity_date = period_days.date_day
    group by
        daily.component,
        period_days.period_grain,
        period_days.period_start,
        daily.dimension,
        daily.segment
)

select * from by_period
