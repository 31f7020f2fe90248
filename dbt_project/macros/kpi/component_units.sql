{# One row per component and what it is measured in, by `meta.components` of the seed kpi_catalogue. #}
{% macro component_units() -%}
    {%- set units = [] -%}
    {%- if execute -%}
        {%- set seed = graph.nodes['seed.kpi_warehouse.kpi_catalogue'] -%}
        {%- for name, component in seed.config.meta.components.items() -%}
            {%- do units.append("select '" ~ name ~ "' as component, '" ~ component.unit ~ "' as unit") -%}
        {%- endfor -%}
    {%- endif -%}
    {{ units | join(' union all ') or "select '' as component, '' as unit" }}
{%- endmacro %}
