{# A number that stands for the values of a row, so that a sum of them tells tables apart; each engine
   has its own, and compares only what it has built itself. #}
{% macro row_digest(columns) -%}
    {{ return(adapter.dispatch('row_digest')(columns)) }}
{%- endmacro %}

{% macro default__row_digest(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__row_digest(columns) -%}
    cast(xxhash64({{ columns | join(', ') }}) as decimal(20, 0))
{%- endmacro %}
