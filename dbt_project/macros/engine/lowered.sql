{# A text in lower case, letter by letter: İ is an i, and Σ a σ wherever it stands. #}
{% macro lowered(text) -%}
    {{ return(adapter.dispatch('lowered')(text)) }}
{%- endmacro %}

{% macro default__lowered(text) -%}
    lower({{ text }})
{%- endmacro %}

{# Java makes of İ an i with a dot above it, which is no i to a rule, and of a word's last Σ a ς. #}
{% macro spark__lowered(text) -%}
    lower(translate({{ text }}, 'İΣ', 'iσ'))
{%- endmacro %}
