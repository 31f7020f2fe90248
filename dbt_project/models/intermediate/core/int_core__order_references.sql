-- Refunds of another system than the shop's, such as a payment provider's, name its orders, and so
-- do purchases of a web log: a reference means the order of its own source, else the only order of
-- that id anywhere.
with orders as (
    select
        order_key,
        order_id
    from {{ ref('stg_shop__orders') }}
),

known_ids as (
    select
        order_id,
        min(order_key) as order_key
    from orders
    group by order_id
    having count(*) = 1
),

mentions as (
    select
        order_key as order_reference_key,
        order_id
    from {{ ref('stg_shop__refunds') }}
    where order_key is not null
    union
    select
        order_key as order_reference_key,
        order_id
    from {{ ref('stg_web__events') }}
    where event_name = 'purchase' and order_key is not null
),

resolved as (
    select
        mentions.order_reference_key,
        coalesce(orders.order_key, known_ids.order_key) as order_key
    from mentions
    left join orders on mentions.order_reference_key = orders.order_key
    left join known_ids on mentions.order_id = known_ids.order_id
)

select * from resolved
where order_key is not null
