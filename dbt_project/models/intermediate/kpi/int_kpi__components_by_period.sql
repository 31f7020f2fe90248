{#- Every model of components that are computed by period and never added up. -#}
{%- set component_models = [
    'int_kpi__customer_components',
    'int_kpi__lifetime_components',
    'int_kpi__state_components',
    'int_kpi__target_components',
] -%}
-- What adds up is the sum of its days; the segments of a dimension are a partition of the same
-- cases, so that they add up to the whole.
with daily as (
    select * from {{ ref('int_kpi__components_daily') }}
),

by_period as (
    select
        daily.component,
        cast(null as {{ dbt.type_string() }}) as raw_table,
        period_days.period_grain,
        period_days.period_start,
        daily.dimension,
        daily.segment,
        cast(sum(daily.amount) as decimal(28, 4)) as amount,
        cast(sum(daily.sample) as bigint) as sample,
        min(daily.raw_table) = max(daily.raw_table) as is_of_one_table
    from daily
    inner join {{ ref('int_core__period_days') }} as period_days
        on daily.activity_date = period_days.date_day
    group by
        daily.component,
        period_days.period_grain,
        period_days.period_start,
        daily.dimension,
        daily.segment

    {% for model in component_models %}
        union all

        select
            component,
            raw_table,
            period_grain,
            period_start,
            dimension,
            segment,
            amount,
            sample,
            false as is_of_one_table
        from {{ ref(model) }}
    {% endfor %}
)

select * from by_period
