{# A number that stands for the values of a row (`columns`: their names with commas between), so that a
   sum of them tells tables apart. Each engine has its own, and compares only what it built itself. #}
{% macro row_digest(columns) -%}
    {{ return(adapter.dispatch('row_digest')(columns)) }}
{%- endmacro %}

{% macro default__row_digest(columns) -%}
    hash({{ columns }})
{%- endmacro %}

{% macro spark__row_digest(columns) -%}
    cast(xxhash64({{ columns }}) as decimal(20, 0))
{%- endmacro %}
