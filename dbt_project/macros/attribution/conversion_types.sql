{# The types of conversions there are. #}
{% macro conversion_types() -%}
    {{ return(['order', 'opportunity']) }}
{%- endmacro %}

{# Whether a type of conversion (`column`) is one that type `all`, KPIs and budgets add up. #}
{% macro is_in_all(column) -%}
    {{ column }} in ('{{ var("attribution_all_counts") | join("', '") }}')
{%- endmacro %}
