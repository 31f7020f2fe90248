-- What the models need to know of a path as a whole, and by which channels it began and ended.
with conversions as (
    select
        conversion_key,
        lead_created_at,
        opportunity_created_at,
        is_consent_denied
    from {{ ref('int_attribution__conversions') }}
),

paths as (
    select
        conversion_key,
        touched_at,
        traffic_source_key,
        is_direct,
        position,
        path_length
    from {{ ref('int_attribution__paths') }}
),

traffic_sources as (
    select
        traffic_source_key,
        channel,
        campaign
    from {{ ref('int_attribution__traffic_sources') }}
),

-- The milestones are the last touch up to the creation of the lead and of the opportunity, 0 where
-- there is none.
ends as (
    select
        conversions.conversion_key,
        conversions.is_consent_denied,
        coalesce(max(paths.path_length), 0) as path_length,
        min(paths.touched_at) as first_touched_at,
        max(paths.touched_at) as last_touched_at,
        max(case when paths.position = 1 then paths.traffic_source_key end) as first_source_key,
        max(case when paths.position = paths.path_length then paths.traffic_source_key end)
            as last_source_key,
        coalesce(
            max(case when not paths.is_direct then paths.position end), max(paths.path_length), 0
        ) as last_non_direct_position,
        max(
            case when paths.touched_at <= conversions.lead_created_at then paths.position else 0 end
        ) as lead_position,
        max(
            case
                when paths.touched_at <= conversions.opportunity_created_at then paths.position
                else 0
            end
        ) as opportunity_position
    from conversions
    left join paths on conversions.conversion_key = paths.conversion_key
    group by conversions.conversion_key, conversions.is_consent_denied
),

-- A conversion that no touch earned has a channel that says so.
named as (
    select
        ends.conversion_key,
        cast(ends.path_length as bigint) as path_length,
        ends.first_touched_at,
        ends.last_touched_at,
        cast(ends.last_non_direct_position as bigint) as last_non_direct_position,
        cast(ends.lead_position as bigint) as lead_position,
        cast(ends.opportunity_position as bigint) as opportunity_position,
        case
            when ends.path_length > 0 then first_sources.channel
            when ends.is_consent_denied then '(no consent)'
            else '(unattributed)'
        end as first_channel,
        case
            when ends.path_length > 0 then last_sources.channel
            when ends.is_consent_denied then '(no consent)'
            else '(unattributed)'
        end as last_channel,
        coalesce(last_sources.campaign, '(not set)') as last_campaign
    from ends
    left join traffic_sources as first_sources
        on ends.first_source_key = first_sources.traffic_source_key
    left join traffic_sources as last_sources
        on ends.last_source_key = last_sources.traffic_source_key
)

select * from named
