{# The published period grains with their length as an interval and the step to the same period of
   last year; weeks step by 364 days, so that weekdays stay aligned. #}
{% macro period_grains() -%}
    {{ return({
        'day': {'length': "interval '1' day", 'year': "interval '1' year"},
        'week': {'length': "interval '7' day", 'year': "interval '364' day"},
        'month': {'length': "interval '1' month", 'year': "interval '1' year"},
        'quarter': {'length': "interval '3' month", 'year': "interval '1' year"},
        'year': {'length': "interval '1' year", 'year': "interval '1' year"},
    }) }}
{%- endmacro %}
