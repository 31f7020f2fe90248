{# The first day of the period of `grain` that holds a day. Weeks are ISO's; quarters and years follow
   the company's fiscal year, whatever month it starts in. #}
{% macro period_start(grain, day) -%}
    {%- set months = var('fiscal_year_starts_in') - 1 -%}
    {%- if months and grain in ('quarter', 'year') -%}
        {%- set moved = 'cast(' ~ day ~ " - interval '" ~ months ~ "' month as date)" -%}
        cast({{ dbt.date_trunc(grain, moved) }} + interval '{{ months }}' month as date)
    {%- else -%}
        cast({{ dbt.date_trunc(grain, day) }} as date)
    {%- endif -%}
{%- endmacro %}
