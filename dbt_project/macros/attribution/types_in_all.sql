{# The types of conversions there are. #}
{% macro conversion_types() -%}
    {{ return(['order', 'opportunity']) }}
{%- endmacro %}

{# Those of them that var attribution_all_counts names, checked: type `all`, KPIs and budgets
   add them up. #}
{% macro types_in_all() -%}
    {%- set known = conversion_types() -%}
    {%- set wanted = var('attribution_all_counts') -%}
    {%- set ok = wanted is sequence and wanted is not string and wanted | length > 0 -%}
    {%- if not ok or wanted | reject('in', known) | list | length > 0 -%}
        {{ exceptions.raise_compiler_error(
            "var attribution_all_counts is " ~ wanted | string | replace("'", "")
            ~ "; list one or both of " ~ known | join(' and ') ~ "."
        ) }}
    {%- endif -%}
    {{ return(known | select('in', wanted) | list) }}
{%- endmacro %}

{# Whether a type of conversion (`column`) is one that type `all` adds up. #}
{% macro is_in_all(column) -%}
    {{ column }} in ('{{ types_in_all() | join("', '") }}')
{%- endmacro %}
