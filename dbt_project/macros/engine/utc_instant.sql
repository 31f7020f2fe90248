{# The UTC instant of a wall-clock time of the business timezone. #}
{% macro utc_instant(local_time) -%}
    {{ return(adapter.dispatch('utc_instant')(local_time)) }}
{%- endmacro %}

{% macro default__utc_instant(local_time) -%}
    timezone('UTC', timezone('{{ var("business_timezone") }}', {{ local_time }}))
{%- endmacro %}

{% macro spark__utc_instant(local_time) -%}
    to_utc_timestamp({{ local_time }}, '{{ var("business_timezone") }}')
{%- endmacro %}
