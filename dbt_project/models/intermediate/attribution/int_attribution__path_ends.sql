-- What the models need to know of a path as a whole, and by which channels it began and ended. The
-- paths are read where they are needed, in few of their rows: engines keep what a CTE holds in memory.
with conversions as (
    select
        conversion_key,
        lead_created_at,
        opportunity_created_at,
        is_consent_denied
    from {{ ref('int_attribution__conversions') }}
),

traffic_sources as (
    select
        traffic_source_key,
        channel,
        campaign,
        is_direct
    from {{ ref('int_attribution__traffic_sources') }}
),

firsts as (
    select
        paths.conversion_key,
        paths.touched_at,
        paths.traffic_source_key,
        traffic_sources.channel
    from {{ ref('int_attribution__paths') }} as paths
    inner join traffic_sources on paths.traffic_source_key = traffic_sources.traffic_source_key
    where paths.position = 1
),

lasts as (
    select
        paths.conversion_key,
        paths.touched_at,
        paths.traffic_source_key,
        paths.path_length,
        traffic_sources.channel,
        traffic_sources.campaign,
        traffic_sources.is_direct
    from {{ ref('int_attribution__paths') }} as paths
    inner join traffic_sources on paths.traffic_source_key = traffic_sources.traffic_source_key
    where paths.position = paths.path_length
),

-- Only where the last touch is direct has one to look further back.
last_non_direct as (
    select
        paths.conversion_key,
        max(paths.position) as position,
        max_by(paths.traffic_source_key, paths.position) as traffic_source_key
    from {{ ref('int_attribution__paths') }} as paths
    inner join lasts on paths.conversion_key = lasts.conversion_key
    inner join traffic_sources on paths.traffic_source_key = traffic_sources.traffic_source_key
    where lasts.is_direct and not traffic_sources.is_direct
    group by paths.conversion_key
),

-- The milestones are the last touch up to the creation of the lead and of the opportunity. Few
-- conversions have any.
milestones as (
    select
        conversions.conversion_key,
        max(case when paths.touched_at <= conversions.lead_created_at then paths.position end)
            as lead_position,
        max_by(
            paths.traffic_source_key,
            case when paths.touched_at <= conversions.lead_created_at then paths.position end
        ) as lead_source_key,
        max(
            case when paths.touched_at <= conversions.opportunity_created_at then paths.position end
        ) as opportunity_position,
        max_by(
            paths.traffic_source_key,
            case when paths.touched_at <= conversions.opportunity_created_at then paths.position end
        ) as opportunity_source_key
    from conversions
    inner join {{ ref('int_attribution__paths') }} as paths
        on conversions.conversion_key = paths.conversion_key
    where
        conversions.lead_created_at is not null
        or conversions.opportunity_created_at is not null
    group by conversions.conversion_key
),

-- A conversion that no touch earned has a channel that says so.
ends as (
    select
        conversions.conversion_key,
        cast(coalesce(lasts.path_length, 0) as bigint) as path_length,
        firsts.touched_at as first_touched_at,
        lasts.touched_at as last_touched_at,
        firsts.traffic_source_key as first_source_key,
        lasts.traffic_source_key as last_source_key,
        cast(coalesce(last_non_direct.position, lasts.path_length, 0) as bigint)
            as last_non_direct_position,
        coalesce(last_non_direct.traffic_source_key, lasts.traffic_source_key)
            as last_non_direct_source_key,
        cast(coalesce(milestones.lead_position, 0) as bigint) as lead_position,
        milestones.lead_source_key,
        cast(coalesce(milestones.opportunity_position, 0) as bigint) as opportunity_position,
        milestones.opportunity_source_key,
        case
            when lasts.path_length > 0 then firsts.channel
            when conversions.is_consent_denied then '(no consent)'
            else '(unattributed)'
        end as first_channel,
        case
            when lasts.path_length > 0 then lasts.channel
            when conversions.is_consent_denied then '(no consent)'
            else '(unattributed)'
        end as last_channel,
        coalesce(lasts.campaign, '(not set)') as last_campaign
    from conversions
    left join firsts on conversions.conversion_key = firsts.conversion_key
    left join lasts on conversions.conversion_key = lasts.conversion_key
    left join last_non_direct on conversions.conversion_key = last_non_direct.conversion_key
    left join milestones on conversions.conversion_key = milestones.conversion_key
)

select * from ends
