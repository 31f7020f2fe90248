{# One row: the day from which on a source of these raw tables that brought rows every day has
   brought none, null where none has such a source. One that has ended is waited for no longer. #}
{% macro silent_from(tables) -%}
    select cast(min(reached_on) + {{ day_interval(1) }} as date) as silent_from
    from {{ ref('int_core__raw_tables') }}
    where raw_table in ('{{ tables | join("', '") }}')
{%- endmacro %}
