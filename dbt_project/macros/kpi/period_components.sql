{#
    Components by period in long form: `components` has [amount, sample] by name. An amount that is not
    known is no row.
#}
{% macro period_components(relation, components, raw_table) -%}
    {%- set present = {} -%}
    {%- for name, part in components.items() -%}
        {%- do present.update({name: '(' ~ part[0] ~ ') is not null'}) -%}
    {%- endfor -%}
    {{ components_as_rows(relation, components, [
        raw_table ~ ' as raw_table',
        'period_grain',
        'period_start',
        'dimension',
        'segment',
    ], present) }}
{%- endmacro %}
