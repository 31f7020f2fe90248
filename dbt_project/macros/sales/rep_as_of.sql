{# The join condition that finds the period of a rep that holds a day, in int_core__sales_reps as
   `periods`: at most one row, and none where the rep was in no team. #}
{% macro rep_as_of(periods, rep_key, day) -%}
    {{ rep_key }} = {{ periods }}.rep_key
    and {{ day }} between {{ periods }}.valid_from and {{ periods }}.valid_until
{%- endmacro %}
