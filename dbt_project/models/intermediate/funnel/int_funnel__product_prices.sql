-- The price that the latest order until then took for a product: one row each time it changed. A
-- line below zero is a return or a voucher, and takes none.
with items as (
    select
        items.order_item_key,
        items.product_key,
        items.source_name,
        items.product_id,
        items.unit_price,
        orders.currency,
        orders.ordered_at
    from {{ ref('stg_shop__order_items') }} as items
    inner join {{ ref('stg_shop__orders') }} as orders on items.order_key = orders.order_key
    where items.product_key is not null and items.unit_price >= 0 and items.quantity >= 0
),

last_of_instant as (
    select *
    from items
    qualify
        row_number() over (
            partition by product_key, ordered_at order by order_item_key desc nulls last
        ) = 1
),

compared as (
    select
        *,
        lag(unit_price) over (partition by product_key order by ordered_at nulls last)
            as previous_price,
        lag(currency) over (partition by product_key order by ordered_at nulls last)
            as previous_currency
    from last_of_instant
),

changes as (
    select *
    from compared
    where
        unit_price is distinct from previous_price or currency is distinct from previous_currency
),

prices as (
    select
        product_key,
        source_name,
        product_id,
        unit_price,
        currency,
        ordered_at as valid_from,
        lead(ordered_at) over (partition by product_key order by ordered_at nulls last)
            as valid_until
    from changes
)

select * from prices
