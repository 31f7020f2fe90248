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
        data_status
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
            -- A cost of nothing, or a target of nothing: no share of it, but met or not.
            when
                compared.attainment is null
                and catalogue.direction = 'down'
                and compared.value <= compared.target_value
                then 'on_track'
            when
                compared.attainment is null
                and catalogue.direction <> 'down'
                and compared.value >= compared.target_value
                then 'on_track'
            when compared.attainment >= catalogue.warn_at then 'on_track'
            when compared.attainment >= catalogue.alert_at then 'at_risk'
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
