{#
    The components whose amounts add up over days and segments, as `meta.components` of the seed
    kpi_catalogue says: the inside of a list in SQL.
#}
{% macro components_that_add_up() -%}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- set seed = graph.nodes['seed.kpi_warehouse.kpi_catalogue'] -%}
        {%- for name, component in seed.config.meta.components.items() if component.adds_up -%}
            {%- do names.append("'" ~ name ~ "'") -%}
        {%- endfor -%}
    {%- endif -%}
    {{ names | join(', ') or "''" }}
{%- endmacro %}
