with sessions as (
    select * from {{ ref('int_sessions__sessions_combined') }}
),

visitors as (
    select
        visitor_key,
        person_key,
        customer_key
    from {{ ref('int_identity__visitors') }}
),

traffic_sources as (
    select
        traffic_source_key,
        channel,
        campaign
    from {{ ref('int_attribution__traffic_sources') }}
),

joined as (
    select
        sessions.session_key,
        sessions.source_name,
        sessions.visitor_key,
        visitors.person_key,
        visitors.customer_key,
        sessions.started_at,
        {{ business_date('sessions.started_at') }} as session_date,
        sessions.ended_at,
        sessions.event_count,
        sessions.page_view_count,
        sessions.has_purchase,
        sessions.source,
        sessions.medium,
        traffic_sources.campaign,
        traffic_sources.channel,
        coalesce(sessions.device_type, '(unknown)') as device,
        coalesce(sessions.country, '(unknown)') as country,
        sessions.consent,
        sessions.is_given
    from sessions
    left join visitors on sessions.visitor_key = visitors.visitor_key
    left join traffic_sources
        on sessions.traffic_source_key = traffic_sources.traffic_source_key
)

select * from joined
