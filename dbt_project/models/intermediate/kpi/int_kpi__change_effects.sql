{{ config(materialized=view_of_ctes()) }}
with kpi_values as (
    select * from {{ ref('int_kpi__values') }}
    where is_complete
),

catalogue as (
    select
        kpi_id,
        scale,
        is_additive
    from {{ ref('int_kpi__catalogue') }}
),

periods as (
    {{ explained_periods() }}
),

pairs as (
    select
        catalogue.kpi_id,
        periods.period_grain,
        periods.period_start,
        periods.compared_with,
        periods.base_period_start,
        catalogue.scale,
        catalogue.is_additive
    from periods
    cross join catalogue
),

{{ change_effects('pairs', 'kpi_values') }}

select * from change_effects
