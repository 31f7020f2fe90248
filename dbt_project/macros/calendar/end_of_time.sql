{# Later than every instant of the data: it stands for a time that nobody knows. #}
{% macro end_of_time() -%}
    cast('9999-12-31 00:00:00' as timestamp)
{%- endmacro %}
