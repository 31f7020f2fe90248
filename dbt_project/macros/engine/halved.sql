{# A whole number of at least 0, halved some whole number of times and cut to whole units. #}
{% macro halved(number, times) -%}
    {{ return(adapter.dispatch('halved')(number, times)) }}
{%- endmacro %}

{# A shift of a whole word or more would start anew on some engines. #}
{% macro default__halved(number, times) -%}
    (({{ number }}) >> least({{ times }}, 63))
{%- endmacro %}

{% macro spark__halved(number, times) -%}
    shiftright({{ number }}, cast(least({{ times }}, 63) as int))
{%- endmacro %}
