-- Every product that a list names or an order line sold, with the sales of the orders that count.
with products as (
    select
        product_key,
        source_name,
        product_id,
        name,
        category,
        unit_cost,
        currency
    from {{ ref('stg_shop__products') }}
),

orders as (
    select
        order_key,
        order_date,
        exchange_rate,
        is_revenue
    from {{ ref('int_core__orders_valued') }}
),

product_references as (
    select
        product_reference_key,
        product_key
    from {{ ref('int_core__product_references') }}
),

sold as (
    select
        product_references.product_key,
        min(items.source_name) as source_name,
        min(items.product_id) as product_id,
        min(case when orders.is_revenue then orders.order_date end) as first_sold_on,
        max(case when orders.is_revenue then orders.order_date end) as last_sold_on,
        cast(count(distinct case when orders.is_revenue then orders.order_key end) as bigint)
            as orders,
        cast(
            coalesce(sum(case when orders.is_revenue then items.quantity end), 0)
            as decimal(18, 4)
        ) as units_sold,
        cast(
            coalesce(sum(
                case
                    when orders.is_revenue
                        then {{ in_reporting_currency(
                            line_amount('items.quantity', 'items.unit_price'),
                            'orders.exchange_rate'
                        ) }}
                end
            ), 0) as decimal(18, 4)
        ) as gross_revenue
    from {{ ref('stg_shop__order_items') }} as items
    inner join product_references
        on items.product_key = product_references.product_reference_key
    left join orders on items.order_key = orders.order_key
    group by product_references.product_key
),

rates as (
    select
        currency,
        rate
    from {{ ref('int_core__exchange_rates') }}
    where rate_date = {{ as_of_date() }}
),

joined as (
    select
        coalesce(products.product_key, sold.product_key) as product_key,
        coalesce(products.source_name, sold.source_name) as source_name,
        coalesce(products.product_id, sold.product_id) as product_id,
        products.name,
        products.category,
        products.currency,
        products.unit_cost as listed_cost,
        {{ in_reporting_currency('products.unit_cost', 'rates.rate') }} as unit_cost,
        products.product_key is not null as is_listed,
        sold.first_sold_on,
        sold.last_sold_on,
        coalesce(sold.orders, 0) as orders,
        coalesce(sold.units_sold, 0) as units_sold,
        coalesce(sold.gross_revenue, 0) as gross_revenue
    from products
    full join sold on products.product_key = sold.product_key
    left join rates
        on coalesce(products.currency, '{{ var("reporting_currency") }}') = rates.currency
)

select * from joined
