-- The purchases of the web that report an order: the two are one. The page of an order may be
-- opened again, days later or by somebody else: the first report tells when it was placed, by the
-- clock that dates what is put into carts. So it is of an order that no shop has delivered, as
-- while its file is late or where a site is all there is; it keeps the key by which its own source
-- names it. A number that several shops have names no order. What a server reports by itself,
-- which has neither a browser nor a session, is of no visit.
with delivered_ids as (
    select distinct order_id
    from {{ ref('stg_shop__orders') }}
),

named as (
    select
        events.event_key,
        coalesce(order_references.order_key, events.order_key) as order_key,
        events.occurred_at as reported_at
    from {{ ref('stg_web__events') }} as events
    left join {{ ref('int_core__order_references') }} as order_references
        on events.order_key = order_references.order_reference_key
    left join delivered_ids
        on events.order_id = delivered_ids.order_id
    where
        events.event_name = 'purchase'
        and events.order_key is not null
        and (order_references.order_key is not null or delivered_ids.order_id is null)
        and (events.visitor_key is not null or events.session_key is not null)
),

reports as (
    select
        event_key,
        order_key,
        reported_at,
        row_number() over (
            partition by order_key
            order by reported_at nulls last, event_key nulls last
        ) = 1 as is_first
    from named
)

select * from reports
