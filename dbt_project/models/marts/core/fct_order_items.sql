with items as (
    select * from {{ ref('int_core__order_items_valued') }}
),

refunds as (
    select
        order_item_key,
        sum(refunded) as refunded
    from {{ ref('int_core__refunds_by_item') }}
    where order_item_key is not null
    group by order_item_key
),

joined as (
    select
        items.order_item_key,
        items.source_name,
        items.order_item_id,
        items.order_key,
        items.order_id,
        items.product_key,
        items.product_id,
        items.product_category,
        items.order_date,
        items.is_revenue,
        items.currency,
        items.quantity,
        items.unit_price,
        items.unit_cost,
        items.gross_revenue,
        items.discount,
        items.net_revenue,
        cast(coalesce(refunds.refunded, 0) as decimal(18, 4)) as refunded,
        items.cost,
        items.margin
    from items
    left join refunds on items.order_item_key = refunds.order_item_key
)

select * from joined
