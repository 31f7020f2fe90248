{#
    The share of cases that had an outcome, null while no row selected has any: sources that never tell
    of an outcome say nothing of its rate. `told_by` is the measure that shows that they tell.
#}
{% macro outcome_rate(outcome, cases, told_by=none) -%}
    case when max({{ told_by or outcome }}) over () > 0 then {{ ratio(outcome, cases) }} end
{%- endmacro %}
