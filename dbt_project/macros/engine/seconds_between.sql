{# Seconds from one instant to another, with their fraction. #}
{% macro seconds_between(from_instant, to_instant) -%}
    ({{ microseconds(to_instant) }} - {{ microseconds(from_instant) }}) / cast(1000000 as double)
{%- endmacro %}
