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

sold as (
    select
        product_key,
        min(source_name) as source_name,
        min(product_id) as product_id,
        min(case when is_revenue then order_date end) as first_sold_on,
        max(case when is_revenue then order_date end) as last_sold_on,
        cast(count(distinct case when is_revenue then order_key end) as bigint) as orders,
        cast(
            coalesce(sum(case when is_revenue then quantity end), 0) as decimal(18, 4)
        ) as units_sold,
        cast(
            coalesce(sum(case when is_revenue then gross_revenue end), 0) as decimal(18, 4)
        ) as gross_revenue
    from {{ ref('int_core__order_items_valued') }}
    where product_key is not null
    group by product_key
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
