with customer_references as (
    select
        customer_key,
        min(customer_id) as customer_id
    from {{ ref('int_identity__customer_references') }}
    group by customer_key
),

shop_customers as (
    select
        customer_key,
        created_at,
        country,
        segment,
        marketing_consent
    from {{ ref('stg_shop__customers') }}
),

latest_country as (
    select
        customer_key,
        country
    from {{ ref('int_core__orders_valued') }}
    where customer_key is not null and country is not null
    qualify
        row_number() over (
            partition by customer_key order by ordered_at desc nulls last, order_key asc nulls last
        ) = 1
),

customers as (
    select
        customer_references.customer_key,
        customer_references.customer_id,
        shop_customers.created_at,
        coalesce(shop_customers.country, latest_country.country) as country,
        shop_customers.segment,
        shop_customers.marketing_consent,
        shop_customers.customer_key is not null as is_identified
    from customer_references
    left join shop_customers on customer_references.customer_key = shop_customers.customer_key
    left join latest_country on customer_references.customer_key = latest_country.customer_key
)

select * from customers
