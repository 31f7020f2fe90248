-- What falls to each touch under each model, in whole units as in int_attribution__claims: of a
-- conversion, its credit, revenue and margin; of a reversal, the revenue it takes back. Every share
-- is cut towards zero, and the last touch takes what is left over: an amount adds up to itself.
-- What touches share is given to all of them alike, and what is due to one place of the path (the
-- first touch, the last, a milestone) comes as a row of its own: sums need no look at positions,
-- and the rows of a touch add up; null is no part. Where an engine can, sums never write these out.
{{ config(materialized=view_of_ctes()) }}
{%- set amounts = ['credit', 'revenue', 'margin'] %}
{%- set models = attribution_models() %}
{%- set has_markov = 'markov' in models %}
{%- set even = ['linear', 'position_based', 'w_shaped'] | select('in', models) | list %}
{%- set weighed = ['time_decay', 'equal_channel', 'markov'] | select('in', models) | list %}
{%- set keys = [
    'claim_key',
    'conversion_key',
    'is_reversal',
    'activity_date',
    'conversion_type',
    'is_new_customer',
    'is_margin_unknown',
] %}
with claims as (
    select * from {{ ref('int_attribution__claims') }}
),

cut as (
    select * from claims
    where path_length > 0
),

spread as (
    select
        {%- for key in keys %}
            cut.{{ key }},
        {%- endfor %}
        touches.traffic_source_key,
        touches.position
        {%- for amount in amounts %}
            {%- for model in even %}
                ,
                cut.{{ model }}_{{ amount }}_even as {{ model }}_{{ amount }}
            {%- endfor %}
            {%- if 'time_decay' in weighed %}
                ,
                {{ allocated_share(
                    'cut.' ~ amount, 'touches.time_decay_part', 'touches.time_decay_whole'
                ) }} as time_decay_{{ amount }}
            {%- endif %}
            {%- if 'equal_channel' in weighed %}
                ,
                {{ even_share('cut.' ~ amount, 'touches.equal_channel_whole') }}
                    as equal_channel_{{ amount }}
            {%- endif %}
            {%- if has_markov %}
                ,
                {{ allocated_share(
                    'cut.' ~ amount, 'touches.markov_part', 'touches.markov_whole'
                ) }} as markov_{{ amount }}
            {%- endif %}
        {%- endfor %}
    from {{ ref('int_attribution__touches_shared') }} as touches
    inner join cut on touches.conversion_key = cut.conversion_key
),

-- What is left over of parts by weight.
given as (
    select
        claim_key
        {%- for model in weighed -%}
            {%- for amount in amounts %}
                ,
                cast(sum({{ model }}_{{ amount }}) as bigint) as {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %}
    from spread
    group by claim_key
),

-- What is due to each place beside what all touches get, which the last place allows for.
due as (
    select
        cut.*
        {%- for amount in amounts %}
            {%- for model in weighed %}
                ,
                cut.{{ amount }} - given.{{ model }}_{{ amount }} as {{ model }}_{{ amount }}_left
            {%- endfor %}
            ,
            cut.{{ amount }}_first - cut.w_shaped_{{ amount }}_even
            + case when cut.lead_position = 1 then cut.{{ amount }}_lead else 0 end
            + case when cut.opportunity_position = 1 then cut.{{ amount }}_opportunity else 0 end
                as {{ amount }}_first_due,
            case
                when cut.lead_position > 1
                    then
                        cut.{{ amount }}_lead - cut.w_shaped_{{ amount }}_even
                        + case
                            when cut.opportunity_position = cut.lead_position
                                then cut.{{ amount }}_opportunity
                            else 0
                        end
                else 0 * cut.{{ amount }}
            end as {{ amount }}_lead_due,
            case
                when
                    cut.opportunity_position > 1
                    and cut.opportunity_position <> cut.lead_position
                    then cut.{{ amount }}_opportunity - cut.w_shaped_{{ amount }}_even
                else 0 * cut.{{ amount }}
            end as {{ amount }}_opportunity_due
        {%- endfor %}
    from cut
    inner join given on cut.claim_key = given.claim_key
),
{%- set places = {
    'first': '1',
    'last': 'path_length',
    'last_non_direct': 'last_non_direct_position',
    'lead': 'lead_position',
    'opportunity': 'opportunity_position',
} %}

placed as (
    {%- for place, position in places.items() %}
        select
            {%- for key in keys %}
                {{ key }},
            {%- endfor %}
            {{ place }}_source_key as traffic_source_key,
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
                        'linear': amount ~ ' - path_length * linear_' ~ amount ~ '_even',
                        'position_based':
                            amount ~ ' - ' ~ amount ~ '_start'
                            ~ ' - (path_length - 1) * position_based_' ~ amount ~ '_even',
                        'w_shaped':
                            amount ~ ' - ' ~ amount ~ '_first_due - ' ~ amount ~ '_lead_due - '
                            ~ amount ~ '_opportunity_due - path_length * w_shaped_' ~ amount
                            ~ '_even',
                        'time_decay': 'time_decay_' ~ amount ~ '_left',
                        'equal_channel': 'equal_channel_' ~ amount ~ '_left',
                        'markov': 'markov_' ~ amount ~ '_left',
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
        {% if place in ('lead', 'opportunity') -%}
            where {{ place }}_position > 1
        {%- endif %}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- What no touch earned stays a row of its own, at position 0; so does a reversal of no conversion.
credits as (
    select
        *,
        cast(null as {{ dbt.type_string() }}) as pathless_channel
    from placed

    union all

    select
        {%- for key in keys %}
            {{ key }},
        {%- endfor %}
        traffic_source_key,
        position,
        'any' as place
        {%- for amount in amounts -%}
            {%- for model in models %}
                ,
                {% if model in even or model in weighed -%}
                    {{ model }}_{{ amount }}
                {%- else -%}
                    cast(null as bigint) as {{ model }}_{{ amount }}
                {%- endif %}
            {%- endfor -%}
        {%- endfor %},
        cast(null as {{ dbt.type_string() }}) as pathless_channel
    from spread

    union all

    select
        {%- for key in keys %}
            {{ key }},
        {%- endfor %}
        cast(null as bigint) as traffic_source_key,
        cast(0 as bigint) as position,
        'none' as place
        {%- for amount in amounts -%}
            {%- for model in models %}
                ,
                {{ amount }} as {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %},
        pathless_channel
    from claims
    where path_length = 0
)

select * from credits
