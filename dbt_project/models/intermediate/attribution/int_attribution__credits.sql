-- What falls to each touch under each model, in whole units: billionths of the conversion, ten
-- thousandths of its revenue and margin; of a reversal, the revenue that it takes back. A share is
-- rounded down, and the units left over go one each to the first touches that have a share (under
-- time_decay, the last): an amount adds up to itself. A view, so that sums never write these out.
{{ config(materialized='view') }}
{%- set amounts = ['credit', 'revenue', 'margin'] %}
{%- set ends = attribution_parts('attribution_position_parts', 3) %}
{%- set shape = attribution_parts('attribution_w_shaped_parts', 4) %}
{%- set steps = decay_steps() * decay_steps() %}
{%- set has_markov = 'markov' in attribution_models() %}
{%- set other_place -%}
    weighed.position - 1
    - case when prepared.lead_position between 2 and weighed.position then 1 else 0 end
    - case
        when
            prepared.opportunity_position between 2 and weighed.position
            and prepared.opportunity_position <> prepared.lead_position
            then 1
        else 0
    end
{%- endset %}
{%- set places = {
    'equal_channel': 'weighed.position',
    'markov': 'coalesce(weighty_places.place, weighed.position)',
} %}
{%- set by_channel = ['equal_channel', 'markov'] | select('in', attribution_models()) | list %}
with conversions as (
    select * from {{ ref('int_attribution__conversions') }}
),

path_ends as (
    select * from {{ ref('int_attribution__path_ends') }}
),

paths as (
    select
        conversion_key,
        touch_key,
        touched_at,
        traffic_source_key,
        position
    from {{ ref('int_attribution__paths') }}
),

channels as (
    select
        channel,
        row_number() over (order by channel nulls last) as channel_number
    from {{ ref('int_attribution__channels') }}
),

sources as (
    select
        traffic_sources.traffic_source_key,
        channels.channel_number
    from {{ ref('int_attribution__traffic_sources') }} as traffic_sources
    inner join channels on traffic_sources.channel = channels.channel
),

