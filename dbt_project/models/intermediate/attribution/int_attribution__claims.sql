-- All that is shared out along a path: each conversion, and what takes its revenue back, in whole
-- units (billionths of the conversion, ten thousandths of its revenue and margin). With the shares
-- that are the same for all touches of a path, cut once for all of them towards zero.
{{ config(materialized=view_of_ctes()) }}
{%- set ends = var('attribution_position_parts') %}
{%- set shape = var('attribution_w_shaped_parts') %}
{%- set shape_whole = shape[0] ~ ' + lead_part + opportunity_part + other_part' %}
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
        is_consent_denied
    from {{ ref('int_attribution__path_ends') }}
),

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

-- A path without touches has length 0; so has a reversal of no known conversion.
on_paths as (
    select
        claims.*,
        coalesce(path_ends.path_length, 0) as path_length,
        path_ends.first_source_key,
        path_ends.last_source_key,
        path_ends.last_non_direct_position,
        path_ends.last_non_direct_source_key,
        coalesce(path_ends.lead_position, 0) as lead_position,
        path_ends.lead_source_key,
        coalesce(path_ends.opportunity_position, 0) as opportunity_position,
        path_ends.opportunity_source_key,
        case
            when coalesce(path_ends.path_length, 0) = 0
                then {{ pathless_channel('path_ends.is_consent_denied') }}
        end as pathless_channel,
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
    left join path_ends on claims.conversion_key = path_ends.conversion_key
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

-- One touch may be several milestones: it has one part.
merged as (
    select
        *,
        {{ shape[0] }}
        + case when lead_position = 1 then lead_part else 0 end
        + case when opportunity_position = 1 then opportunity_part else 0 end as first_touch_part,
        case
            when lead_position > 1
                then
                    lead_part
                    + case
                        when opportunity_position = lead_position then opportunity_part else 0
                    end
            else 0
        end as lead_touch_part,
        case
            when opportunity_position > 1 and opportunity_position <> lead_position
                then opportunity_part
            else 0
        end as opportunity_touch_part
    from parted
),

-- What touches share alike is `_even`, for each of them; of an unknown amount, unknown.
cut as (
    select
        *
        {%- for amount in attributed_amounts() %}
            ,
            {{ even_share(amount, 'greatest(path_length, 1)') }} as linear_{{ amount }}_even,
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
            {{ allocated_share(amount, 'first_touch_part', shape_whole) }} as {{ amount }}_first,
            {{ allocated_share(amount, 'lead_touch_part', shape_whole) }} as {{ amount }}_lead,
            {{ allocated_share(amount, 'opportunity_touch_part', shape_whole) }}
                as {{ amount }}_opportunity
        {%- endfor %}
    from merged
)

select * from cut
