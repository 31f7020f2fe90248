{# The end of a text, within a regular expression: Java's `$` also stands before a last line end. #}
{% macro text_end() -%}
    {{ return(adapter.dispatch('text_end')()) }}
{%- endmacro %}

{% macro default__text_end() -%}
    $
{%- endmacro %}

{% macro spark__text_end() -%}
    \\z
{%- endmacro %}
