{# The UTC instant at which a business day begins. Where midnight occurs twice in a night, engines
   choose differently; the day begins with the first. #}
{% macro business_day_start(day) -%}
    {%- set midnight = utc_instant('cast(' ~ day ~ ' as timestamp)') -%}
    {%- set hour_before = '(' ~ midnight ~ " - interval '1' hour)" -%}
    case
        when {{ business_date(hour_before) }} = {{ day }} then {{ hour_before }} else {{ midnight }}
    end
{%- endmacro %}
