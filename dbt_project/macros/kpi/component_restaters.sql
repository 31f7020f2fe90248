{#
    One row per component and raw table whose late rows change it beside those of the tables that it
    counts. A table of `needs`, or of `told_by`, tells what became of a case (which order converted
    a lead, which visit led to an order), so that it does so by other days than the period's
    (`is_by_any_date`); one of `restated_by` counts by its own day, as the lines of an order do by
    that of the order which they make worth something.
#}
{% macro component_restaters() -%}
    {%- set keys = {'needs': true, 'told_by': true, 'restated_by': false} -%}
    {%- set found = [] -%}
    {%- for name, component in declared_components().items() -%}
        {%- for key, by_any_date in keys.items() -%}
            {%- for table in component[key] or [] -%}
                {%- set is_part = raw_tables().get(table, {}).counted_with is defined -%}
                {%- do found.append(
                    "select '" ~ name ~ "' as component, '" ~ table ~ "' as raw_table, "
                    ~ ('true' if by_any_date and not is_part else 'false') ~ " as is_by_any_date"
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ found | join(' union all ')
        or "select '' as component, '' as raw_table, false as is_by_any_date" }}
{%- endmacro %}
