{#
    Sums of measures of a relation for each value of `keys`, undivided and along each dimension, in one
    pass over it: the segments of a dimension are a partition of the same rows. A dimension is a
    column of its own name without nulls.
#}
{% macro sums_by_dimension(relation, keys, dimensions, measures) -%}
    select
        {{ keys | join(', ') }},
        {{ grouped_dimension(relation, dimensions) }}
        {%- for measure in measures %},
            sum({{ relation }}.{{ measure }}) as {{ measure }}
        {%- endfor %}
    from {{ relation }}
    group by {{ dimension_sets(relation, keys, dimensions) }}
{%- endmacro %}

{# The columns `dimension` and `segment` of a row that dimension_sets() groups. #}
{% macro grouped_dimension(relation, dimensions) -%}
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
{%- endmacro %}

{# Groups the rows by the keys, and by the keys and each dimension. #}
{% macro dimension_sets(relation, keys, dimensions) -%}
    grouping sets (
        ({{ keys | join(', ') }})
        {%- for dimension in dimensions %},
            ({{ keys | join(', ') }}, {{ relation }}.{{ dimension }})
        {%- endfor %}
    )
{%- endmacro %}
