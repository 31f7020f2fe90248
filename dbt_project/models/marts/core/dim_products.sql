with products as (
    select
        product_key,
        source_name,
        product_id,
        coalesce(name, '(unknown)') as name,
        coalesce(category, '(unknown)') as category,
        currency,
        listed_cost,
        unit_cost,
        is_listed,
        first_sold_on,
        last_sold_on,
        orders,
        units_sold,
        gross_revenue
    from {{ ref('int_core__products_sold') }}
)

select * from products
