-- What falls to each touch under each model, in whole units: billionths of the conversion, ten
-- thousandths of its revenue and margin; of a reversal, the revenue that it takes back. Every share
-- is cut towards zero, and the last touch takes what is left over: an amount adds up to itself.
-- What touches share is given to all of them alike, and what is due to one place of the path (the
-- first touch, the last, a milestone) comes as a row of its own: sums need no look at positions,
-- and the rows of a touch add up; null is no part. A view, so that sums never write these out.
{{ config(materialized='view') }}
{%- set amounts = ['credit', 'revenue', 'margin'] %}
{%- set models = attribution_models() %}
{%- set has_markov = 'markov' in models %}
{%- set ends = attribution_parts('attribution_position_parts', 3) %}
{%- set shape = attribution_parts('attribution_w_shaped_parts', 4) %}
{%- set shape_whole = shape[0] ~ ' + lead_part + opportunity_part + other_part' %}
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
with conversions as (
    select
        conversion_key,
        conversion_type,
        converted_date,
        is_new_customer,
        revenue,
        margin
    from {{ ref('int_attribution__conversions') }}
),

path_ends as (
    select
        conversion_key,
        path_length,
        first_source_key,
        last_source_key,
        last_non_direct_position,
        last_non_direct_source_key,
        lead_position,
        lead_source_key,
        opportunity_position,
        opportunity_source_key,
        first_channel
    from {{ ref('int_attribution__path_ends') }}
),

-- All that is shared out along a path: the conversion itself, and what takes its revenue back.
claims as (
    select
        conversion_key as claim_key,
        conversion_key,
        false as is_reversal,
        converted_date as activity_date,
        conversion_type,
        is_new_customer,
        margin is null as is_margin_unknown,
        cast(1000000000 as bigint) as credit,
        {{ minor_units('revenue') }} as revenue,
        {{ minor_units('margin') }} as margin
    from conversions

    union all

    select
        -reversal_key as claim_key,
        conversion_key,
        true as is_reversal,
        reversed_date as activity_date,
        conversion_type,
        false as is_new_customer,
        false as is_margin_unknown,
        cast(0 as bigint) as credit,
        {{ minor_units('amount') }} as revenue,
        cast(0 as bigint) as margin
    from {{ ref('int_attribution__reversals') }}
),

on_paths as (
    select
        claims.*,
        path_ends.path_length,
        path_ends.first_source_key,
        path_ends.last_source_key,
        path_ends.last_non_direct_position,
        path_ends.last_non_direct_source_key,
        path_ends.lead_position,
        path_ends.lead_source_key,
        path_ends.opportunity_position,
        path_ends.opportunity_source_key,
        -- Touches that are neither the first nor a milestone.
        path_ends.path_length - 1
        - case when path_ends.lead_position > 1 then 1 else 0 end
        - case
            when
                path_ends.opportunity_position > 1
                and path_ends.opportunity_position <> path_ends.lead_position
                then 1
            else 0
        end as other_touches
    from claims
    inner join path_ends on claims.conversion_key = path_ends.conversion_key
    where path_ends.path_length > 0
),

-- A milestone that is not known, or that no touch came before, leaves its part to the others.
parted as (
    select
        *,
        case
            when path_length = 1 then {{ ends[0] }}
            when path_length = 2 then {{ ends[0] + ends[2] }}
            else {{ ends | sum }}
        end as position_whole,
        case when lead_position > 0 then {{ shape[1] }} else 0 end as lead_part,
        case when opportunity_position > 0 then {{ shape[2] }} else 0 end as opportunity_part,
        case
            when other_touches = 0 then 0
            else
                {{ shape[3] }}
                + case when lead_position > 0 then 0 else {{ shape[1] }} end
                + case when opportunity_position > 0 then 0 else {{ shape[2] }} end
        end as other_part
    from on_paths
),

-- What touches share alike is `_even`, for each of them; of an unknown amount, unknown.
cut as (
    select
        *
        {%- for amount in amounts %}
            ,
            {{ even_share(amount, 'path_length') }} as linear_{{ amount }}_even,
            case
                when path_length > 2
                    then {{ allocated_share(
                        amount, ends[1], 'position_whole * (path_length - 2)'
                    ) }}
                else 0 * {{ amount }}
            end as position_based_{{ amount }}_even,
            case
                when other_touches > 0
                    then {{ allocated_share(
                        amount, 'other_part', '(' ~ shape_whole ~ ') * other_touches'
                    ) }}
                else 0 * {{ amount }}
            end as w_shaped_{{ amount }}_even,
            {{ allocated_share(amount, ends[0], 'position_whole') }} as {{ amount }}_start,
            {{ allocated_share(amount, shape[0], shape_whole) }} as {{ amount }}_first,
            {{ allocated_share(amount, 'lead_part', shape_whole) }} as {{ amount }}_lead,
            {{ allocated_share(amount, 'opportunity_part', shape_whole) }}
                as {{ amount }}_opportunity
        {%- endfor %}
    from parted
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
            claims.{{ key }},
        {%- endfor %}
        cast(null as bigint) as traffic_source_key,
        cast(0 as bigint) as position,
        'none' as place
        {%- for amount in amounts -%}
            {%- for model in models %}
                ,
                claims.{{ amount }} as {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %},
        coalesce(path_ends.first_channel, '(unattributed)') as pathless_channel
    from claims
    left join path_ends on claims.conversion_key = path_ends.conversion_key
    where coalesce(path_ends.path_length, 0) = 0
)

select * from credits
