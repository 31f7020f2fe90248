{# The weekday of a day, 1 for Monday to 7 for Sunday, as ISO has it. #}
{% macro iso_weekday(day) -%}
    {%- set monday = 'cast(' ~ dbt.date_trunc('week', day) ~ ' as date)' -%}
    1 - cast({{ dbt.datediff(day, monday, 'day') }} as bigint)
{%- endmacro %}
