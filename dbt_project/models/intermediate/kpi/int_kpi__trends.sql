-- The least-squares slope of the last complete periods, relative to their mean.
with kpi_values as (
    select
        kpi_id,
        period_grain,
        dimension,
        segment,
        value,
        cast(
            row_number() over (
                partition by kpi_id, period_grain, dimension, segment
                order by period_start desc nulls last
            ) as double
        ) as periods_ago
    from {{ ref('int_kpi__values') }}
    where is_complete and value is not null
),

sums as (
    select
        kpi_id,
        period_grain,
        dimension,
        segment,
        cast(count(*) as double) as periods,
        sum(-periods_ago) as sum_x,
        sum(value) as sum_y,
        sum(-periods_ago * value) as sum_xy,
        sum(periods_ago * periods_ago) as sum_xx
    from kpi_values
    where periods_ago <= {{ var('trend_periods') }}
    group by kpi_id, period_grain, dimension, segment
),

slopes as (
    select
        *,
        {{ ratio('periods * sum_xy - sum_x * sum_y', 'periods * sum_xx - sum_x * sum_x') }}
        / nullif(abs({{ ratio('sum_y', 'periods') }}), 0) as relative_slope
    from sums
),

trends as (
    select
        kpi_id,
        period_grain,
        dimension,
        segment,
        case
            when periods < {{ var('trend_periods') }} or relative_slope is null then 'unknown'
            when relative_slope > {{ var('trend_flat_tolerance') }} then 'up'
            when relative_slope < -{{ var('trend_flat_tolerance') }} then 'down'
            else 'flat'
        end as trend
    from slopes
)

select * from trends
