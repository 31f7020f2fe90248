-- Figures first by traffic source, an integer; names and rules come after.
with figures as (
    select
        traffic_source_key,
        count(*) as touches,
        sum(case when is_session_start then 1 else 0 end) as sessions,
        0 as leads,
        0 as spend,
        {{ counted_date(business_date('min(touched_at)')) }} as first_seen_on,
        {{ counted_date(business_date('max(touched_at)')) }} as last_seen_on
    from {{ ref('int_sessions__touches') }}
    group by traffic_source_key

    union all

    select
        traffic_source_key,
        0 as touches,
        0 as sessions,
        count(*) as leads,
        0 as spend,
        min(created_date) as first_seen_on,
        max(created_date) as last_seen_on
    from {{ ref('int_core__leads_sourced') }}
    group by traffic_source_key

    union all

    select
        traffic_source_key,
        0 as touches,
        0 as sessions,
        0 as leads,
        sum(spend) as spend,
        min(counted_date) as first_seen_on,
        max(counted_date) as last_seen_on
    from {{ ref('int_core__ad_spend_valued') }}
    -- Exports go on listing a campaign that is paused.
    where spend > 0
    group by traffic_source_key
),

described as (
    select
        traffic_sources.source,
        traffic_sources.medium,
        traffic_sources.campaign,
        traffic_sources.channel,
        channels.is_paid,
        figures.touches,
        figures.sessions,
        figures.leads,
        figures.spend,
        figures.first_seen_on,
        figures.last_seen_on
    from figures
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on figures.traffic_source_key = traffic_sources.traffic_source_key
    inner join {{ ref('int_attribution__channels') }} as channels
        on traffic_sources.channel = channels.channel
),

-- Where nobody counts visits, none is missing.
campaigns as (
    select
        campaign,
        sum(touches) as touches,
        sum(spend) as spend,
        sum(sum(touches)) over () > 0 as has_visits
    from described
    group by campaign
),

-- A letter or a fair is answered, and needs no visit.
answered as (
    select distinct traffic_sources.campaign
    from {{ ref('int_attribution__campaign_touches') }} as campaign_touches
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on campaign_touches.traffic_source_key = traffic_sources.traffic_source_key
    where campaign_touches.person_key is not null
),

-- Without consent there is no visitor, and an event without any id is not even a visit.
unlinked as (
    select
        consent,
        count(*) as sessions,
        sum(event_count) as events,
        {{ counted_date(business_date('min(started_at)')) }} as first_seen_on,
        {{ counted_date(business_date('max(started_at)')) }} as last_seen_on
    from {{ ref('int_sessions__sessions_combined') }}
    where visitor_key is null
    group by consent

    union all

    select
        consent,
        0 as sessions,
        sum(events) as events,
        min(event_date) as first_seen_on,
        max(event_date) as last_seen_on
    from {{ ref('int_sessions__events_without_session') }}
    group by consent
),

found as (
    select
        'spend_without_touches' as gap,
        'campaign' as field,
        described.channel,
        described.campaign as value,
        described.touches,
        described.sessions,
        0 as events,
        0 as leads,
        described.spend,
        described.first_seen_on,
        described.last_seen_on
    from described
    inner join campaigns on described.campaign = campaigns.campaign
    left join answered on described.campaign = answered.campaign
    where
        described.spend > 0
        and campaigns.touches = 0
        and campaigns.has_visits
        and answered.campaign is null

    union all

    select
        'touches_without_spend' as gap,
        'campaign' as field,
        described.channel,
        described.campaign as value,
        described.touches,
        described.sessions,
        0 as events,
        0 as leads,
        0 as spend,
        described.first_seen_on,
        described.last_seen_on
    from described
    inner join campaigns on described.campaign = campaigns.campaign
    where described.is_paid and described.touches > 0 and campaigns.spend = 0

    union all

    select
        'unmapped' as gap,
        'source / medium' as field,
        channel,
        source || ' / ' || medium as value,
        touches,
        sessions,
        0 as events,
        leads,
        spend,
        first_seen_on,
        last_seen_on
    from described
    where channel = 'Unassigned'

    union all

    select
        'unlinked' as gap,
        'consent' as field,
        '(unknown)' as channel,
        consent as value,
        0 as touches,
        sessions,
        events,
        0 as leads,
        0 as spend,
        first_seen_on,
        last_seen_on
    from unlinked
),

gaps as (
    select
        gap,
        field,
        channel,
        value,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(touches) as bigint) as touches,
        cast(sum(events) as bigint) as events,
        cast(sum(leads) as bigint) as leads,
        cast(sum(spend) as decimal(18, 4)) as spend,
        min(first_seen_on) as first_seen_on,
        max(last_seen_on) as last_seen_on
    from found
    group by gap, field, channel, value
)

-- An advertisement without a rule that cost nothing and that nobody followed left no gap.
select * from gaps
where sessions + touches + events + leads > 0 or spend > 0
