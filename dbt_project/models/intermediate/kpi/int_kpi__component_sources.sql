-- What does not add up has no days in which alerts could be looked for, nor has what refunds alone
-- are known of: revenue, where no order that counts ever came. No day is judged before all that the
-- component is made of has reached it: a cost of which only a fair's share has come is no drop.
with described as (
    select
        component_tables.component,
        component_tables.raw_table,
        extents.maturity_days,
        extents.known_from as first_date,
        cast(
            least(extents.last_date, extents.data_until - {{ day_interval(1) }}) as date
        ) as last_date,
        raw_tables.freshness,
        component_tables.component in ({{ components_having('unit', 'currency') }}) as is_money
    from {{ ref('int_kpi__component_tables') }} as component_tables
    inner join {{ ref('int_kpi__component_extents') }} as extents
        on component_tables.component = extents.component
    inner join {{ ref('int_core__raw_tables') }} as raw_tables
        on component_tables.raw_table = raw_tables.raw_table
    where component_tables.adds_up and extents.last_date is not null
)

select * from described
