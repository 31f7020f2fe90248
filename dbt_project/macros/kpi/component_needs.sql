{#
    One row per component and raw table that it needs beside those whose rows it counts: where such a
    table stops, the component falls.
#}
{% macro component_needs() -%}
    {%- set needed = [] -%}
    {%- for name, component in declared_components().items() -%}
        {%- for table in component.needs or [] -%}
            {%- do needed.append(
                "select '" ~ name ~ "' as component, '" ~ table ~ "' as raw_table"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ needed | join(' union all ') or "select '' as component, '' as raw_table" }}
{%- endmacro %}
