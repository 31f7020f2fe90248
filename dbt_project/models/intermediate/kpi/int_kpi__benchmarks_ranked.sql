-- Our latest complete value among the competitors' latest known ones; rank 1 is the best. A
-- benchmark has no period length: a ratio or a median is held against it at every grain, a sum or a
-- count only in years. Of a KPI that should stay near its target, neither more nor less is better.
with latest_values as (
    select
        kpi_id,
        period_grain,
        period_start,
        dimension,
        segment,
        value
    from {{ ref('int_kpi__latest_values') }}
    where dimension = 'overall'
),

catalogue as (
    select
        kpi_id,
        denominator,
        is_additive,
        unit,
        direction
    from {{ ref('int_kpi__catalogue') }}
),

known_benchmarks as (
    select
        latest_values.kpi_id,
        latest_values.period_grain,
        latest_values.dimension,
        latest_values.segment,
        latest_values.value,
        benchmarks.competitor,
        benchmarks.definition_match,
        benchmarks.period_start as benchmark_period_start,
        catalogue.direction,
        cast(benchmarks.value as double) as competitor_value
    from latest_values
    inner join catalogue on latest_values.kpi_id = catalogue.kpi_id
    inner join {{ ref('kpi_benchmarks') }} as benchmarks
        on
            latest_values.kpi_id = benchmarks.kpi_id
            and latest_values.segment = benchmarks.segment
            and latest_values.period_start >= benchmarks.period_start
    where
        latest_values.value is not null
        and benchmarks.definition_match <> 'different'
        and (
            catalogue.denominator is not null
            or (not catalogue.is_additive and catalogue.unit not in ('currency', 'count'))
            or latest_values.period_grain = 'year'
        )
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
        kpi_id,
        period_grain,
        dimension,
        segment,
        cast(
            percentile_cont(0.5) within group (order by competitor_value)
            as double
        ) as benchmark_value,
        cast(count(*) as bigint) as competitors,
        cast(
            1 + sum(
                case
                    when direction = 'down' and competitor_value < value then 1
                    when direction = 'up' and competitor_value > value then 1
                    when direction <> 'range' then 0
                end
            ) as bigint
        ) as benchmark_rank,
        -- The loosest match among them: a rank is as good as the worst of its comparisons.
        case
            when sum(case when definition_match = 'close' then 1 else 0 end) > 0 then 'close'
            else 'same'
        end as benchmark_definition_match,
        min(benchmark_period_start) as benchmark_period_start
    from known_benchmarks
    group by kpi_id, period_grain, dimension, segment
)

select * from ranked
