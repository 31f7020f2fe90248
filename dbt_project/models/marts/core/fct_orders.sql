with orders as (
    select * from {{ ref('int_core__orders_valued') }}
),

refunds as (
    select
        order_key,
        sum(refunded) as refunded
    from {{ ref('int_core__refunds_valued') }}
    where order_key is not null
    group by order_key
),

channels as (
    select
        order_key,
        channel
    from {{ ref('int_attribution__order_channels') }}
),

joined as (
    select
        orders.order_key,
        orders.source_name,
        orders.order_id,
        orders.customer_key,
        orders.ordered_at,
        orders.order_date,
        orders.status,
        orders.is_revenue,
        orders.currency,
        orders.exchange_rate,
        orders.is_rate_extrapolated,
        orders.country,
        orders.coupon,
        orders.rep_id,
        orders.session_id,
        orders.item_count,
        orders.gross_revenue,
        orders.discount,
        orders.net_revenue,
        cast(coalesce(refunds.refunded, 0) as decimal(18, 4)) as refunded,
        orders.tax,
        orders.shipping,
        orders.cost,
        orders.margin,
        orders.is_first_order,
        case
            when orders.is_revenue then coalesce(channels.channel, '(unattributed)')
        end as channel
    from orders
    left join refunds on orders.order_key = refunds.order_key
    left join channels on orders.order_key = channels.order_key
)

select * from joined
