{# The attribution models, in the order in which they are shown. #}
{% macro attribution_models() -%}
    {{ return([
        'first_touch',
        'last_touch',
        'last_non_direct',
        'linear',
        'position_based',
        'w_shaped',
        'time_decay',
        'equal_channel',
        'markov',
    ]) }}
{%- endmacro %}
