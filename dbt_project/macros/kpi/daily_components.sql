{#
    Components by day in long form, from sums by dimension: `components` has [amount, sample, cases] by
    name. A component is only where it has cases; they are its sample, unless said otherwise. `once` has,
    by component, a measure that must have happened at least once: an outcome that nothing ever had is
    one that nobody tells of, and unknown.
#}
{% macro daily_components(relation, components, raw_table, maturity_days=0, once={}) -%}
    {%- set present = {} -%}
    {%- for name, part in components.items() -%}
        {%- set has_cases = (part[2] or part[1]) ~ ' > 0' -%}
        {%- if name in once -%}
            {%- set has_cases = has_cases ~ ' and (select max(' ~ once[name] ~ ') from ' ~ relation ~ ') > 0' -%}
        {%- endif -%}
        {%- do present.update({name: has_cases}) -%}
    {%- endfor -%}
    {{ components_as_rows(relation, components, [
        raw_table ~ ' as raw_table',
        'cast(' ~ maturity_days ~ ' as bigint) as maturity_days',
        'activity_date',
        'dimension',
        'segment',
    ], present) }}
{%- endmacro %}
