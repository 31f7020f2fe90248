{# A UTC instant as the wall-clock time of the business timezone. #}
{% macro business_time(instant) -%}
    {{ return(adapter.dispatch('business_time')(instant)) }}
{%- endmacro %}

{% macro default__business_time(instant) -%}
    timezone('{{ var("business_timezone") }}', timezone('UTC', {{ instant }}))
{%- endmacro %}

{% macro spark__business_time(instant) -%}
    from_utc_timestamp({{ instant }}, '{{ var("business_timezone") }}')
{%- endmacro %}
