{# What versions of a thing (`key`) said from when to when: a row each time that one of the `watched`
   columns says something else. What the first version says is taken to hold since the creation. #}
{% macro changes_of(versions, key, watched) -%}
    with compared as (
        select
            *,
            row_number() over (partition by {{ key }} order by observed_at nulls last)
                as version_number
            {%- for column in watched %},
                lag({{ column }}) over (partition by {{ key }} order by observed_at nulls last)
                    as previous_{{ column }}
            {%- endfor %}
        from {{ versions }}
    ),

    changed as (
        select
            *,
            case when version_number = 1 then least(created_at, observed_at) else observed_at end
                as valid_from
        from compared
        where
            version_number = 1
            {%- for column in watched %}
                or {{ column }} is distinct from previous_{{ column }}
            {%- endfor %}
    )

    select
        *,
        cast(
            row_number() over (partition by {{ key }} order by valid_from nulls last) as bigint
        ) as change_number,
        lead(valid_from) over (partition by {{ key }} order by valid_from nulls last) as valid_to
    from changed
{%- endmacro %}
