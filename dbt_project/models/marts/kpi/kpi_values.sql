with kpi_values as (
    select
        kpi_id,
        period_grain,
        period_start,
        dimension,
        segment,
        numerator,
        denominator,
        value,
        sample,
        is_complete,
        has_data
    from {{ ref('int_kpi__values') }}
)

select * from kpi_values
