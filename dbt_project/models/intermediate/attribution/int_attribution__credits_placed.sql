-- What is due to each place of a path (the first touch, the last, a milestone) beside what touches
-- share: int_attribution__credits_spread, which is taken from the last touch. In whole units as in
-- int_attribution__claims; null is no part. A touch in several places has a row for each.
{{ config(materialized=view_of_ctes()) }}
{%- set models = attribution_models() %}
{%- set amounts = attributed_amounts() %}
{%- set keys = [
    'claim_key',
    'conversion_key',
    'is_reversal',
    'activity_date',
    'conversion_type',
    'is_new_customer',
    'is_margin_unknown',
] %}
{#- The position of each place, and what a path needs to have it beside the others. -#}
{%- set places = {
    'first': ('1', 'path_length > 0'),
    'last': ('path_length', 'path_length > 0'),
    'last_non_direct': ('last_non_direct_position', 'path_length > 0'),
    'lead': ('lead_position', 'lead_position > 1'),
    'opportunity': ('opportunity_position', 'opportunity_position > 1'),
} %}
with due as (
    select
        *
        {%- for amount in amounts %}
            ,
            {{ amount }}_first - w_shaped_{{ amount }}_even as {{ amount }}_first_due,
            case
                when lead_position > 1 then {{ amount }}_lead - w_shaped_{{ amount }}_even
                else 0 * {{ amount }}
            end as {{ amount }}_lead_due,
            case
                when opportunity_position > 1 and opportunity_position <> lead_position
                    then {{ amount }}_opportunity - w_shaped_{{ amount }}_even
                else 0 * {{ amount }}
            end as {{ amount }}_opportunity_due
        {%- endfor %}
    from {{ ref('int_attribution__claims') }}
),

placed as (
    {%- for place, (position, least) in places.items() %}
        select
            {%- for key in keys %}
                {{ key }},
            {%- endfor %}
            {{ place }}_source_key as traffic_source_key,
            cast(null as {{ dbt.type_string() }}) as pathless_channel,
            cast({{ position }} as bigint) as position,
            '{{ place }}' as place
            {%- for amount in amounts -%}
                {%- set parts = {
                    'first': {
                        'first_touch': amount,
                        'position_based': amount ~ '_start - position_based_' ~ amount ~ '_even',
                        'w_shaped': amount ~ '_first_due',
                    },
                    'last': {
                        'last_touch': amount,
                        'linear': amount,
                        'position_based':
                            amount ~ ' - ' ~ amount ~ '_start + position_based_' ~ amount ~ '_even',
                        'w_shaped':
                            amount ~ ' - ' ~ amount ~ '_first_due - ' ~ amount ~ '_lead_due - '
                            ~ amount ~ '_opportunity_due',
                        'time_decay': amount,
                        'equal_channel': amount,
                        'markov': amount,
                    },
                    'last_non_direct': {'last_non_direct': amount},
                    'lead': {'w_shaped': amount ~ '_lead_due'},
                    'opportunity': {'w_shaped': amount ~ '_opportunity_due'},
                }[place] -%}
                {%- for model in models %}
                    ,
                    {{ parts.get(model, 'cast(null as bigint)') }} as {{ model }}_{{ amount }}
                {%- endfor -%}
            {%- endfor %}
        from due
        where {{ least }}

        union all
    {% endfor %}

    -- What no touch earned stays a row of its own, at position 0; so does a reversal of no
    -- conversion.
    select
        {%- for key in keys %}
            {{ key }},
        {%- endfor %}
        cast(null as bigint) as traffic_source_key,
        pathless_channel,
        cast(0 as bigint) as position,
        'none' as place
        {%- for amount in amounts -%}
            {%- for model in models %}
                ,
                {{ amount }} as {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %}
    from due
    where path_length = 0
)

select * from placed
