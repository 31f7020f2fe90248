{# The mean of a column of hours, the same in whatever order its rows are added: microseconds add up
   exactly, doubles do not. #}
{% macro mean_hours(hours) -%}
    cast(sum(cast({{ hours }} * 3600 as decimal(24, 6))) as double)
    / nullif(cast(count({{ hours }}) as double), 0) / 3600
{%- endmacro %}
