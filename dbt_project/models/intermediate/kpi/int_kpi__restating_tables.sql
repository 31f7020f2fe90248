-- What became of a case is told by other tables, on other days, until the case is mature.
with component_tables as (
    {{ component_feeds() }}
),

maturities as (
    select
        component,
        max(maturity_days) as maturity_days
    from {{ ref('int_kpi__component_tables') }}
    group by component
),

feeds as (
    select
        component,
        raw_table,
        is_to_date,
        0 as reach_days
    from component_tables

    union all

    select
        restaters.component,
        restaters.raw_table,
        restaters.is_by_any_date or restaters.component in ({{ components_having('to_date') }})
            as is_to_date,
        case when restaters.is_by_any_date then maturities.maturity_days else 0 end as reach_days
    from ({{ component_restaters() }}) as restaters
    inner join maturities on restaters.component = maturities.component
),

kpi_tables as (
    select
        catalogue.kpi_id,
        feeds.raw_table,
        max(case when feeds.is_to_date then 1 else 0 end) = 1 as is_to_date,
        cast(max(feeds.reach_days) as bigint) as reach_days
    from {{ ref('int_kpi__catalogue') }} as catalogue
    inner join feeds on feeds.component in (catalogue.numerator, catalogue.denominator)
    group by catalogue.kpi_id, feeds.raw_table
)

select * from kpi_tables
