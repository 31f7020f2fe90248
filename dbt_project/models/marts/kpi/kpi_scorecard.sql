with catalogue as (
    select * from {{ ref('int_kpi__catalogue') }}
    where is_selected
),

latest as (
    select * from {{ ref('int_kpi__latest_values') }}
),

running as (
    select * from {{ ref('int_kpi__running_pace') }}
),

benchmarks as (
    select * from {{ ref('int_kpi__benchmarks_ranked') }}
),

trends as (
    select * from {{ ref('int_kpi__trends') }}
),

data_status as (
    select
        kpi_id,
        data_status,
        last_refused_on
    from {{ ref('int_kpi__data_status') }}
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
        latest.previous_value,
        latest.last_year_value,
        latest.target_value,
        latest.target_set_on,
        {{ attainment('catalogue.direction', 'latest.value', 'latest.target_value') }} as attainment
    from latest
    inner join catalogue on latest.kpi_id = catalogue.kpi_id
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
        compared.value - compared.previous_value as change_on_previous,
        {{ ratio('compared.value - compared.previous_value', 'abs(compared.previous_value)') }}
            as relative_change_on_previous,
        compared.last_year_value,
        compared.value - compared.last_year_value as change_on_last_year,
        {{ ratio('compared.value - compared.last_year_value', 'abs(compared.last_year_value)') }}
            as relative_change_on_last_year,
        compared.target_value,
        compared.target_set_on,
        compared.value - compared.target_value as target_gap,
        compared.attainment,
        coalesce(running.running_period_start, running_wholes.running_period_start)
            as running_period_start,
        running.running_target_value,
        -- A segment of a sum that has no row yet has brought nothing so far.
        case
            when
                running.kpi_id is null
                and running_wholes.value_to_date is not null
                and catalogue.is_additive
                and catalogue.denominator is null
                then cast(0 as double)
            else running.value_to_date
        end as value_to_date,
        running.pace,
        benchmarks.benchmark_value,
        benchmarks.competitors,
        benchmarks.benchmark_rank,
        benchmarks.benchmark_definition_match,
        benchmarks.benchmark_period_start,
        case
            when not compared.has_data or compared.value is null then 'no_data'
            -- A file refused since the period began may be what is missing: nothing is judged.
            when data_status.last_refused_on >= compared.period_start then 'no_data'
            when compared.target_value is null then 'no_target'
            else {{ target_status(
                'catalogue', 'compared.attainment', 'compared.value', 'compared.target_value'
            ) }}
        end as status,
        coalesce(trends.trend, 'unknown') as trend,
        case
            when
                data_status.data_status = 'fresh'
                and data_status.last_refused_on >= compared.period_start
                then 'quarantined'
            else coalesce(data_status.data_status, 'missing')
        end as data_status
    from compared
    inner join catalogue on compared.kpi_id = catalogue.kpi_id
    left join running
        on
            compared.kpi_id = running.kpi_id
            and compared.period_grain = running.period_grain
            and compared.dimension = running.dimension
            and compared.segment = running.segment
    left join running as running_wholes
        on
            compared.kpi_id = running_wholes.kpi_id
            and compared.period_grain = running_wholes.period_grain
            and running_wholes.dimension = 'overall'
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
