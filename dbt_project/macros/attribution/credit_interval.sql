{#
    What a touch earns under one model, as SQL over a row of int_attribution__credits: the interval
    (before, through] of `whole` parts. The intervals of a path lie side by side and cover it, so
    any amount split along them adds up to itself. A conversion without a touch is one row at
    position 0 that takes the whole.
#}
{% macro credit_interval(model) -%}
    {%- if model == 'first_touch' -%}
        {{ return({
            'before': 'case when position > 1 then 1 else 0 end',
            'through': '1',
            'whole': '1',
        }) }}
    {%- elif model == 'last_touch' -%}
        {{ return({
            'before': '0',
            'through': 'case when position = path_length then 1 else 0 end',
            'whole': '1',
        }) }}
    {%- elif model == 'last_non_direct' -%}
        {{ return({
            'before': 'case when position > last_non_direct_position then 1 else 0 end',
            'through': 'case when position >= last_non_direct_position then 1 else 0 end',
            'whole': '1',
        }) }}
    {%- elif model == 'linear' -%}
        {{ return({
            'before': 'greatest(position - 1, 0)',
            'through': 'greatest(position, 1)',
            'whole': 'greatest(path_length, 1)',
        }) }}
    {%- elif model in attribution_models() -%}
        {{ return({
            'before': model ~ '_before', 'through': model ~ '_through', 'whole': model ~ '_whole'
        }) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("There is no attribution model " ~ model ~ ".") }}
    {%- endif -%}
{%- endmacro %}

{# Whether a touch earns anything under one model. #}
{% macro earns_credit(model) -%}
    {%- if model == 'first_touch' -%}
        position <= 1
    {%- elif model == 'last_touch' -%}
        position = path_length
    {%- elif model == 'last_non_direct' -%}
        position = last_non_direct_position
    {%- else -%}
        {%- set interval = credit_interval(model) -%}
        {{ interval.through }} > {{ interval.before }}
    {%- endif -%}
{%- endmacro %}

{# The part of an amount, in whole minor units, that falls to a touch under one model. #}
{% macro credited_units(units, model) -%}
    {%- if gives_to_one_touch(model) -%}
        case when {{ earns_credit(model) }} then {{ units }} else 0 end
    {%- else -%}
        {%- set interval = credit_interval(model) -%}
        {{ allocated_share(units, interval.through, interval.whole) }}
        - {{ allocated_share(units, interval.before, interval.whole) }}
    {%- endif -%}
{%- endmacro %}
