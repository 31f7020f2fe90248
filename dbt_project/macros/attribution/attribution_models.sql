{# The attribution models that var attribution_models names, in the order in which they are shown. #}
{% macro attribution_models() -%}
    {%- set known = [
        'first_touch',
        'last_touch',
        'last_non_direct',
        'linear',
        'position_based',
        'w_shaped',
        'time_decay',
        'equal_channel',
        'markov',
    ] -%}
    {{ return(known | select('in', var('attribution_models')) | list) }}
{%- endmacro %}

{# Those of them under which touches share: all but the ones that give a conversion to one touch. #}
{% macro sharing_models() -%}
    {{ return(
        attribution_models()
        | reject('in', ['first_touch', 'last_touch', 'last_non_direct'])
        | list
    ) }}
{%- endmacro %}

{# What is shared out of a conversion. #}
{% macro attributed_amounts() -%}
    {{ return(['credit', 'revenue', 'margin']) }}
{%- endmacro %}
