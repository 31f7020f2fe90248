{# One row per component and what it is measured in. #}
{% macro component_units() -%}
    {%- set units = [] -%}
    {%- for name, component in declared_components().items() -%}
        {%- do units.append("select '" ~ name ~ "' as component, '" ~ component.unit ~ "' as unit") -%}
    {%- endfor -%}
    {{ units | join(' union all ') or "select '' as component, '' as unit" }}
{%- endmacro %}
