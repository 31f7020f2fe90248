{#
    How a model is kept whose query reads a CTE of its own, or is read, several times in one query: as
    a view where the engine computes a CTE once for all who read it, else as a table. The rows are the
    same.
#}
{% macro view_of_ctes() -%}
    {{ return(adapter.dispatch('view_of_ctes')()) }}
{%- endmacro %}

{% macro default__view_of_ctes() -%}
    {{ return('table') }}
{%- endmacro %}

{% macro duckdb__view_of_ctes() -%}
    {{ return('view') }}
{%- endmacro %}
