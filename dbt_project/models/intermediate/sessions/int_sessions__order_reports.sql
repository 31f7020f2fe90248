-- The purchases of the web that report an order of a shop: the two are one. The page of an order
-- may be opened again, days later or by somebody else: the first report tells when it was placed,
-- by the clock that dates what is put into carts. What a server reports by itself, which has
-- neither a browser nor a session, is of no visit.
with reports as (
    select
        events.event_key,
        order_references.order_key,
        events.occurred_at as reported_at,
        row_number() over (
            partition by order_references.order_key
            order by events.occurred_at nulls last, events.event_key nulls last
        ) = 1 as is_first
    from {{ ref('stg_web__events') }} as events
    inner join {{ ref('int_core__order_references') }} as order_references
        on events.order_key = order_references.order_reference_key
    where
        events.event_name = 'purchase'
        and (events.visitor_key is not null or events.session_key is not null)
)

select * from reports
