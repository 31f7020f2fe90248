-- Our latest complete value among the competitors' latest known ones; rank 1 is the best.
with kpi_values as (
    select
        kpi_id,
        period_grain,
        period_start,
        dimension,
        segment,
        value
    from {{ ref('int_kpi__values') }}
    where is_complete and value is not null and dimension = 'overall'
),

catalogue as (
    select
        kpi_id,
        direction
    from {{ ref('int_kpi__catalogue') }}
),

latest_values as (
    select *
    from kpi_values
    qualify
        row_number() over (
            partition by kpi_id, period_grain, dimension, segment
            order by period_start desc nulls last
        ) = 1
),

known_benchmarks as (
    select
        latest_values.kpi_id,
        latest_values.period_grain,
        latest_values.dimension,
        latest_values.segment,
        latest_values.value,
        benchmarks.competitor,
        cast(benchmarks.value as double) as competitor_value
    from latest_values
    inner join {{ ref('kpi_benchmarks') }} as benchmarks
        on
            latest_values.kpi_id = benchmarks.kpi_id
            and latest_values.segment = benchmarks.segment
            and latest_values.period_start >= benchmarks.period_start
    where benchmarks.definition_match <> 'different'
    qualify
        row_number() over (
            partition by
                latest_values.kpi_id,
                latest_values.period_grain,
                latest_values.dimension,
                latest_values.segment,
                benchmarks.competitor
            order by benchmarks.period_start desc nulls last
        ) = 1
),

ranked as (
    select
        known_benchmarks.kpi_id,
        known_benchmarks.period_grain,
        known_benchmarks.dimension,
        known_benchmarks.segment,
        cast(
            percentile_cont(0.5) within group (order by known_benchmarks.competitor_value)
            as double
        ) as benchmark_value,
        cast(count(*) as bigint) as competitors,
        cast(
            1 + sum(
                case
                    when
                        catalogue.direction = 'down'
                        and known_benchmarks.competitor_value < known_benchmarks.value
                        then 1
                    when
                        catalogue.direction <> 'down'
                        and known_benchmarks.competitor_value > known_benchmarks.value
                        then 1
                    else 0
                end
            ) as bigint
        ) as benchmark_rank
    from known_benchmarks
    inner join catalogue on known_benchmarks.kpi_id = catalogue.kpi_id
    group by
        known_benchmarks.kpi_id,
        known_benchmarks.period_grain,
        known_benchmarks.dimension,
        known_benchmarks.segment
)

select * from ranked
