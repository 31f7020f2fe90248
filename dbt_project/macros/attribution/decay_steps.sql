{# Steps in which the weight of a touch falls within one 256th of a half-life, and 256ths. #}
{% macro decay_steps() -%}
    {{ return(256) }}
{%- endmacro %}
