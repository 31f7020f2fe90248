with sources as (
    select distinct
        component,
        raw_table
    from {{ ref('int_kpi__components_daily') }}
),

described as (
    select
        sources.component,
        sources.raw_table,
        extents.maturity_days,
        extents.first_date,
        extents.last_date,
        raw_tables.freshness
    from sources
    inner join {{ ref('int_kpi__component_extents') }} as extents
        on sources.component = extents.component
    inner join {{ ref('int_core__raw_tables') }} as raw_tables
        on sources.raw_table = raw_tables.raw_table
)

select * from described
