{#
    Components in long form, from a relation that has them side by side: `components` has
    [amount, sample] by name, `columns` are those that all of them share, and `present` has by name the
    condition under which a row has the component. Each row is put beside every name: a union of one
    `select` for each would compute the relation, a CTE, once for each on some engines.
#}
{% macro components_as_rows(relation, components, columns, present) -%}
    select
        component,
        {{ columns | join(', ') }},
        case component
            {%- for name, part in components.items() %}
                when '{{ name }}' then cast({{ part[0] }} as decimal(28, 4))
            {%- endfor %}
        end as amount,
        case component
            {%- for name, part in components.items() %}
                when '{{ name }}' then cast({{ part[1] }} as bigint)
            {%- endfor %}
        end as sample
    from (
        select * from {{ relation }}
        cross join (
            values
            {% for name in components -%}
                ('{{ name }}'){{ ',' if not loop.last }}
            {% endfor %}
        ) as names (component)
    ) as named
    where
        case component
            {%- for name, condition in present.items() %}
                when '{{ name }}' then {{ condition }}
            {%- endfor %}
        end
{%- endmacro %}
