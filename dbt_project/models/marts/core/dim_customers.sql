with customers as (
    select * from {{ ref('int_core__customers') }}
),

people as (
    select
        customer_key,
        person_key
    from {{ ref('int_identity__customers') }}
),

orders as (
    select
        order_key,
        customer_key,
        ordered_at,
        order_date,
        is_first_order,
        net_revenue
    from {{ ref('int_core__orders_valued') }}
    where is_revenue and customer_key is not null
),

refunds as (
    select
        customer_key,
        sum(refunded) as refunded
    from {{ ref('int_core__refunds_valued') }}
    where is_revenue and customer_key is not null
    group by customer_key
),

first_channels as (
    select
        orders.customer_key,
        max(path_channels.first_channel) as first_touch_channel,
        max(path_channels.last_channel) as acquisition_channel
    from orders
    inner join {{ ref('int_attribution__path_channels') }} as path_channels
        on orders.order_key = path_channels.conversion_key
    where orders.is_first_order
    group by orders.customer_key
),

order_totals as (
    select
        customer_key,
        min(ordered_at) as first_order_at,
        min(order_date) as first_order_date,
        max(ordered_at) as last_order_at,
        count(*) as orders,
        sum(net_revenue) as net_revenue
    from orders
    group by customer_key
),

segments as (
    select
        customer_key,
        rfm_segment
    from {{ ref('int_retention__buyers_scored') }}
),

described as (
    select
        customers.customer_key,
        people.person_key,
        customers.customer_id,
        customers.created_at,
        order_totals.first_order_at,
        order_totals.first_order_date,
        order_totals.last_order_at,
        coalesce(first_channels.first_touch_channel, '(unknown)') as first_touch_channel,
        coalesce(first_channels.acquisition_channel, '(unknown)') as acquisition_channel,
        coalesce(customers.country, '(unknown)') as country,
        coalesce(customers.segment, '(unknown)') as segment,
        cast(
            coalesce(order_totals.net_revenue, 0) - coalesce(refunds.refunded, 0)
            as decimal(18, 4)
        ) as lifetime_revenue,
        cast(coalesce(order_totals.orders, 0) as bigint) as orders,
        coalesce(segments.rfm_segment, 'no_order') as rfm_segment,
        customers.marketing_consent,
        customers.is_identified
    from customers
    left join people on customers.customer_key = people.customer_key
    left join order_totals on customers.customer_key = order_totals.customer_key
    left join refunds on customers.customer_key = refunds.customer_key
    left join first_channels on customers.customer_key = first_channels.customer_key
    left join segments on customers.customer_key = segments.customer_key
)

select * from described
