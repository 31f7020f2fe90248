{# What service is cut by, and the segment of a row of tickets or survey answers along one of them. #}
{% macro service_dimensions() -%}
    {{ return(['overall', 'channel', 'priority', 'team', 'assignee', 'topic', 'country']) }}
{%- endmacro %}

{% macro service_segment(dimension) -%}
    {%- if dimension == 'overall' -%}
        'all'
    {%- elif dimension == 'assignee' -%}
        coalesce(assignee_id, '(unknown)')
    {%- else -%}
        coalesce({{ dimension }}, '(unknown)')
    {%- endif -%}
{%- endmacro %}
