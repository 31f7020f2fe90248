{# The first year that the calendar has, and the one after its last. #}
{% macro first_calendar_year() -%}
    2000
{%- endmacro %}

{% macro calendar_end_year() -%}
    2060
{%- endmacro %}

{# Every day of the calendar, and of some years before it, as `date_day`. #}
{% macro calendar_spine(years_before=0) -%}
    {{ dbt.date_spine(
        "day",
        "cast('" ~ (first_calendar_year() | int - years_before) ~ "-01-01' as date)",
        "cast('" ~ calendar_end_year() ~ "-01-01' as date)"
    ) }}
{%- endmacro %}
