-- A component spans what the raw tables behind it span: a month without a refund, between the first
-- order and the last, has refunds of zero, not unknown ones. Where a table has gone stale, data
-- reach only to its last row: what lies after it is not known to be nothing.
with daily as (
    select
        component,
        raw_table,
        maturity_days,
        activity_date
    from {{ ref('int_kpi__components_daily') }}
),

spans as (
    select
        raw_table,
        min(activity_date) as first_date,
        max(activity_date) as last_date
    from daily
    group by raw_table
),

raw_tables as (
    select
        spans.raw_table,
        spans.first_date,
        spans.last_date,
        cast(
            case
                when health.freshness = 'stale'
                    then {{ business_date('health.last_row_at') }} + {{ day_interval(1) }}
                else {{ as_of_date() }}
            end as date
        ) as data_until
    from spans
    left join {{ ref('int_core__raw_tables') }} as health on spans.raw_table = health.raw_table
),

component_tables as (
    select
        component,
        raw_table,
        max(maturity_days) as maturity_days
    from daily
    group by component, raw_table
),

extents as (
    select
        component_tables.component,
        max(component_tables.maturity_days) as maturity_days,
        min(raw_tables.first_date) as first_date,
        max(raw_tables.last_date) as last_date,
        max(raw_tables.data_until) as data_until
    from component_tables
    inner join raw_tables on component_tables.raw_table = raw_tables.raw_table
    group by component_tables.component
)

select * from extents
