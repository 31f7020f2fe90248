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

-- Shops mostly date an order a moment before its page reports it, some by the minute.
reported_orders as (
    select
        order_reports.event_key,
        orders.ordered_at
    from {{ ref('int_sessions__order_reports') }} as order_reports
    inner join {{ ref('stg_shop__orders') }} as orders
        on order_reports.order_key = orders.order_key
    where order_reports.is_first
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
        -- A clock that is behind would bring a campaign in before the visit. What the purchase of
        -- an order says of its campaign, as by a coupon's code, is not later than the order.
        greatest(
            least(
                campaign_changes.touched_at,
                coalesce(reported_orders.ordered_at, campaign_changes.touched_at)
            ),
            sessions.started_at
        ) as touched_at,
        false as is_session_start,
        campaign_changes.traffic_source_key
    from campaign_changes
    inner join sessions on campaign_changes.session_key = sessions.session_key
    left join reported_orders on campaign_changes.touch_key = reported_orders.event_key
)

select * from touches
