{# The business day on which a UTC instant falls. #}
{% macro business_date(instant) -%}
    cast({{ business_time(instant) }} as date)
{%- endmacro %}
