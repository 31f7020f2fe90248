-- The worst state of the raw tables that a KPI's components come from; a component may come from
-- several. What was refused long ago is no longer held against a KPI. A seed is never stale, nor
-- are refunds: there may be none for long.
with catalogue as (
    select
        kpi_id,
        numerator,
        denominator
    from {{ ref('int_kpi__catalogue') }}
),

health as (
    select
        raw_table,
        freshness,
        rows_quarantined_recently,
        files_refused_recently,
        {{ business_date('last_refusal_at') }} as last_refused_on
    from {{ ref('int_core__raw_tables') }}
),

component_tables as (
    {{ component_feeds() }}
),

component_status as (
    select
        component_tables.component,
        case
            when component_tables.goes_stale and health.freshness = 'empty' then 3
            when component_tables.goes_stale and health.freshness = 'stale' then 2
            when health.rows_quarantined_recently > 0 or health.files_refused_recently > 0 then 1
            else 0
        end as severity,
        health.last_refused_on
    from component_tables
    left join health on component_tables.raw_table = health.raw_table
),

worst as (
    select
        catalogue.kpi_id,
        max(case when component_status.component is null then 3 else component_status.severity end)
            as severity,
        max(component_status.last_refused_on) as last_refused_on
    from (
        select
            kpi_id,
            numerator as component
        from catalogue
        union all
        select
            kpi_id,
            denominator as component
        from catalogue
        where denominator is not null
    ) as catalogue
    left join component_status on catalogue.component = component_status.component
    group by catalogue.kpi_id
),

named as (
    select
        kpi_id,
        case severity
            when 3 then 'missing'
            when 2 then 'stale'
            when 1 then 'quarantined'
            else 'fresh'
        end as data_status,
        last_refused_on
    from worst
)

select * from named
