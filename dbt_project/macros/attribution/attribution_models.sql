{# The attribution models that var attribution_models names, checked, in the order in which they are
   shown. #}
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
    {%- set wanted = var('attribution_models') -%}
    {%- for model in wanted if model not in known -%}
        {{ exceptions.raise_compiler_error(
            "var attribution_models names " ~ model ~ "; it may name " ~ known | join(', ') ~ "."
        ) }}
    {%- endfor -%}
    {%- if var('kpi_attribution_model') not in wanted -%}
        {{ exceptions.raise_compiler_error(
            "var kpi_attribution_model is " ~ var('kpi_attribution_model')
            ~ ", which var attribution_models does not name; add it there or choose another."
        ) }}
    {%- endif -%}
    {{ return(known | select('in', wanted) | list) }}
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
