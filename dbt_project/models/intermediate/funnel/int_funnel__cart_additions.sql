-- What each product put into a cart would have cost: its latest known price, in the shop of the
-- site, or in the only shop that sells a product of that id. An event is one piece.
with additions as (
    select
        events.event_key,
        sessionised.session_key,
        sessionised.occurred_at,
        {{ counted_date(business_date('sessionised.occurred_at')) }} as added_date,
        events.source_name,
        events.product_id
    from {{ ref('int_sessions__events_sessionised') }} as sessionised
    inner join {{ ref('stg_web__events') }} as events
        on sessionised.event_key = events.event_key
    where sessionised.event_name = 'add_to_cart'
),

prices as (
    select
        source_name,
        product_id,
        product_key,
        unit_price,
        currency,
        valid_from,
        coalesce(valid_until, {{ end_of_time() }}) as valid_until
    from {{ ref('int_funnel__product_prices') }}
),

sole_products as (
    select
        product_id,
        min(product_key) as product_key
    from prices
    group by product_id
    having min(product_key) = max(product_key)
),

own_products as (
    select distinct
        source_name,
        product_id,
        product_key
    from prices
),

identified as (
    select
        additions.event_key,
        additions.session_key,
        additions.occurred_at,
        additions.added_date,
        coalesce(own_products.product_key, sole_products.product_key) as product_key
    from additions
    left join {{ ref('int_funnel__site_shops') }} as site_shops
        on additions.source_name = site_shops.source_name
    left join own_products
        on
            site_shops.shop_source_name = own_products.source_name
            and additions.product_id = own_products.product_id
    left join sole_products on additions.product_id = sole_products.product_id
),

valued as (
    select
        identified.event_key,
        identified.session_key,
        identified.occurred_at,
        identified.product_key,
        {{ in_reporting_currency('prices.unit_price', 'rates.rate') }} as price
    from identified
    left join prices
        on
            identified.product_key = prices.product_key
            and identified.occurred_at >= prices.valid_from
            and identified.occurred_at < prices.valid_until
    left join {{ ref('int_core__exchange_rates') }} as rates
        on prices.currency = rates.currency and identified.added_date = rates.rate_date
)

select * from valued
