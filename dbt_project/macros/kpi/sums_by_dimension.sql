{#
    Sums of measures of a relation for each value of `keys`, undivided and along each dimension, in one
    pass over it: the segments of a dimension are a partition of the same rows. A dimension is a
    column of its own name without nulls.
#}
{% macro sums_by_dimension(relation, keys, dimensions, measures) -%}
    select
        {{ keys | join(', ') }},
        case
            {%- for dimension in dimensions %}
                when {{ relation }}.{{ dimension }} is not null then '{{ dimension }}'
            {%- endfor %}
            else 'overall'
        end as dimension,
        coalesce(
            {%- for dimension in dimensions %}{{ relation }}.{{ dimension }}, {% endfor -%}
            'all'
        ) as segment
        {%- for measure in measures %},
            sum({{ relation }}.{{ measure }}) as {{ measure }}
        {%- endfor %}
    from {{ relation }}
    group by grouping sets (
        ({{ keys | join(', ') }})
        {%- for dimension in dimensions %},
            ({{ keys | join(', ') }}, {{ relation }}.{{ dimension }})
        {%- endfor %}
    )
{%- endmacro %}
