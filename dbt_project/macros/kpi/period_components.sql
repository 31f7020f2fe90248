{#
    Components by period in long form: `components` has [amount, sample] by name. An amount that is not
    known is no row. Amounts may be doubles, and engines disagree in their sixteenth digit: they are cut
    to eight decimals before they are rounded to four, so that what lies half-way rounds alike.
#}
{% macro period_components(relation, components, raw_table) -%}
    {%- set cut, present = {}, {} -%}
    {%- for name, part in components.items() -%}
        {%- do cut.update({name: ['cast(' ~ part[0] ~ ' as decimal(28, 8))', part[1]]}) -%}
        {%- do present.update({name: '(' ~ part[0] ~ ') is not null'}) -%}
    {%- endfor -%}
    {{ components_as_rows(relation, cut, [
        raw_table ~ ' as raw_table',
        'period_grain',
        'period_start',
        'dimension',
        'segment',
    ], present) }}
{%- endmacro %}
