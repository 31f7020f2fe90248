{# The day that a row dated `day` counts for: the running one where its clock is ahead of ours. What
   is more than a day ahead the audit stops. #}
{% macro counted_date(day) -%}
    case when {{ day }} > {{ as_of_date() }} then {{ as_of_date() }} else {{ day }} end
{%- endmacro %}
