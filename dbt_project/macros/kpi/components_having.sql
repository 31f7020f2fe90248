{# The components of which the catalogue says so, `adds_up` for one: the inside of a list in SQL. #}
{% macro components_having(flag) -%}
    {%- set names = [] -%}
    {%- for name, component in declared_components().items() if component[flag] -%}
        {%- do names.append("'" ~ name ~ "'") -%}
    {%- endfor -%}
    {{ names | join(', ') or "''" }}
{%- endmacro %}
