{# What `meta.components` of the seed kpi_catalogue says of each component, by its name; nothing while dbt
   parses. #}
{% macro declared_components() -%}
    {%- set declared = {} -%}
    {%- if execute -%}
        {%- do declared.update(graph.nodes['seed.kpi_warehouse.kpi_catalogue'].config.meta.components) -%}
    {%- endif -%}
    {{ return(declared) }}
{%- endmacro %}
