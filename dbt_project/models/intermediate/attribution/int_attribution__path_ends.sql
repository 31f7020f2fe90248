-- What the models need to know of a path as a whole, and by which channels it began and ended.
with conversions as (
    select
        conversion_key,
        is_consent_denied
    from {{ ref('int_attribution__conversions') }}
),

ends as (
    select
        paths.conversion_key,
        paths.touched_at,
        paths.traffic_source_key,
        paths.position,
        paths.path_length,
        traffic_sources.channel,
        traffic_sources.campaign
    from {{ ref('int_attribution__paths') }} as paths
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on paths.traffic_source_key = traffic_sources.traffic_source_key
    where paths.position = 1 or paths.position = paths.path_length
),

firsts as (
    select * from ends
    where position = 1
),

lasts as (
    select * from ends
    where position = path_length
),

milestones as (
    select * from {{ ref('int_attribution__path_milestones') }}
),

-- A conversion that no touch earned has a channel that says so.
described as (
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
        cast(coalesce(leads.position, 0) as bigint) as lead_position,
        leads.traffic_source_key as lead_source_key,
        cast(coalesce(opportunities.position, 0) as bigint) as opportunity_position,
        opportunities.traffic_source_key as opportunity_source_key,
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
    left join milestones as last_non_direct
        on
            conversions.conversion_key = last_non_direct.conversion_key
            and last_non_direct.milestone = 'last_non_direct'
    left join milestones as leads
        on
            conversions.conversion_key = leads.conversion_key
            and leads.milestone = 'lead'
    left join milestones as opportunities
        on
            conversions.conversion_key = opportunities.conversion_key
            and opportunities.milestone = 'opportunity'
)

select * from described
