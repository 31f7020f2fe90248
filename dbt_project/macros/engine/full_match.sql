{# Whether a whole value matches a case-insensitive regular expression held in a column. #}
{% macro full_match(value, pattern) -%}
    {{ return(adapter.dispatch('full_match')(value, pattern)) }}
{%- endmacro %}

{% macro default__full_match(value, pattern) -%}
    regexp_full_match({{ value }}, {{ pattern }}, 'i')
{%- endmacro %}

{% macro spark__full_match(value, pattern) -%}
    {{ value }} rlike concat('(?i)^(?:', {{ pattern }}, ')$')
{%- endmacro %}
