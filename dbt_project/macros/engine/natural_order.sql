{# A text that sorts as a person counts, `week_9` before `week_10`: each number gets twelve digits. #}
{% macro natural_order(text) -%}
    {{ return(adapter.dispatch('natural_order')(text)) }}
{%- endmacro %}

{% macro default__natural_order(text) -%}
    regexp_replace(
        regexp_replace({{ text }}, '([0-9]+)', '000000000000\1', 'g'),
        '0*([0-9]{12})([^0-9]|$)', '\1\2', 'g'
    )
{%- endmacro %}

{% macro spark__natural_order(text) -%}
    regexp_replace(
        regexp_replace({{ text }}, '([0-9]+)', '000000000000$1'),
        '0*([0-9]{12})([^0-9]|$)', '$1$2'
    )
{%- endmacro %}
