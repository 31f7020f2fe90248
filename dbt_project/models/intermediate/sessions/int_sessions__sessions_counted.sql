with counted as (
    select
        session_key,
        is_given,
        source_name,
        visitor_key,
        started_at,
        session_date,
        ended_at,
        event_count,
        has_purchase,
        landing_page,
        referrer_host,
        device_type,
        country,
        consent,
        source,
        medium,
        campaign,
        click_id_type,
        traffic_source_key
    from {{ ref('int_sessions__sessions_combined') }}
    where is_counted
)

select * from counted
