with catalogue as (
    select
        kpi_id,
        objective_id,
        name_en,
        name_fr,
        unit,
        direction,
        warn_at,
        alert_at,
        min_sample,
        owner
    from {{ ref('kpi_catalogue') }}
    where is_selected
),

kpi_values as (
    select * from {{ ref('int_kpi__values') }}
),

periods as (
    select * from {{ ref('int_core__periods') }}
),

targets as (
    select * from {{ ref('int_kpi__targets_in_force') }}
),

benchmarks as (
    select * from {{ ref('int_kpi__benchmarks_ranked') }}
),

data_status as (
    select kpi_id, data_status from {{ ref('int_kpi__data_status') }}
),

trends as (
    select * from {{ ref('int_kpi__trends') }}
),

-- A KPI that needs time to mature is shown for the latest period in which it has.
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
        periods.last_year_period_start,
        periods.period_end
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

-- The running period's value so far against the share of its target that the elapsed days make up.
running as (
    select
        kpi_values.kpi_id,
        kpi_values.period_grain,
        kpi_values.dimension,
        kpi_values.segment,
        kpi_values.value as value_to_date,
        targets.target_value as running_target,
        case
            when catalogue.unit in ('currency', 'count') and kpi_values.denominator is null
                then
                    kpi_values.value * cast(periods.days_in_period as double)
                    / nullif(
                        cast(periods.days_elapsed as double) * cast(targets.target_value as double),
                        0
                    )
            else kpi_values.value / nullif(cast(targets.target_value as double), 0)
        end as pace
    from kpi_values
    inner join catalogue on kpi_values.kpi_id = catalogue.kpi_id
    inner join periods
        on
            kpi_values.period_grain = periods.period_grain
            and kpi_values.period_start = periods.period_start
    inner join targets
        on
            kpi_values.kpi_id = targets.kpi_id
            and kpi_values.period_grain = targets.period_grain
            and kpi_values.period_start = targets.period_start
            and kpi_values.dimension = targets.dimension
            and kpi_values.segment = targets.segment
    where periods.period_start <= {{ as_of_date() }} and periods.period_end > {{ as_of_date() }}
),

compared as (
    select
        latest.*,
        previous_values.value as previous_value,
        last_year_values.value as last_year_value,
        cast(targets.target_value as double) as target_value,
        targets.set_on as target_set_on,
        case
            when catalogue.direction = 'down'
                then cast(targets.target_value as double) / nullif(latest.value, 0)
            else latest.value / nullif(cast(targets.target_value as double), 0)
        end as attainment
    from latest
    inner join catalogue on latest.kpi_id = catalogue.kpi_id
    left join kpi_values as previous_values
        on
            latest.kpi_id = previous_values.kpi_id
            and latest.period_grain = previous_values.period_grain
            and latest.previous_period_start = previous_values.period_start
            and latest.dimension = previous_values.dimension
            and latest.segment = previous_values.segment
    left join kpi_values as last_year_values
        on
            latest.kpi_id = last_year_values.kpi_id
            and latest.period_grain = last_year_values.period_grain
            and latest.last_year_period_start = last_year_values.period_start
            and latest.dimension = last_year_values.dimension
            and latest.segment = last_year_values.segment
    left join targets
        on
            latest.kpi_id = targets.kpi_id
            and latest.period_grain = targets.period_grain
            and latest.period_start = targets.period_start
            and latest.dimension = targets.dimension
            and latest.segment = targets.segment
),

scored as (
    select
        compared.kpi_id,
        compared.period_grain,
        compared.period_start,
        compared.dimension,
        compared.segment,
        catalogue.objective_id,
        catalogue.name_en,
        catalogue.name_fr,
        catalogue.unit,
        catalogue.direction,
        catalogue.owner,
        compared.numerator,
        compared.denominator,
        compared.value,
        compared.sample,
        compared.sample < catalogue.min_sample as is_small_sample,
        compared.previous_value,
        compared.last_year_value,
        compared.target_value,
        compared.target_set_on,
        compared.attainment,
        running.value_to_date,
        running.pace,
        benchmarks.benchmark_value,
        benchmarks.competitors,
        benchmarks.benchmark_rank,
        case
            when not compared.has_data or compared.value is null then 'no_data'
            when compared.target_value is null then 'no_target'
            when compared.attainment is null then 'no_data'
            when compared.attainment >= cast(catalogue.warn_at as double) then 'on_track'
            when compared.attainment >= cast(catalogue.alert_at as double) then 'at_risk'
            else 'off_track'
        end as status,
        coalesce(trends.trend, 'unknown') as trend,
        coalesce(data_status.data_status, 'missing') as data_status
    from compared
    inner join catalogue on compared.kpi_id = catalogue.kpi_id
    left join running
        on
            compared.kpi_id = running.kpi_id
            and compared.period_grain = running.period_grain
            and compared.dimension = running.dimension
            and compared.segment = running.segment
    left join benchmarks
        on
            compared.kpi_id = benchmarks.kpi_id
            and compared.period_grain = benchmarks.period_grain
            and compared.dimension = benchmarks.dimension
            and compared.segment = benchmarks.segment
    left join trends
        on
            compared.kpi_id = trends.kpi_id
            and compared.period_grain = trends.period_grain
            and compared.dimension = trends.dimension
            and compared.segment = trends.segment
    left join data_status on compared.kpi_id = data_status.kpi_id
)

select * from scored
