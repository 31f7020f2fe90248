{#
    One row per component and raw table that it needs beside those whose rows it counts, by
    `meta.components` of the seed kpi_catalogue: where such a table stops, the component falls.
#}
{% macro component_needs() -%}
    {%- set needed = [] -%}
    {%- if execute -%}
        {%- set seed = graph.nodes['seed.kpi_warehouse.kpi_catalogue'] -%}
        {%- for name, component in seed.config.meta.components.items() -%}
            {%- for table in component.needs or [] -%}
                {%- do needed.append(
                    "select '" ~ name ~ "' as component, '" ~ table ~ "' as raw_table"
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ needed | join(' union all ') or "select '' as component, '' as raw_table" }}
{%- endmacro %}
