-- A site and its shop are different sources: the shop is the one that most of the site's purchases
-- are found in. Where a visit goes on to a checkout that is a site of its own, which alone reports
-- the purchase, it is one of each site of the visit.
with orders as (
    select
        order_key,
        source_name
    from {{ ref('stg_shop__orders') }}
),

purchases as (
    select
        events.event_key,
        events.source_name,
        orders.source_name as shop_source_name,
        sessionised.session_key
    from {{ ref('stg_web__events') }} as events
    inner join {{ ref('int_core__order_references') }} as order_references
        on events.order_key = order_references.order_reference_key
    inner join orders on order_references.order_key = orders.order_key
    left join {{ ref('int_sessions__events_sessionised') }} as sessionised
        on events.event_key = sessionised.event_key
    where events.event_name = 'purchase'
),

visits as (
    select
        session_key,
        source_name
    from {{ ref('int_sessions__events_sessionised') }}
    where session_key in (select purchases.session_key from purchases)
),

of_sites as (
    select
        event_key,
        source_name,
        shop_source_name
    from purchases

    union

    select
        purchases.event_key,
        visits.source_name,
        purchases.shop_source_name
    from purchases
    inner join visits on purchases.session_key = visits.session_key
),

matches as (
    select
        source_name,
        shop_source_name,
        count(*) as purchases
    from of_sites
    group by source_name, shop_source_name
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
