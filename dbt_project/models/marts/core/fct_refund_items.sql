with refunds as (
    select
        refund_key,
        order_item_key,
        order_key,
        product_key,
        product_category,
        refund_date,
        is_revenue,
        refunded
    from {{ ref('int_core__refunds_by_item') }}
)

select * from refunds
