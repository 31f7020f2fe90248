with counted as (
    select
        session_key,
        is_given,
        visitor_key,
        started_at,
        session_date,
        ended_at,
        has_purchase,
        landing_page,
        device_type,
        country,
        source,
        medium,
        campaign,
        click_id_type,
        traffic_source_key
    from {{ ref('int_sessions__sessions_combined') }}
    where is_counted
)

select * from counted
