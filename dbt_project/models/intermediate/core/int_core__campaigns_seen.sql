-- What happened under each traffic source, summed before campaigns are named.
with sessions as (
    select
        traffic_source_key,
        {{ counted_date(business_date('min(touched_at)')) }} as first_seen_on,
        {{ counted_date(business_date('max(touched_at)')) }} as last_seen_on,
        sum(case when is_session_start then 1 else 0 end) as sessions
    from {{ ref('int_sessions__touches') }}
    group by traffic_source_key
),

leads as (
    select
        traffic_source_key,
        min(created_date) as first_seen_on,
        max(created_date) as last_seen_on,
        count(*) as leads
    from {{ ref('int_core__leads_sourced') }}
    group by traffic_source_key
),

responses as (
    select
        touches.traffic_source_key,
        {{ counted_date(business_date('min(touches.touched_at)')) }} as first_seen_on,
        {{ counted_date(business_date('max(touches.touched_at)')) }} as last_seen_on,
        count(*) as responses,
        sum(members.cost) as response_cost
    from {{ ref('int_attribution__campaign_touches') }} as touches
    inner join {{ ref('stg_crm__campaign_members') }} as members
        on touches.touch_key = members.campaign_member_key
    group by touches.traffic_source_key
),

spend as (
    select
        traffic_source_key,
        platform,
        min(counted_date) as first_seen_on,
        max(counted_date) as last_seen_on,
        sum(spend) as spend
    from {{ ref('int_core__ad_spend_valued') }}
    group by traffic_source_key, platform
),

seen as (
    select
        traffic_source_key,
        cast(null as {{ dbt.type_string() }}) as platform,
        first_seen_on,
        last_seen_on,
        sessions,
        0 as leads,
        0 as responses,
        cast(0 as decimal(18, 4)) as response_cost,
        cast(0 as decimal(18, 4)) as spend
    from sessions
    union all
    select
        traffic_source_key,
        null as platform,
        first_seen_on,
        last_seen_on,
        0 as sessions,
        leads,
        0 as responses,
        0 as response_cost,
        0 as spend
    from leads
    union all
    select
        traffic_source_key,
        null as platform,
        first_seen_on,
        last_seen_on,
        0 as sessions,
        0 as leads,
        responses,
        coalesce(response_cost, 0) as response_cost,
        0 as spend
    from responses
    union all
    select
        traffic_source_key,
        platform,
        first_seen_on,
        last_seen_on,
        0 as sessions,
        0 as leads,
        0 as responses,
        0 as response_cost,
        coalesce(spend, 0) as spend
    from spend
),

by_channel as (
    select
        traffic_sources.campaign,
        traffic_sources.channel,
        seen.platform,
        min(seen.first_seen_on) as first_seen_on,
        max(seen.last_seen_on) as last_seen_on,
        cast(sum(seen.sessions) as bigint) as sessions,
        cast(sum(seen.leads) as bigint) as leads,
        cast(sum(seen.responses) as bigint) as responses,
        cast(sum(seen.response_cost) as decimal(18, 4)) as response_cost,
        cast(sum(seen.spend) as decimal(18, 4)) as spend
    from seen
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on seen.traffic_source_key = traffic_sources.traffic_source_key
    group by traffic_sources.campaign, traffic_sources.channel, seen.platform
)

select * from by_channel
