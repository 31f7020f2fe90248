-- A site and its shop are different sources: the shop is the one that most of the site's purchases
-- are found in.
with orders as (
    select
        order_key,
        source_name
    from {{ ref('stg_shop__orders') }}
),

matches as (
    select
        events.source_name,
        orders.source_name as shop_source_name,
        count(*) as purchases
    from {{ ref('stg_web__events') }} as events
    inner join {{ ref('int_core__order_references') }} as order_references
        on events.order_key = order_references.order_reference_key
    inner join orders on order_references.order_key = orders.order_key
    where events.event_name = 'purchase'
    group by events.source_name, orders.source_name
),

site_shops as (
    select
        source_name,
        shop_source_name
    from matches
    qualify
        row_number() over (
            partition by source_name
            order by purchases desc nulls last, shop_source_name asc nulls last
        ) = 1
)

select * from site_shops
