-- An order line with what the list says of its product. What no list has, or gives no category, is
-- of none that is known.
{{ config(materialized='view') }}
with items as (
    select
        order_item_key,
        order_key,
        product_key,
        quantity,
        unit_price,
        discount,
        unit_cost
    from {{ ref('stg_shop__order_items') }}
),

product_references as (
    select
        product_reference_key,
        product_key
    from {{ ref('int_core__product_references') }}
),

products as (
    select
        product_key,
        category,
        unit_cost,
        currency
    from {{ ref('stg_shop__products') }}
),

categorised as (
    select
        items.order_item_key,
        items.order_key,
        items.quantity,
        items.unit_price,
        items.discount,
        items.unit_cost,
        {{ segment_of('products.category') }} as product_category,
        products.unit_cost as product_cost,
        products.currency as product_currency
    from items
    left join product_references
        on items.product_key = product_references.product_reference_key
    left join products on product_references.product_key = products.product_key
)

select * from categorised
