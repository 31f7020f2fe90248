{# The components of which the catalogue says so, `adds_up` for one, or says this value, `unit` and `currency` for
   another: the inside of a list in SQL. #}
{% macro components_having(property, value=true) -%}
    {%- set names = [] -%}
    {%- for name, component in declared_components().items() if component[property] == value -%}
        {%- do names.append("'" ~ name ~ "'") -%}
    {%- endfor -%}
    {{ names | join(', ') or "''" }}
{%- endmacro %}
