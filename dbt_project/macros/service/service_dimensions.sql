{# What service is cut by: columns of tickets and of survey answers. #}
{% macro service_dimensions() -%}
    {{ return(['overall', 'channel', 'priority', 'team', 'assignee', 'topic', 'country']) }}
{%- endmacro %}
