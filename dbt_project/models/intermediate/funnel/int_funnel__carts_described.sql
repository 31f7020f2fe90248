-- A cart has the segments of the visit that opened it, with that visit's furthest step and last
-- page. What recovered it is the first order since, if it is not the next cart's: a purchase that
-- the site reports may have no order that counts. The shop's clock may lag behind the site's.
with carts as (
    select
        *,
        lead(opened_at) over (
            partition by owner_key
            order by opened_at nulls last, cart_key nulls last
        ) as next_opened_at
    from {{ ref('int_funnel__carts') }}
),

furthest_steps as (
    select
        context_key as session_key,
        max(step_number) as step_number
    from {{ ref('int_funnel__step_events') }}
    where funnel = '{{ var("cart_funnel") }}' and context_key is not null
    group by context_key
),

steps as (
    select
        step_number,
        step
    from {{ ref('int_funnel__steps') }}
    where funnel = '{{ var("cart_funnel") }}'
),

last_pages as (
    select
        session_key,
        page
    from {{ ref('int_funnel__page_views') }}
    where is_exit
),

orders as (
    select
        carts.cart_key,
        orders.net_revenue
    from carts
    inner join {{ ref('int_funnel__cart_orders') }} as orders
        on
            carts.owner_key = orders.owner_key
            and carts.opened_at <= orders.ordered_at
    where
        carts.outcome in ('ordered', 'recovered')
        and {{ seconds_between('carts.last_left_at', 'orders.ordered_at') }}
        <= {{ var('cart_window_days') }} * 86400
        and (
            carts.next_opened_at is null
            or orders.ordered_at < carts.next_opened_at
            or {{ seconds_between('carts.purchased_at', 'orders.ordered_at') }}
            <= {{ var('session_timeout_minutes') }} * 60
        )
    qualify
        row_number() over (
            partition by carts.cart_key
            order by orders.ordered_at nulls last, orders.order_key nulls last
        ) = 1
),

described as (
    select
        carts.cart_key,
        carts.opened_date,
        carts.outcome,
        carts.cart_value,
        carts.hours_to_recovery,
        orders.net_revenue as order_revenue,
        segments.channel,
        segments.campaign,
        segments.country,
        segments.segment,
        segments.device,
        segments.visitor_type,
        steps.step as last_step,
        last_pages.page as last_page
    from carts
    inner join {{ ref('int_funnel__visit_segments') }} as segments
        on carts.session_key = segments.session_key
    left join furthest_steps on carts.session_key = furthest_steps.session_key
    left join steps on furthest_steps.step_number = steps.step_number
    left join last_pages on carts.session_key = last_pages.session_key
    left join orders on carts.cart_key = orders.cart_key
)

select * from described
