with refunds as (
    select
        refund_key,
        source_name,
        refund_id,
        order_key,
        order_id,
        order_item_key,
        order_item_id,
        customer_key,
        customer_id,
        refunded_at,
        refund_date,
        is_revenue,
        amount,
        currency,
        exchange_rate,
        is_rate_extrapolated,
        refunded,
        reason
    from {{ ref('int_core__refunds_valued') }}
)

select * from refunds
