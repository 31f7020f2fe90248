{# The first day of the period of `grain` that holds a day. Weeks start on the company's weekday,
   which is Monday for ISO's; quarters and years follow its fiscal year, whatever month that starts
   in. #}
{% macro period_start(grain, day) -%}
    {%- set months = var('fiscal_year_starts_in') - 1 -%}
    {%- set days = var('week_starts_on') - 1 -%}
    {%- if months and grain in ('quarter', 'year') -%}
        {%- set moved = 'cast(' ~ day ~ " - interval '" ~ months ~ "' month as date)" -%}
        cast({{ dbt.date_trunc(grain, moved) }} + interval '{{ months }}' month as date)
    {%- elif days and grain == 'week' -%}
        {%- set moved = 'cast(' ~ day ~ " - interval '" ~ days ~ "' day as date)" -%}
        cast({{ dbt.date_trunc(grain, moved) }} + interval '{{ days }}' day as date)
    {%- else -%}
        cast({{ dbt.date_trunc(grain, day) }} as date)
    {%- endif -%}
{%- endmacro %}
