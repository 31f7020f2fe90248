-- The channel that an order is reported under: its last touch within the look-back.
with orders as (
    select conversion_key
    from {{ ref('int_attribution__conversions') }}
    where conversion_type = 'order'
),

last_touches as (
    select
        orders.conversion_key as order_key,
        credits.channel,
        credits.campaign
    from orders
    inner join {{ ref('int_attribution__credits') }} as credits
        on orders.conversion_key = credits.conversion_key
    where credits.position = credits.path_length
)

select * from last_touches
