{#
    Components by day in long form, from sums by dimension: `components` has [amount, sample, cases] by
    name. A component is only where it has cases; they are its sample, unless said otherwise.
#}
{% macro daily_components(relation, components, raw_table, maturity_days=0) -%}
    select
        component,
        {{ raw_table }} as raw_table,
        cast({{ maturity_days }} as bigint) as maturity_days,
        activity_date,
        dimension,
        segment,
        {{ component_values(components) }}
    from {{ beside_components(relation, components) }}
    where
        case component
            {%- for name, part in components.items() %}
                when '{{ name }}' then {{ part[2] or part[1] }} > 0
            {%- endfor %}
        end
{%- endmacro %}
