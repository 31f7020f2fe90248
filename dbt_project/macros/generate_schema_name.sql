{# Schemas carry their plain names, whatever the target's default one is; a mart's is its folder. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name -%}
        {{ custom_schema_name | trim }}
    {%- elif node.resource_type == 'model' and node.fqn[1] == 'marts' and node.fqn | length > 3 -%}
        {{ node.fqn[2] }}
    {%- else -%}
        {{ target.schema }}
    {%- endif -%}
{%- endmacro %}
