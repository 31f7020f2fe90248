-- A KPI that needs time to mature is shown for the latest period in which it has; it stands beside
-- whole periods only.
with kpi_values as (
    select * from {{ ref('int_kpi__values') }}
),

periods as (
    select
        period_grain,
        period_start,
        previous_period_start,
        last_year_period_start
    from {{ ref('int_core__periods') }}
),

latest_periods as (
    select
        kpi_id,
        period_grain,
        max(period_start) as period_start
    from kpi_values
    where is_complete and dimension = 'overall'
    group by kpi_id, period_grain
),

latest as (
    select
        kpi_values.kpi_id,
        kpi_values.period_grain,
        kpi_values.period_start,
        kpi_values.dimension,
        kpi_values.segment,
        kpi_values.numerator,
        kpi_values.denominator,
        kpi_values.value,
        kpi_values.sample,
        kpi_values.has_data,
        periods.previous_period_start,
        periods.last_year_period_start
    from kpi_values
    inner join latest_periods
        on
            kpi_values.kpi_id = latest_periods.kpi_id
            and kpi_values.period_grain = latest_periods.period_grain
            and kpi_values.period_start = latest_periods.period_start
    inner join periods
        on
            kpi_values.period_grain = periods.period_grain
            and kpi_values.period_start = periods.period_start
),

sums_known as (
    select * from {{ ref('int_kpi__sums_known') }}
),

compared as (
    select
        latest.kpi_id,
        latest.period_grain,
        latest.period_start,
        latest.dimension,
        latest.segment,
        latest.numerator,
        latest.denominator,
        latest.value,
        latest.sample,
        latest.has_data,
        coalesce(previous_values.value, previous_sums.value_without_cases) as previous_value,
        coalesce(last_year_values.value, last_year_sums.value_without_cases) as last_year_value,
        cast(targets.target_value as double) as target_value,
        targets.set_on as target_set_on
    from latest
    left join kpi_values as previous_values
        on
            latest.kpi_id = previous_values.kpi_id
            and latest.period_grain = previous_values.period_grain
            and latest.previous_period_start = previous_values.period_start
            and latest.dimension = previous_values.dimension
            and latest.segment = previous_values.segment
            and previous_values.is_complete
    left join kpi_values as last_year_values
        on
            latest.kpi_id = last_year_values.kpi_id
            and latest.period_grain = last_year_values.period_grain
            and latest.last_year_period_start = last_year_values.period_start
            and latest.dimension = last_year_values.dimension
            and latest.segment = last_year_values.segment
            and last_year_values.is_complete
    left join sums_known as previous_sums
        on
            latest.kpi_id = previous_sums.kpi_id
            and latest.period_grain = previous_sums.period_grain
            and latest.previous_period_start = previous_sums.period_start
    left join sums_known as last_year_sums
        on
            latest.kpi_id = last_year_sums.kpi_id
            and latest.period_grain = last_year_sums.period_grain
            and latest.last_year_period_start = last_year_sums.period_start
    left join {{ ref('int_kpi__targets_in_force') }} as targets
        on
            latest.kpi_id = targets.kpi_id
            and latest.period_grain = targets.period_grain
            and latest.period_start = targets.period_start
            and latest.dimension = targets.dimension
            and latest.segment = targets.segment
)

select * from compared
