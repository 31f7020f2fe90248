-- An order line means the product of its own source's list, else the only one of that id in any
-- list, else one that no list has.
with products as (
    select
        product_id,
        product_key
    from {{ ref('stg_shop__products') }}
),

mentions as (
    select distinct
        product_id,
        product_key
    from {{ ref('stg_shop__order_items') }}
    where product_key is not null
),

known_ids as (
    select
        product_id,
        min(product_key) as product_key
    from products
    group by product_id
    having count(*) = 1
),

resolved as (
    select
        product_key as product_reference_key,
        product_key
    from products

    union all

    select
        mentions.product_key as product_reference_key,
        coalesce(known_ids.product_key, mentions.product_key) as product_key
    from mentions
    left join products on mentions.product_key = products.product_key
    left join known_ids on mentions.product_id = known_ids.product_id
    where products.product_key is null
)

select * from resolved
