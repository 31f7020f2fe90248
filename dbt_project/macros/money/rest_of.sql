{# What a total says beyond its parts: never less than nothing, the total itself without parts. #}
{% macro rest_of(total, parts) -%}
    case when {{ parts }} > {{ total }} then 0 else {{ total }} - coalesce({{ parts }}, 0) end
{%- endmacro %}
