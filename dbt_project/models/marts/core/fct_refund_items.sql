with refunds as (
    select * from {{ ref('int_core__refunds_by_item') }}
),

items as (
    select
        order_item_key,
        order_key,
        product_key
    from {{ ref('int_core__order_items_valued') }}
),

joined as (
    select
        refunds.refund_key,
        refunds.order_item_key,
        items.order_key,
        items.product_key,
        refunds.product_category,
        refunds.refund_date,
        refunds.is_revenue,
        refunds.refunded
    from refunds
    left join items on refunds.order_item_key = items.order_item_key
)

select * from joined
