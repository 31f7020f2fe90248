-- Whose cart an order ends: that of the person who ordered, and that of the visit that it names,
-- which may be known to nobody, or be of somebody else's browser. A shop may date it when it was
-- paid, or by the day alone: it was placed when the site first reported it.
with orders as (
    select
        orders.order_key,
        orders.person_key,
        coalesce(reports.reported_at, orders.ordered_at) as ordered_at,
        orders.net_revenue
    from {{ ref('int_core__orders_valued') }} as orders
    left join {{ ref('int_sessions__order_reports') }} as reports
        on orders.order_key = reports.order_key and reports.is_first
    where orders.is_revenue
),

owners as (
    select
        order_key,
        person_key as owner_key
    from orders
    where person_key is not null

    union

    select
        order_sessions.order_key,
        visits.owner_key
    from {{ ref('int_sessions__order_sessions') }} as order_sessions
    inner join {{ ref('int_funnel__cart_owners') }} as visits
        on order_sessions.session_key = visits.session_key
),

cart_orders as (
    select
        orders.order_key,
        owners.owner_key,
        orders.ordered_at,
        orders.net_revenue
    from orders
    inner join owners on orders.order_key = owners.order_key
)

select * from cart_orders
