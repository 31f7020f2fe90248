-- The components of orders by product category: what its lines have of each order and refund. An
-- order without lines, and a refund of none that is known, is of no known category.
with items as (
    select
        order_key,
        product_category,
        sum(net_revenue) as net_revenue,
        sum(cost) as cost
    from {{ ref('int_core__order_items_valued') }}
    where is_revenue
    group by order_key, product_category
),

orders as (
    select
        order_key,
        order_date,
        net_revenue,
        margin is not null as is_costed
    from {{ ref('int_core__orders_valued') }}
    where is_revenue
),

refunds as (
    select
        refund_key,
        refund_date,
        product_category,
        sum(refunded) as refunded
    from {{ ref('int_core__refunds_by_item') }}
    where is_revenue
    group by refund_key, refund_date, product_category
),

split as (
    select
        orders.order_date as activity_date,
        coalesce(items.product_category, '(unknown)') as product_category,
        case when items.order_key is null then orders.net_revenue else items.net_revenue end
            as amount,
        coalesce(items.cost, 0) as cost,
        orders.is_costed,
        false as is_refund
    from orders
    left join items on orders.order_key = items.order_key

    union all

    select
        refund_date as activity_date,
        product_category,
        refunded as amount,
        null as cost,
        false as is_costed,
        true as is_refund
    from refunds
),

summed as (
    select
        activity_date,
        'product_category' as dimension,
        product_category as segment,
        sum(case when not is_refund then amount end) as order_revenue,
        sum(case when not is_refund then 1 else 0 end) as orders,
        sum(case when is_costed then amount - cost end) as margin,
        sum(case when is_costed then amount end) as costed_revenue,
        sum(case when is_costed then 1 else 0 end) as costed_orders,
        sum(case when is_refund then amount end) as refunded,
        sum(case when is_refund then 1 else 0 end) as refunds
    from split
    group by activity_date, product_category
),

daily as (
    {{ daily_components('summed', {
        'net_revenue': ['coalesce(order_revenue, 0) - coalesce(refunded, 0)', 'orders + refunds'],
        'order_revenue': ['order_revenue', 'orders'],
        'margin': ['margin', 'costed_orders'],
        'costed_revenue': ['costed_revenue', 'costed_orders'],
        'refunded': ['refunded', 'refunds'],
    }, "'shop_orders'") }}
)

select * from daily
