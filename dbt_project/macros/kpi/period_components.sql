{#
    Components by period in long form: `components` has [amount, sample] by name. An amount that is not
    known is no row.
#}
{% macro period_components(relation, components, raw_table) -%}
    select
        component,
        {{ raw_table }} as raw_table,
        period_grain,
        period_start,
        dimension,
        segment,
        {{ component_values(components) }}
    from {{ beside_components(relation, components) }}
    where
        case component
            {%- for name, (amount, sample) in components.items() %}
                when '{{ name }}' then {{ amount }} is not null
            {%- endfor %}
        end
{%- endmacro %}
