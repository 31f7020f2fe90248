with refunds as (
    select
        refund_key,
        source_name,
        refund_id,
        order_key,
        order_item_key,
        order_id,
        order_item_id,
        customer_key as customer_reference_key,
        customer_id,
        refunded_at,
        {{ counted_date(business_date('refunded_at')) }} as refund_date,
        amount,
        currency,
        reason
    from {{ ref('stg_shop__refunds') }}
),

items as (
    select
        order_item_key,
        order_key
    from {{ ref('stg_shop__order_items') }}
),

orders as (
    select
        order_key,
        customer_key,
        country,
        is_revenue
    from {{ ref('int_core__orders_valued') }}
),

rates as (
    select
        currency,
        rate_date,
        rate,
        is_extrapolated
    from {{ ref('int_core__exchange_rates') }}
),

customer_references as (
    select
        customer_reference_key,
        customer_key
    from {{ ref('int_identity__customer_references') }}
),

located as (
    select
        refunds.*,
        orders.order_key as known_order_key,
        -- What is taken back is taken from whom the order counted for, whoever refunds it.
        coalesce(orders.customer_key, customer_references.customer_key) as customer_key,
        orders.country,
        -- An order that never counted has no revenue to take back.
        coalesce(orders.is_revenue, true) as is_revenue
    from refunds
    left join items on refunds.order_item_key = items.order_item_key
    left join {{ ref('int_core__order_references') }} as order_references
        on refunds.order_key = order_references.order_reference_key
    left join orders
        on coalesce(order_references.order_key, items.order_key) = orders.order_key
    left join customer_references
        on refunds.customer_reference_key = customer_references.customer_reference_key
),

valued as (
    select
        located.refund_key,
        located.source_name,
        located.refund_id,
        located.known_order_key as order_key,
        located.order_item_key,
        located.order_id,
        located.order_item_id,
        located.customer_key,
        located.customer_id,
        located.country,
        located.refunded_at,
        located.refund_date,
        located.is_revenue,
        located.amount,
        located.currency,
        rates.rate as exchange_rate,
        coalesce(rates.is_extrapolated, true) as is_rate_extrapolated,
        {{ in_reporting_currency('located.amount', 'rates.rate') }} as refunded,
        located.reason
    from located
    left join rates
        on located.currency = rates.currency and located.refund_date = rates.rate_date
)

select * from valued
