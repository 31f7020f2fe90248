{# The raw tables that each component is made of: those whose rows it counts, and refunds where it is
   less them. Of refunds there may be none for long, so that they never go stale. #}
{% macro component_feeds() -%}
    select
        component,
        raw_table,
        is_to_date,
        true as goes_stale
    from {{ ref('int_kpi__component_tables') }}

    union all

    select
        component,
        'shop_refunds' as raw_table,
        is_to_date,
        false as goes_stale
    from {{ ref('int_kpi__component_tables') }}
    where is_less_refunds
{%- endmacro %}
