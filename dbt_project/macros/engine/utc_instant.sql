{#
    The UTC instant of a wall-clock time of the business timezone. A time that the clock skips is
    read as if it had not; of a time that comes twice, the later one is taken.
#}
{% macro utc_instant(local_time) -%}
    {{ return(adapter.dispatch('utc_instant')(local_time)) }}
{%- endmacro %}

{% macro default__utc_instant(local_time) -%}
    timezone('UTC', timezone('{{ var("business_timezone") }}', {{ local_time }}))
{%- endmacro %}

{# to_utc_timestamp() alone takes the earlier one. #}
{% macro spark__utc_instant(local_time) -%}
    {%- set zone = "'" ~ var("business_timezone") ~ "'" -%}
    {%- set earlier = "to_utc_timestamp(" ~ local_time ~ ", " ~ zone ~ ")" -%}
    case
        when from_utc_timestamp({{ earlier }} + interval '1' hour, {{ zone }}) = {{ local_time }}
            then {{ earlier }} + interval '1' hour
        else {{ earlier }}
    end
{%- endmacro %}
