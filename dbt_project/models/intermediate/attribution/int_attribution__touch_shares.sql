-- How a conversion is shared out by the time and the place of its touches.
{%- set ends = attribution_parts('attribution_position_parts', 3) %}
{%- set shape = attribution_parts('attribution_w_shaped_parts', 4) %}
{%- set steps = decay_steps() * decay_steps() %}
with paths as (
    select
        conversion_key,
        touch_key,
        touched_at,
        traffic_source_key,
        is_direct,
        position,
        path_length
    from {{ ref('int_attribution__paths') }}
),

-- The last touch up to the creation of the lead and of the opportunity, 0 where there is none.
milestones as (
    select
        paths.conversion_key,
        max(
            case when paths.touched_at <= conversions.lead_created_at then paths.position else 0 end
        ) as lead_position,
        max(
            case
                when paths.touched_at <= conversions.opportunity_created_at then paths.position
                else 0
            end
        ) as opportunity_position
    from {{ ref('int_attribution__conversions') }} as conversions
    inner join paths on conversions.conversion_key = paths.conversion_key
    where
        conversions.lead_created_at is not null
        or conversions.opportunity_created_at is not null
    group by paths.conversion_key
),

-- Age counts from the last touch: shares depend on the differences alone.
aged as (
    select
        *,
        coalesce(
            max(case when not is_direct then position end) over (partition by conversion_key),
            path_length
        ) as last_non_direct_position,
        cast(
            floor(
                {{ seconds_between(
                    'touched_at', 'max(touched_at) over (partition by conversion_key)'
                ) }}
                * {{ steps }} / cast({{ var('attribution_half_life_days') }} * 86400 as double)
                + cast(0.5 as double)
            ) as bigint
        ) as age
    from paths
),

weighed as (
    select
        aged.*,
        cast(
            floor(
                cast(decay_steps.weight as double)
                / power(cast(2 as double), floor(cast(aged.age as double) / {{ steps }}))
            ) as bigint
        ) as decay_weight
    from aged
    inner join {{ ref('int_attribution__decay_steps') }} as decay_steps
        on aged.age % {{ steps }} = decay_steps.decay_step
),

decayed as (
    select
        *,
        cast(
            sum(decay_weight) over (
                partition by conversion_key
                order by position nulls last
                rows between unbounded preceding and current row
            ) as bigint
        ) as decay_through,
        cast(sum(decay_weight) over (partition by conversion_key) as bigint) as decay_whole
    from weighed
),

-- A milestone that is not known, or that no touch came before, leaves its part to the rest.
placed as (
    select
        decayed.*,
        coalesce(milestones.lead_position, 0) as lead_position,
        coalesce(milestones.opportunity_position, 0) as opportunity_position
    from decayed
    left join milestones on decayed.conversion_key = milestones.conversion_key
),

others as (
    select
        *,
        path_length - 1
        - case when lead_position > 1 then 1 else 0 end
        - case
            when opportunity_position > 1 and opportunity_position <> lead_position then 1 else 0
        end as other_touches,
        {{ shape[3] }}
        + case when lead_position = 0 then {{ shape[1] }} else 0 end
        + case when opportunity_position = 0 then {{ shape[2] }} else 0 end as other_parts
    from placed
),

-- Each other touch weighs `other_parts`, and each milestone its part as often as there are others.
shaped as (
    select
        *,
        {{ shape[0] }} * greatest(other_touches, 1) as first_weight,
        case when lead_position > 0 then {{ shape[1] }} else 0 end * greatest(other_touches, 1)
            as lead_weight,
        case when opportunity_position > 0 then {{ shape[2] }} else 0 end
        * greatest(other_touches, 1) as opportunity_weight,
        position - 1
        - case when lead_position > 1 and lead_position <= position then 1 else 0 end
        - case
            when
                opportunity_position > 1
                and opportunity_position <> lead_position
                and opportunity_position <= position
                then 1
            else 0
        end as others_through
    from others
),

shares as (
    select
        conversion_key,
        touch_key,
        touched_at,
        traffic_source_key,
        position,
        path_length,
        last_non_direct_position,
        case
            when position = 1 then 0
            when path_length = 2 then {{ ends[0] }}
            else {{ ends[0] }} * (path_length - 2) + {{ ends[1] }} * (position - 2)
        end as position_based_before,
        case
            when path_length = 1 then 1
            when path_length = 2 and position = 1 then {{ ends[0] }}
            when path_length = 2 then {{ ends[0] + ends[2] }}
            when position = path_length then {{ ends | sum }} * (path_length - 2)
            else {{ ends[0] }} * (path_length - 2) + {{ ends[1] }} * (position - 1)
        end as position_based_through,
        case
            when path_length = 1 then 1
            when path_length = 2 then {{ ends[0] + ends[2] }}
            else {{ ends | sum }} * (path_length - 2)
        end as position_based_whole,
        case when position > 1 then first_weight else 0 end
        + case when lead_position < position then lead_weight else 0 end
        + case when opportunity_position < position then opportunity_weight else 0 end
        + other_parts * (
            others_through
            - case
                when position in (1, lead_position, opportunity_position) then 0
                else 1
            end
        ) as w_shaped_before,
        first_weight
        + case when lead_position <= position then lead_weight else 0 end
        + case when opportunity_position <= position then opportunity_weight else 0 end
        + other_parts * others_through as w_shaped_through,
        first_weight + lead_weight + opportunity_weight + other_parts * other_touches
            as w_shaped_whole,
        decay_through - decay_weight as time_decay_before,
        decay_through as time_decay_through,
        decay_whole as time_decay_whole
    from shaped
)

select * from shares
