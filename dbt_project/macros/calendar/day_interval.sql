{# A number of 24-hour days as an interval that can be added to an instant. #}
{% macro day_interval(days) -%}
    interval '{{ days }}' day
{%- endmacro %}
