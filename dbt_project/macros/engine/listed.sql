{# In an aggregate: the different texts of a column in their order, as one text with commas between; null
   where there is none. #}
{% macro listed(column) -%}
    {{ return(adapter.dispatch('listed')(column)) }}
{%- endmacro %}

{% macro default__listed(column) -%}
    nullif(array_join(array_sort(collect_set({{ column }})), ', '), '')
{%- endmacro %}

{% macro duckdb__listed(column) -%}
    string_agg(distinct {{ column }}, ', ' order by {{ column }})
{%- endmacro %}
