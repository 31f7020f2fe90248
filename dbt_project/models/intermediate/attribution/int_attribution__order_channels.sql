-- The channel that an order is reported under: its last touch within the look-back.
with orders as (
    select conversion_key
    from {{ ref('int_attribution__conversions') }}
    where conversion_type = 'order'
),

last_touches as (
    select
        orders.conversion_key as order_key,
        path_channels.last_channel as channel,
        path_channels.last_campaign as campaign
    from orders
    inner join {{ ref('int_attribution__path_channels') }} as path_channels
        on orders.conversion_key = path_channels.conversion_key
)

select * from last_touches
