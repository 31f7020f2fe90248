-- The channel that an order is reported under: its last touch within the look-back.
with last_touches as (
    select
        conversion_key as order_key,
        channel,
        campaign
    from {{ ref('int_attribution__touches_credited') }}
    where conversion_type = 'order' and model = 'last_touch'
)

select * from last_touches
