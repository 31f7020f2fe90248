-- The purchases of the web that report an order of a shop: the two are one. The page of an order
-- may be opened again, days later or by somebody else: the first report tells when it was placed,
-- by the clock that dates what is put into carts. What a server reports beside a visit, which has
-- neither a browser nor a session, is the first report only where there is no other.
with reports as (
    select
        events.event_key,
        order_references.order_key,
        events.occurred_at as reported_at,
        row_number() over (
            partition by order_references.order_key
            order by
                coalesce(events.visitor_key, events.session_key) is null nulls last,
                events.occurred_at nulls last,
                events.event_key nulls last
        ) = 1 as is_first
    from {{ ref('stg_web__events') }} as events
    inner join {{ ref('int_core__order_references') }} as order_references
        on
            {{ integer_key(['events.source_name', 'events.order_id']) }}
            = order_references.order_reference_key
    where events.event_name = 'purchase'
)

select * from reports
