{#
    Components by period in long form: `components` has [amount, sample] by name. An amount that is not
    known is no row. Amounts may be doubles.
#}
{% macro period_components(relation, components, raw_table) -%}
    {%- set rounded, present = {}, {} -%}
    {%- for name, part in components.items() -%}
        {%- do rounded.update({name: [four_decimals(part[0]), part[1]]}) -%}
        {%- do present.update({name: '(' ~ part[0] ~ ') is not null'}) -%}
    {%- endfor -%}
    {{ components_as_rows(relation, rounded, [
        raw_table ~ ' as raw_table',
        'period_grain',
        'period_start',
        'dimension',
        'segment',
    ], present) }}
{%- endmacro %}
