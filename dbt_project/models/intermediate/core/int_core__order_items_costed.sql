-- An order line with what the list says of its product. What no list has, or gives no category, is
-- of none that is known; a line whose order never came has no currency, and so no cost.
{{ config(materialized='view') }}
with items as (
    select
        order_item_key,
        source_name,
        order_item_id,
        order_key,
        order_id,
        product_key,
        product_id,
        quantity,
        unit_price,
        coalesce(discount, 0) as discount_amount,
        unit_cost,
        {{ line_amount('quantity', 'unit_price') }} as gross_amount
    from {{ ref('stg_shop__order_items') }}
),

orders as (
    select
        order_key,
        currency,
        {{ counted_date(business_date('ordered_at')) }} as order_date
    from {{ ref('stg_shop__orders') }}
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

rates as (
    select
        currency,
        rate_date,
        rate
    from {{ ref('int_core__exchange_rates') }}
),

-- A unit costs what the line says, else what the list says of its product.
described as (
    select
        items.order_item_key,
        items.source_name,
        items.order_item_id,
        orders.order_key,
        items.order_id,
        product_references.product_key,
        items.product_id,
        {{ segment_of('products.category') }} as product_category,
        items.quantity,
        items.unit_price,
        items.gross_amount,
        items.discount_amount,
        orders.order_date,
        items.unit_cost,
        coalesce(items.unit_cost, products.unit_cost) as cost_of_unit,
        case
            when items.unit_cost is null then coalesce(products.currency, orders.currency)
            else orders.currency
        end as cost_currency
    from items
    left join orders on items.order_key = orders.order_key
    left join product_references
        on items.product_key = product_references.product_reference_key
    left join products on product_references.product_key = products.product_key
),

costed as (
    select
        described.*,
        {{ in_reporting_currency(
            line_amount('described.quantity', 'described.cost_of_unit'), 'rates.rate'
        ) }} as cost
    from described
    left join rates
        on
            described.cost_currency = rates.currency
            and described.order_date = rates.rate_date
)

select * from costed