-- All that is shared out along a path: the conversion itself, and what takes its revenue back.
signed_claims as (
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

-- Shares are cut from what amounts are without their signs.
claims as (
    select
        claim_key,
        conversion_key,
        is_reversal,
        activity_date,
        conversion_type,
        is_new_customer,
        is_margin_unknown
        {%- for amount in amounts %}
            ,
            abs({{ amount }}) as {{ amount }},
            case when {{ amount }} < 0 then -1 else 1 end as {{ amount }}_sign
        {%- endfor %}
    from signed_claims
),

on_paths as (
    select
        claims.*,
        path_ends.path_length,
        path_ends.last_non_direct_position,
        path_ends.lead_position,
        path_ends.opportunity_position,
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

-- The limits of blocks that lie side by side: those of position_based are the first touch and the
-- ones between, those of w_shaped the first touch, the lead and the opportunity. A milestone that
-- is not known, or that no touch came before, leaves its part to the others.
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

bounded as (
    select
        *
        {%- for amount in amounts %}
            ,
            {{ allocated_share(amount, ends[0], 'position_whole') }} as {{ amount }}_start,
            case
                when path_length < 3 then {{ allocated_share(amount, ends[0], 'position_whole') }}
                else {{ allocated_share(amount, ends[0] + ends[1], 'position_whole') }}
            end as {{ amount }}_inner_end,
            {{ allocated_share(
                amount, shape[0],
                shape[0] ~ ' + lead_part + opportunity_part + other_part'
            ) }} as {{ amount }}_first_end,
            {{ allocated_share(
                amount, shape[0] ~ ' + lead_part',
                shape[0] ~ ' + lead_part + opportunity_part + other_part'
            ) }} as {{ amount }}_lead_end,
            {{ allocated_share(
                amount, shape[0] ~ ' + lead_part + opportunity_part',
                shape[0] ~ ' + lead_part + opportunity_part + other_part'
            ) }} as {{ amount }}_opportunity_end
        {%- endfor %}
    from parted
),

-- What touches share alike, for each of them, and what is left over.
evened as (
    select
        *
        {%- for amount in amounts %}
            ,
            {{ allocated_share(amount, '1', 'path_length') }} as {{ amount }}_linear,
            {{ amount }} % path_length as {{ amount }}_linear_left,
            {{ allocated_share(
                '(' ~ amount ~ '_inner_end - ' ~ amount ~ '_start)', '1', 'greatest(path_length - 2, 1)'
            ) }} as {{ amount }}_inner,
            ({{ amount }}_inner_end - {{ amount }}_start) % greatest(path_length - 2, 1)
                as {{ amount }}_inner_left,
            {{ allocated_share(
                '(' ~ amount ~ ' - ' ~ amount ~ '_opportunity_end)', '1',
                'greatest(other_touches, 1)'
            ) }} as {{ amount }}_other,
            ({{ amount }} - {{ amount }}_opportunity_end) % greatest(other_touches, 1)
                as {{ amount }}_other_left
        {%- endfor %}
    from bounded
),

touches as (
    select
        paths.conversion_key,
        paths.touch_key,
        paths.touched_at,
        paths.traffic_source_key,
        paths.position,
        sources.channel_number,
        -- Age counts from the last touch: shares depend on the differences alone.
        cast(
            floor(
                {{ seconds_between('paths.touched_at', 'path_ends.last_touched_at') }}
                * {{ steps }} / cast({{ var('attribution_half_life_days') }} * 86400 as double)
                + cast(0.5 as double)
            ) as bigint
        ) as age
    from paths
    inner join path_ends on paths.conversion_key = path_ends.conversion_key
    inner join sources on paths.traffic_source_key = sources.traffic_source_key
),

weighed as (
    select
        touches.conversion_key,
        touches.touch_key,
        touches.touched_at,
        touches.traffic_source_key,
        touches.position,
        touches.channel_number,
        cast(
            floor(
                cast(decay_steps.weight as double)
                / power(cast(2 as double), floor(cast(touches.age as double) / {{ steps }}))
            ) as bigint
        ) as decay_weight
    from touches
    inner join {{ ref('int_attribution__decay_steps') }} as decay_steps
        on touches.age % {{ steps }} = decay_steps.decay_step
),

decays as (
    select
        conversion_key,
        cast(sum(decay_weight) as bigint) as decay_whole
    from weighed
    group by conversion_key
),

decayed as (
    select
        on_paths.claim_key,
        min(decays.decay_whole) as decay_whole
        {%- for amount in amounts %}
            ,
            cast(
                min(on_paths.{{ amount }}) - sum(
                    {{ allocated_share(
                        'on_paths.' ~ amount, 'weighed.decay_weight', 'decays.decay_whole'
                    ) }}
                ) as bigint
            ) as {{ amount }}_decay_left
        {%- endfor %}
    from weighed
    inner join decays on weighed.conversion_key = decays.conversion_key
    inner join on_paths on weighed.conversion_key = on_paths.conversion_key
    group by on_paths.claim_key
),

path_channels as (
    select
        conversion_key,
        channel_number,
        cast(count(*) as bigint) as channel_touches
    from weighed
    group by conversion_key, channel_number
),

{% if has_markov -%}
    weights as (
        select
            channel_weights.period_start,
            channels.channel_number,
            channel_weights.weight
        from {{ ref('int_attribution__channel_weights') }} as channel_weights
        inner join channels on channel_weights.channel = channels.channel
        where channel_weights.model = 'markov'
    ),

    path_weights as (
        select
            path_channels.conversion_key,
            path_channels.channel_number,
            path_channels.channel_touches,
            coalesce(weights.weight, 0) as weight
        from path_channels
        inner join conversions on path_channels.conversion_key = conversions.conversion_key
        left join weights
            on
                cast({{ dbt.date_trunc('month', 'conversions.converted_date') }} as date)
                = weights.period_start
                and path_channels.channel_number = weights.channel_number
    ),

    -- A month whose weights know none of a path's channels leaves them equal.
    path_wholes as (
        select
            conversion_key,
            cast(count(*) as bigint) as channel_count,
            case when max(weight) > 0 then 0 else 1 end as weight_of_each,
            cast(
                case when max(weight) > 0 then sum(weight) else count(*) end as bigint
            ) as weight_whole,
            max(weight) > 0 and min(weight) = 0 as has_weightless
        from path_weights
        group by conversion_key
    ),
{%- else -%}
    path_weights as (
        select * from path_channels
    ),

    path_wholes as (
        select
            conversion_key,
            cast(count(*) as bigint) as channel_count
        from path_channels
        group by conversion_key
    ),
{%- endif %}

shared as (
    select
        path_weights.conversion_key,
        path_weights.channel_number,
        path_weights.channel_touches,
        path_wholes.channel_count * path_weights.channel_touches as equal_channel_whole,
        cast(1 as bigint) as equal_channel_part
        {%- if has_markov %}
            ,
            path_wholes.weight_whole * path_weights.channel_touches as markov_whole,
            cast(path_weights.weight + path_wholes.weight_of_each as bigint) as markov_part,
            path_wholes.has_weightless
        {%- endif %}
    from path_weights
    inner join path_wholes on path_weights.conversion_key = path_wholes.conversion_key
),

left_by_channels as (
    select
        on_paths.claim_key
        {%- for model in by_channel -%}
            {%- for amount in amounts %}
                ,
                cast(
                    min(on_paths.{{ amount }}) - sum(
                        shared.channel_touches * {{ allocated_share(
                            'on_paths.' ~ amount, 'shared.' ~ model ~ '_part',
                            'shared.' ~ model ~ '_whole'
                        ) }}
                    ) as bigint
                ) as {{ amount }}_{{ model }}_left
            {%- endfor -%}
        {%- endfor %}
    from shared
    inner join on_paths on shared.conversion_key = on_paths.conversion_key
    group by on_paths.claim_key
),

{% if has_markov -%}
    -- Where channels of a path weigh nothing, what is left over passes their touches by.
    weighty_places as (
        select
            weighed.conversion_key,
            weighed.position,
            row_number() over (
                partition by weighed.conversion_key order by weighed.position nulls last
            ) as place
        from weighed
        inner join shared
            on
                weighed.conversion_key = shared.conversion_key
                and weighed.channel_number = shared.channel_number
        where shared.has_weightless and shared.markov_part > 0
    ),
{%- endif %}

prepared as (
    select
        evened.*,
        decayed.decay_whole
        {%- for amount in amounts %}
            ,
            decayed.{{ amount }}_decay_left
            {%- for model in by_channel %}
                ,
                left_by_channels.{{ amount }}_{{ model }}_left
            {%- endfor %}
        {%- endfor %}
    from evened
    inner join decayed on evened.claim_key = decayed.claim_key
    inner join left_by_channels on evened.claim_key = left_by_channels.claim_key
),

split as (
    select
        prepared.claim_key,
        prepared.conversion_key,
        prepared.is_reversal,
        prepared.activity_date,
        prepared.conversion_type,
        prepared.is_new_customer,
        prepared.is_margin_unknown,
        weighed.touch_key,
        weighed.touched_at,
        weighed.traffic_source_key,
        weighed.position,
        prepared.path_length
        {%- for amount in amounts %}
            {%- set signed = 'prepared.' ~ amount ~ '_sign * ' if amount != 'credit' else '' %}
            ,
            {{ signed }}prepared.{{ amount }} * cast(weighed.position = 1 as bigint)
                as first_touch_{{ amount }},
            {{ signed }}prepared.{{ amount }}
            * cast(weighed.position = prepared.path_length as bigint) as last_touch_{{ amount }},
            {{ signed }}prepared.{{ amount }}
            * cast(weighed.position = prepared.last_non_direct_position as bigint)
                as last_non_direct_{{ amount }},
            {{ signed }}(
                prepared.{{ amount }}_linear
                + {{ left_over('prepared.' ~ amount ~ '_linear_left', 'weighed.position') }}
            ) as linear_{{ amount }},
            {{ signed }}case
                when weighed.position = 1 then prepared.{{ amount }}_start
                when weighed.position = prepared.path_length
                    then prepared.{{ amount }} - prepared.{{ amount }}_inner_end
                else
                    prepared.{{ amount }}_inner
                    + {{ left_over(
                        'prepared.' ~ amount ~ '_inner_left', 'weighed.position - 1'
                    ) }}
            end as position_based_{{ amount }},
            {{ signed }}(
                case
                    when
                        weighed.position
                        not in (1, prepared.lead_position, prepared.opportunity_position)
                        then
                            prepared.{{ amount }}_other
                            + {{ left_over('prepared.' ~ amount ~ '_other_left', other_place) }}
                    else
                        prepared.{{ amount }}_first_end * cast(weighed.position = 1 as bigint)
                        + (prepared.{{ amount }}_lead_end - prepared.{{ amount }}_first_end)
                        * cast(weighed.position = prepared.lead_position as bigint)
                        + (prepared.{{ amount }}_opportunity_end - prepared.{{ amount }}_lead_end)
                        * cast(weighed.position = prepared.opportunity_position as bigint)
                end
            ) as w_shaped_{{ amount }},
            {{ signed }}(
                {{ allocated_share(
                    'prepared.' ~ amount, 'weighed.decay_weight', 'prepared.decay_whole'
                ) }}
                + {{ left_over(
                    'prepared.' ~ amount ~ '_decay_left',
                    'prepared.path_length - weighed.position + 1'
                ) }}
            ) as time_decay_{{ amount }}
            {%- for model in by_channel %}
                ,
                {{ signed }}(
                    {{ allocated_share(
                        'prepared.' ~ amount, 'shared.' ~ model ~ '_part',
                        'shared.' ~ model ~ '_whole'
                    ) }}
                    + {{ left_over('prepared.' ~ amount ~ '_' ~ model ~ '_left', places[model]) }}
                    {%- if model == 'markov' %}
                        * cast(shared.markov_part > 0 as bigint)
                    {%- endif %}
                ) as {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %}
    from weighed
    inner join prepared on weighed.conversion_key = prepared.conversion_key
    inner join shared
        on
            weighed.conversion_key = shared.conversion_key
            and weighed.channel_number = shared.channel_number
    {%- if has_markov %}
        left join weighty_places
            on
                weighed.conversion_key = weighty_places.conversion_key
                and weighed.position = weighty_places.position
    {%- endif %}
),

-- What no touch earned stays a row of its own, at position 0; so does a reversal of no conversion.
credits as (
    select
        *,
        cast(null as {{ dbt.type_string() }}) as pathless_channel
    from split

    union all

    select
        claims.claim_key,
        claims.conversion_key,
        claims.is_reversal,
        claims.activity_date,
        claims.conversion_type,
        claims.is_new_customer,
        claims.is_margin_unknown,
        cast(null as bigint) as touch_key,
        cast(null as timestamp) as touched_at,
        cast(null as bigint) as traffic_source_key,
        0 as position,
        0 as path_length
        {%- for amount in amounts -%}
            {%- for model in attribution_models() %}
                ,
                claims.{{ amount }}_sign * claims.{{ amount }} as {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %},
        coalesce(path_ends.first_channel, '(unattributed)') as pathless_channel
    from claims
    left join path_ends on claims.conversion_key = path_ends.conversion_key
    where coalesce(path_ends.path_length, 0) = 0
)

select * from credits
