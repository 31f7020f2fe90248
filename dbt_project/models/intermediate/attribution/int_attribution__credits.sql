-- What falls to each touch under each model, in whole units: billionths of the conversion, ten
-- thousandths of its revenue and margin; of a reversal, the revenue that it takes back. A share is
-- rounded down, and the units left over go one each to the first touches that have a share (under
-- time_decay, the last): an amount adds up to itself. A view, so that sums never write these out.
{{ config(materialized='view') }}
{%- set amounts = ['credit', 'revenue', 'margin'] %}
{%- set ends = attribution_parts('attribution_position_parts', 3) %}
{%- set shape = attribution_parts('attribution_w_shaped_parts', 4) %}
{%- set other_place -%}
    touches.position - 1
    - case when prepared.lead_position between 2 and touches.position then 1 else 0 end
    - case
        when
            prepared.opportunity_position between 2 and touches.position
            and prepared.opportunity_position <> prepared.lead_position
            then 1
        else 0
    end
{%- endset %}
{%- set places = {
    'time_decay': 'prepared.path_length - touches.position + 1',
    'equal_channel': 'touches.position',
    'markov': 'touches.markov_place',
} %}
{%- set weighing = places | select('in', attribution_models()) | list %}
with conversions as (
    select * from {{ ref('int_attribution__conversions') }}
),

path_ends as (
    select * from {{ ref('int_attribution__path_ends') }}
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
    select * from {{ ref('int_attribution__touches_shared') }}
),

remainders as (
    select
        on_paths.claim_key
        {%- for model in weighing -%}
            {%- for amount in amounts %}
                ,
                cast(
                    min(on_paths.{{ amount }}) - sum(
                        {{ allocated_share(
                            'on_paths.' ~ amount, 'touches.' ~ model ~ '_part',
                            'touches.' ~ model ~ '_whole'
                        ) }}
                    ) as bigint
                ) as {{ amount }}_{{ model }}_left
            {%- endfor -%}
        {%- endfor %}
    from touches
    inner join on_paths on touches.conversion_key = on_paths.conversion_key
    group by on_paths.claim_key
),

prepared as (
    select
        evened.*
        {%- for model in weighing -%}
            {%- for amount in amounts %}
                ,
                remainders.{{ amount }}_{{ model }}_left
            {%- endfor -%}
        {%- endfor %}
    from evened
    inner join remainders on evened.claim_key = remainders.claim_key
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
        touches.touch_key,
        touches.touched_at,
        touches.traffic_source_key,
        touches.position,
        prepared.path_length
        {%- for amount in amounts %}
            {%- set signed = 'prepared.' ~ amount ~ '_sign * ' if amount != 'credit' else '' %}
            ,
            {{ signed }}prepared.{{ amount }} * cast(touches.position = 1 as bigint)
                as first_touch_{{ amount }},
            {{ signed }}prepared.{{ amount }}
            * cast(touches.position = prepared.path_length as bigint) as last_touch_{{ amount }},
            {{ signed }}prepared.{{ amount }}
            * cast(touches.position = prepared.last_non_direct_position as bigint)
                as last_non_direct_{{ amount }},
            {{ signed }}(
                prepared.{{ amount }}_linear
                + {{ left_over('prepared.' ~ amount ~ '_linear_left', 'touches.position') }}
            ) as linear_{{ amount }},
            {{ signed }}case
                when touches.position = 1 then prepared.{{ amount }}_start
                when touches.position = prepared.path_length
                    then prepared.{{ amount }} - prepared.{{ amount }}_inner_end
                else
                    prepared.{{ amount }}_inner
                    + {{ left_over(
                        'prepared.' ~ amount ~ '_inner_left', 'touches.position - 1'
                    ) }}
            end as position_based_{{ amount }},
            {{ signed }}(
                case
                    when
                        touches.position
                        not in (1, prepared.lead_position, prepared.opportunity_position)
                        then
                            prepared.{{ amount }}_other
                            + {{ left_over('prepared.' ~ amount ~ '_other_left', other_place) }}
                    else
                        prepared.{{ amount }}_first_end * cast(touches.position = 1 as bigint)
                        + (prepared.{{ amount }}_lead_end - prepared.{{ amount }}_first_end)
                        * cast(touches.position = prepared.lead_position as bigint)
                        + (prepared.{{ amount }}_opportunity_end - prepared.{{ amount }}_lead_end)
                        * cast(touches.position = prepared.opportunity_position as bigint)
                end
            ) as w_shaped_{{ amount }}
            {%- for model in weighing %}
                ,
                {{ signed }}(
                    {{ allocated_share(
                        'prepared.' ~ amount, 'touches.' ~ model ~ '_part',
                        'touches.' ~ model ~ '_whole'
                    ) }}
                    + {{ left_over('prepared.' ~ amount ~ '_' ~ model ~ '_left', places[model]) }}
                    {%- if model == 'markov' %}
                        * cast(touches.markov_part > 0 as bigint)
                    {%- endif %}
                ) as {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %}
    from touches
    inner join prepared on touches.conversion_key = prepared.conversion_key
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
