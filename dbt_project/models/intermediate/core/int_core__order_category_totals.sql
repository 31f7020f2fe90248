-- What an order's items of a category add up to, in the order's own currency; a cost is known only
-- when every item has one, from the item or else from the product.
with items as (
    select * from {{ ref('int_core__order_items_categorised') }}
),

orders as (
    select
        order_key,
        currency,
        {{ business_date('ordered_at') }} as order_date
    from {{ ref('stg_shop__orders') }}
),

rates as (
    select
        currency,
        rate_date,
        rate
    from {{ ref('int_core__exchange_rates') }}
),

costed as (
    select
        items.order_key,
        items.product_category,
        {{ line_amount('items.quantity', 'items.unit_price') }} as gross_amount,
        coalesce(items.discount, 0) as discount_amount,
        case
            when items.unit_cost is not null
                then {{ in_reporting_currency(
                    line_amount('items.quantity', 'items.unit_cost'), 'item_rates.rate'
                ) }}
            else {{ in_reporting_currency(
                line_amount('items.quantity', 'items.product_cost'), 'product_rates.rate'
            ) }}
        end as cost
    from items
    inner join orders on items.order_key = orders.order_key
    left join rates as item_rates
        on orders.currency = item_rates.currency and orders.order_date = item_rates.rate_date
    left join rates as product_rates
        on
            coalesce(items.product_currency, orders.currency) = product_rates.currency
            and orders.order_date = product_rates.rate_date
),

totals as (
    select
        order_key,
        product_category,
        cast(count(*) as bigint) as item_count,
        cast(sum(gross_amount) as decimal(18, 4)) as gross_amount,
        cast(sum(discount_amount) as decimal(18, 4)) as discount_amount,
        case when count(cost) = count(*) then cast(sum(cost) as decimal(18, 4)) end as cost
    from costed
    group by order_key, product_category
)

select * from totals
