-- Integers only: what a traffic source is called stands in int_attribution__traffic_sources.
with sessions as (
    select
        session_key,
        visitor_key,
        started_at,
        traffic_source_key
    from {{ ref('int_sessions__sessions_counted') }}
),

campaign_changes as (
    select
        touch_key,
        session_key,
        touched_at,
        traffic_source_key
    from {{ ref('int_sessions__campaign_changes') }}
    where {{ var('campaign_change_is_touch') }}
),

touches as (
    select
        session_key as touch_key,
        session_key,
        visitor_key,
        started_at as touched_at,
        true as is_session_start,
        traffic_source_key
    from sessions

    union all

    select
        campaign_changes.touch_key,
        campaign_changes.session_key,
        sessions.visitor_key,
        -- A clock that is behind would bring a campaign in before the visit.
        greatest(campaign_changes.touched_at, sessions.started_at) as touched_at,
        false as is_session_start,
        campaign_changes.traffic_source_key
    from campaign_changes
    inner join sessions on campaign_changes.session_key = sessions.session_key
)

select * from touches
