{# Whether a whole value matches a case-insensitive regular expression held in a column. #}
{% macro full_match(value, pattern) -%}
    {{ return(adapter.dispatch('full_match')(value, pattern)) }}
{%- endmacro %}

{% macro default__full_match(value, pattern) -%}
    regexp_full_match({{ value }}, {{ pattern }}, 'i')
{%- endmacro %}

{# The flags make Java's expressions fold the case of all letters and end lines at \n alone. #}
{% macro spark__full_match(value, pattern) -%}
    {{ value }} rlike ('(?iud)^(?:' || {{ pattern }} || ')\\z')
{%- endmacro %}
