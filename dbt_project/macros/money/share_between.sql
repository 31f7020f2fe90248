{# The part of an amount of money from one cumulative part of a whole to the next, exactly: parts that
   follow each other add up to the amount. #}
{% macro share_between(amount, part_before, part_through, whole) -%}
    {%- set units = minor_units(amount) -%}
    {{ from_minor_units(
        allocated_share(units, part_through, whole) ~ ' - '
        ~ allocated_share(units, part_before, whole)
    ) }}
{%- endmacro %}
