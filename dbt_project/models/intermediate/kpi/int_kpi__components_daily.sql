{#- Every model of components: one row per component, day and combination of dimensions. -#}
{%- set component_models = [
    'int_kpi__order_components',
    'int_kpi__session_components',
    'int_kpi__lead_components',
    'int_kpi__spend_components',
] -%}
with components as (
    {% for model in component_models %}
        select
            component,
            raw_table,
            maturity_days,
            activity_date,
            country,
            segment,
            channel,
            device,
            amount,
            sample
        from {{ ref(model) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from components
