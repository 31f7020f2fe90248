{# One row: the day, today at the latest, from which on one of these raw tables is not known. #}
{% macro known_until(tables) -%}
    select
        least(coalesce(min({{ data_until('raw_tables') }}), {{ as_of_date() }}), {{ as_of_date() }})
            as known_until
    from {{ ref('int_core__raw_tables') }} as raw_tables
    where raw_tables.raw_table in ('{{ tables | join("', '") }}')
{%- endmacro %}
