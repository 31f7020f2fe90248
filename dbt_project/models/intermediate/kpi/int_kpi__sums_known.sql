-- A segment of a sum has no row in a period in which it had no case. Where the whole is known, it
-- brought nothing then.
with sums as (
    select kpi_id
    from {{ ref('int_kpi__catalogue') }}
    where is_additive and denominator is null
),

known as (
    select
        kpi_values.kpi_id,
        kpi_values.period_grain,
        kpi_values.period_start,
        cast(0 as double) as value_without_cases
    from {{ ref('int_kpi__values') }} as kpi_values
    inner join sums on kpi_values.kpi_id = sums.kpi_id
    where
        kpi_values.dimension = 'overall'
        and kpi_values.is_complete
        and kpi_values.value is not null
)

select * from known
