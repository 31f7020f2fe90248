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
        source,
        medium,
        campaign,
        channel
    from {{ ref('int_attribution__traffic_sources') }}
),

pages as (
    select
        page_path,
        page
    from {{ ref('int_funnel__pages') }}
),

-- A direct visit whose person came from somewhere before.
resolved as (
    select
        session_key,
        traffic_source_key
    from {{ ref('int_attribution__direct_sessions_resolved') }}
),

joined as (
    select
        sessions.session_key,
        sessions.source_name,
        sessions.session_id,
        sessions.visitor_key,
        visitors.person_key,
        visitors.customer_key,
        sessions.started_at,
        sessions.session_date,
        sessions.ended_at,
        sessions.event_count,
        sessions.page_view_count,
        sessions.has_purchase,
        sessions.source,
        sessions.medium,
        traffic_sources.campaign,
        traffic_sources.channel,
        sessions.utm_source,
        sessions.utm_medium,
        sessions.utm_campaign,
        sessions.utm_content,
        sessions.utm_term,
        sessions.referrer_host,
        pages.page as landing_page,
        coalesce(sessions.device_type, '(unknown)') as device_type,
        coalesce(sessions.country, '(unknown)') as country,
        sessions.consent,
        sessions.is_given,
        sessions.is_repeat,
        sessions.is_bot,
        sessions.is_long,
        sessions.is_counted,
        last_sources.source as last_non_direct_source,
        last_sources.medium as last_non_direct_medium,
        last_sources.campaign as last_non_direct_campaign,
        last_sources.channel as last_non_direct_channel
    from sessions
    left join visitors on sessions.visitor_key = visitors.visitor_key
    left join traffic_sources
        on sessions.traffic_source_key = traffic_sources.traffic_source_key
    left join pages on {{ url_path('sessions.landing_page') }} = pages.page_path
    left join resolved on sessions.session_key = resolved.session_key
    left join traffic_sources as last_sources
        on
            coalesce(resolved.traffic_source_key, sessions.traffic_source_key)
            = last_sources.traffic_source_key
)

select * from joined
