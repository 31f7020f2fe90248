-- The least-squares slope of the last complete periods, relative to their mean. A segment of a sum
-- has no row in a period in which it had no case: it brought nothing then. Periods of which a ratio
-- or a median says nothing are left out, and leave the others where they are.
with kpi_values as (
    select
        kpi_id,
        period_grain,
        period_start,
        dimension,
        segment,
        value
    from {{ ref('int_kpi__values') }}
    where is_complete
),

sums_known as (
    select * from {{ ref('int_kpi__sums_known') }}
),

periods as (
    select
        kpi_id,
        period_grain,
        period_start,
        cast(
            row_number() over (
                partition by kpi_id, period_grain
                order by period_start desc nulls last
            ) as double
        ) as periods_ago
    from kpi_values
    where dimension = 'overall'
),

segments as (
    select distinct
        kpi_id,
        period_grain,
        dimension,
        segment
    from kpi_values
    where value is not null
),

known_values as (
    select
        kpi_values.kpi_id,
        kpi_values.period_grain,
        kpi_values.dimension,
        kpi_values.segment,
        periods.periods_ago,
        kpi_values.value
    from kpi_values
    inner join periods
        on
            kpi_values.kpi_id = periods.kpi_id
            and kpi_values.period_grain = periods.period_grain
            and kpi_values.period_start = periods.period_start
    where kpi_values.value is not null

    union all

    select
        segments.kpi_id,
        segments.period_grain,
        segments.dimension,
        segments.segment,
        periods.periods_ago,
        sums_known.value_without_cases as value
    from segments
    inner join sums_known
        on
            segments.kpi_id = sums_known.kpi_id
            and segments.period_grain = sums_known.period_grain
    inner join periods
        on
            sums_known.kpi_id = periods.kpi_id
            and sums_known.period_grain = periods.period_grain
            and sums_known.period_start = periods.period_start
            and periods.periods_ago <= {{ var('trend_periods') }}
    left join kpi_values
        on
            segments.kpi_id = kpi_values.kpi_id
            and segments.period_grain = kpi_values.period_grain
            and sums_known.period_start = kpi_values.period_start
            and segments.dimension = kpi_values.dimension
            and segments.segment = kpi_values.segment
    where kpi_values.value is null
),

numbered as (
    select
        *,
        row_number() over (
            partition by kpi_id, period_grain, dimension, segment
            order by periods_ago nulls last
        ) as values_ago
    from known_values
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
    from numbered
    where values_ago <= {{ var('trend_periods') }}
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
