{# A text with another one in place of everything in it that matches a regular expression. #}
{% macro all_replaced(text, pattern, replacement) -%}
    {{ return(adapter.dispatch('all_replaced')(text, pattern, replacement)) }}
{%- endmacro %}

{% macro default__all_replaced(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, {{ replacement }}, 'g')
{%- endmacro %}

{% macro spark__all_replaced(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, {{ replacement }})
{%- endmacro %}
