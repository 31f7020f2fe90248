{# Whether a component is known over the whole of a period (a row of `periods`), by its row of
   int_kpi__component_extents. Not where a source stopped before the end: what is missing is no change
   of the business. Nor where more than a twentieth had passed when the source began: less may be
   days without a case. Nor where no row of its source has reached the period yet, or where the web,
   if it rests on it, was silent for more than a twentieth of the period. #}
{% macro is_whole(extents, periods='periods') -%}
    coalesce({{ periods }}.period_end <= {{ extents }}.data_until, true)
    and {{ is_begun_with(extents, periods ~ '.period_start', periods ~ '.period_end') }}
    and coalesce({{ periods }}.period_start < {{ extents }}.known_until, true)
    and coalesce(
        not {{ extents }}.rests_on_web
        or {{ periods }}.silent_days * 20
        <= {{ dbt.datediff(periods ~ '.period_start', periods ~ '.period_end', 'day') }},
        true
    )
{%- endmacro %}

{# The day, today at the latest, from which on it is not known what became of a component's cases: what
   takes time has matured by the days that were delivered. #}
{% macro told_until(extents) -%}
    least(coalesce({{ extents }}.data_until, {{ as_of_date() }}), {{ as_of_date() }})
{%- endmacro %}

{# The instant to which something is known that is not known from a day on. #}
{% macro told_at(day) -%}
    case when {{ day }} < {{ as_of_date() }} then {{ business_day_start(day) }} else {{ as_of() }} end
{%- endmacro %}

{# Whether the data of a component have reached a period: one without a case had none then. #}
{% macro is_reached_by(extents, periods='periods') -%}
    {{ extents }}.first_date < {{ periods }}.period_end
    and {{ extents }}.known_until > {{ periods }}.period_start
{%- endmacro %}

{# Whether a component that does not add up is of a period that no row behind it has reached: that none
   of last month's customers came back is not known then. A state is of rows from before. #}
{% macro is_not_reached_by(extents, periods='periods') -%}
    coalesce(
        {{ extents }}.first_date is null
        and {{ extents }}.known_until <= {{ periods }}.period_start,
        false
    )
{%- endmacro %}

{# Whether what a component needs beside its own rows began only after a period: that nothing came
   of a case then is not known. #}
{% macro is_needed_later(extents, periods='periods') -%}
    coalesce({{ extents }}.needed_from >= {{ periods }}.period_end, false)
{%- endmacro %}

{# Whether the web, on which a component rests, was silent on all days of a period: that it brought
   nothing then is not known. #}
{% macro is_silent(extents, periods='periods') -%}
    coalesce(
        {{ extents }}.rests_on_web
        and {{ periods }}.silent_days
        >= {{ dbt.datediff(periods ~ '.period_start', periods ~ '.period_end', 'day') }},
        false
    )
{%- endmacro %}

{# Whether all that a component is made of is known only after a period. #}
{% macro is_known_later(extents, periods='periods') -%}
    coalesce({{ extents }}.known_from >= {{ periods }}.period_end, false)
{%- endmacro %}

{# Whether a component is known from a first day on, or from within a twentieth of the days from
   there to an end. #}
{% macro is_begun_with(extents, first_day, end_day) -%}
    coalesce(
        {{ dbt.datediff(first_day, extents ~ '.known_from', 'day') }} * 20
        <= {{ dbt.datediff(first_day, end_day, 'day') }},
        true
    )
{%- endmacro %}

{# What is known of one component, in the one row that `is_whole` reads: there is one even of a
   component without a case. #}
{% macro extents_of(component) -%}
    select
        max(known_from) as known_from,
        max(known_until) as known_until,
        max(data_until) as data_until,
        max(needed_from) as needed_from,
        max(case when rests_on_web then 1 else 0 end) = 1 as rests_on_web
    from {{ ref('int_kpi__component_extents') }}
    where component = '{{ component }}'
{%- endmacro %}
