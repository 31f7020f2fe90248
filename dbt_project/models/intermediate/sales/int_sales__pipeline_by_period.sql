-- State when the period ends, and what the velocity_window_days up to then brought: a day alone
-- closes too few deals to say how fast they move.
with daily as (
    select * from {{ ref('int_sales__pipeline_daily') }}
),

segments as (
    select
        dimension,
        segment,
        min(date_day) as first_date
    from daily
    group by dimension, segment
),

-- Every day counts for the window, also one on which a team had nobody.
spine as (
    select
        segments.dimension,
        segments.segment,
        calendar.date_day
    from segments
    inner join {{ ref('int_core__calendar_days') }} as calendar
        on segments.first_date <= calendar.date_day
),

accumulated as (
    select
        spine.dimension,
        spine.segment,
        spine.date_day,
        {% for column in ['won', 'lost', 'won_value', 'cycle_days'] %}
            sum(coalesce(daily.{{ column }}, 0)) over (
                partition by spine.dimension, spine.segment
                order by spine.date_day nulls last
                rows between unbounded preceding and current row
            ) as {{ column }},
        {% endfor %}
        coalesce(daily.open_count, 0) as open_count,
        coalesce(daily.open_value, 0) as open_value,
        coalesce(daily.weighted_value, 0) as weighted_value
    from spine
    left join daily
        on
            spine.dimension = daily.dimension
            and spine.segment = daily.segment
            and spine.date_day = daily.date_day
),

-- The window's sum is all that had happened less all that had before it began.
rolling as (
    select
        accumulated.dimension,
        accumulated.segment,
        accumulated.date_day,
        {% for column in ['won', 'lost', 'won_value', 'cycle_days'] %}
            accumulated.{{ column }} - coalesce(earlier.{{ column }}, 0) as {{ column }},
        {% endfor %}
        accumulated.open_count,
        accumulated.open_value,
        accumulated.weighted_value
    from accumulated
    left join accumulated as earlier
        on
            accumulated.dimension = earlier.dimension
            and accumulated.segment = earlier.segment
            and cast(
                accumulated.date_day - {{ day_interval(var('velocity_window_days')) }} as date
            ) = earlier.date_day
),

periods as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        least(cast(period_end - interval '1' day as date), {{ as_of_date() }}) as last_day
    from {{ ref('int_core__periods') }}
),

states as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        rolling.dimension,
        rolling.segment,
        periods.is_complete,
        cast(rolling.open_count as bigint) as open_count,
        cast(rolling.open_value as decimal(28, 4)) as open_value,
        cast(rolling.weighted_value as decimal(28, 4)) as weighted_value,
        cast(rolling.won as bigint) as won,
        cast(rolling.won + rolling.lost as bigint) as closed,
        cast(rolling.won_value as decimal(28, 4)) as won_value,
        cast(rolling.cycle_days as decimal(28, 4)) as won_cycle_days
    from periods
    inner join rolling on periods.last_day = rolling.date_day
)

select * from states
