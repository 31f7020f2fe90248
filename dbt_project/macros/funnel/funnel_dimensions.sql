{#
    The dimensions of funnels, with whose funnels have each, as the inside of a list in SQL. Each but
    `overall` is a column of int_funnel__entries and of what int_funnel__step_losses divides by.
#}
{% macro funnel_dimensions() -%}
    {%- set sales = "'lead', 'opportunity'" -%}
    {%- set everybody = "'person', " ~ sales -%}
    {{ return({
        'overall': everybody,
        'channel': everybody,
        'campaign': everybody,
        'country': everybody,
        'segment': everybody,
        'device': "'person'",
        'visitor_type': "'person'",
        'lead_source': sales,
        'product': "'opportunity'",
        'rep': sales,
        'team': sales,
    }) }}
{%- endmacro %}

{# A row's segment of a dimension, which is a column: the undivided whole is one segment. #}
{% macro segment_of(dimension) -%}
    {%- if dimension == 'overall' -%}
        'all'
    {%- else -%}
        coalesce({{ dimension }}, '(unknown)')
    {%- endif -%}
{%- endmacro %}
