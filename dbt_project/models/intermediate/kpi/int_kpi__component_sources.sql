-- What does not add up has no days in which alerts could be looked for, nor has what refunds alone
-- are known of: revenue, where no order that counts ever came. Of several tables, one that has rows
-- every day is waited for: a cost of which only the fair's share has come is no drop. The web's two
-- stand for one another.
with counted as (
    select
        component_tables.component,
        case
            when component_tables.raw_table in ('web_events', 'web_sessions') then 'web'
            else component_tables.raw_table
        end as source,
        case
            when raw_tables.reached_on is not null
                then {{ business_date('raw_tables.last_row_at') }}
            else {{ as_of_date() }}
        end as reached_on
    from {{ ref('int_kpi__component_tables') }} as component_tables
    inner join {{ ref('int_core__raw_tables') }} as raw_tables
        on component_tables.raw_table = raw_tables.raw_table
    where component_tables.adds_up
),

sources as (
    select
        component,
        source,
        max(reached_on) as reached_on
    from counted
    group by component, source
),

reached as (
    select
        component,
        min(reached_on) as reached_on
    from sources
    group by component
),

described as (
    select
        component_tables.component,
        component_tables.raw_table,
        extents.maturity_days,
        extents.known_from as first_date,
        least(extents.last_date, reached.reached_on) as last_date,
        raw_tables.freshness,
        component_tables.component in ({{ components_having('unit', 'currency') }}) as is_money
    from {{ ref('int_kpi__component_tables') }} as component_tables
    inner join {{ ref('int_kpi__component_extents') }} as extents
        on component_tables.component = extents.component
    inner join reached on component_tables.component = reached.component
    inner join {{ ref('int_core__raw_tables') }} as raw_tables
        on component_tables.raw_table = raw_tables.raw_table
    where component_tables.adds_up and extents.last_date is not null
)

select * from described
