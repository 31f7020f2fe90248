{#
    Components by day in long form, from sums by dimension: `components` has [amount, sample, cases] by
    name. A component is only where it has cases; they are its sample, unless said otherwise.
#}
{% macro daily_components(relation, components, raw_table, maturity_days=0) -%}
    {%- set present = {} -%}
    {%- for name, part in components.items() -%}
        {%- do present.update({name: (part[2] or part[1]) ~ ' > 0'}) -%}
    {%- endfor -%}
    {{ components_as_rows(relation, components, [
        raw_table ~ ' as raw_table',
        'cast(' ~ maturity_days ~ ' as bigint) as maturity_days',
        'activity_date',
        'dimension',
        'segment',
    ], present) }}
{%- endmacro %}
