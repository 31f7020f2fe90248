{#- Every model of components that add up: one row per component, day and segment. -#}
{%- set component_models = [
    'int_kpi__order_components',
    'int_kpi__product_components',
    'int_kpi__session_components',
    'int_kpi__cart_components',
    'int_kpi__lead_components',
    'int_kpi__marketing_components',
    'int_kpi__deal_components',
    'int_kpi__service_components',
] -%}
with components as (
    {% for model in component_models %}
        select
            component,
            raw_table,
            maturity_days,
            activity_date,
            dimension,
            segment,
            amount,
            sample
        from {{ ref(model) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from components
