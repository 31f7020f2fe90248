{# The first year that the calendar has, and the one after its last. #}
{% macro first_calendar_year() -%}
    2000
{%- endmacro %}

{% macro calendar_end_year() -%}
    2060
{%- endmacro %}

{# Every day from `first_date` until before `end_date`, columns of the one row of `bounds`, as `date_day`.
   The periods of the calendar's first day may begin up to a year before it. #}
{% macro days_within(bounds) -%}
    select cast(spine.date_day as date) as date_day
    from (
        {{ dbt.date_spine(
            "day",
            "cast('" ~ (first_calendar_year() | int - 1) ~ "-01-01' as date)",
            "cast('" ~ calendar_end_year() ~ "-01-01' as date)"
        ) }}
    ) as spine
    inner join {{ bounds }}
        on
            cast(spine.date_day as date) >= {{ bounds }}.first_date
            and cast(spine.date_day as date) < {{ bounds }}.end_date
{%- endmacro %}
