{# An instant as the number of microseconds since 1970, and the instant of such a number. #}
{% macro microseconds(instant) -%}
    {{ return(adapter.dispatch('microseconds')(instant)) }}
{%- endmacro %}

{% macro default__microseconds(instant) -%}
    epoch_us({{ instant }})
{%- endmacro %}

{% macro spark__microseconds(instant) -%}
    unix_micros({{ instant }})
{%- endmacro %}

{% macro instant_of(number) -%}
    {{ return(adapter.dispatch('instant_of')(number)) }}
{%- endmacro %}

{% macro default__instant_of(number) -%}
    make_timestamp({{ number }})
{%- endmacro %}

{% macro spark__instant_of(number) -%}
    timestamp_micros({{ number }})
{%- endmacro %}
