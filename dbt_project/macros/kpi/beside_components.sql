{#
    Each row of a relation beside the name of each of `components`. A union of one `select` for each
    name would compute the relation, which is a CTE, once for each of them on some engines.
#}
{% macro beside_components(relation, components) -%}
    (
        select * from {{ relation }}
        cross join (
            values
            {% for name in components -%}
                ('{{ name }}'){{ ',' if not loop.last }}
            {% endfor %}
        ) as names (component)
    ) as named
{%- endmacro %}
