{#
    The components of which `meta.components` of the seed kpi_catalogue says so, `adds_up` for one: the
    inside of a list in SQL.
#}
{% macro components_having(flag) -%}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- set seed = graph.nodes['seed.kpi_warehouse.kpi_catalogue'] -%}
        {%- for name, component in seed.config.meta.components.items() if component[flag] -%}
            {%- do names.append("'" ~ name ~ "'") -%}
        {%- endfor -%}
    {%- endif -%}
    {{ names | join(', ') or "''" }}
{%- endmacro %}
