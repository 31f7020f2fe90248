-- What takes revenue back on a day of its own: a refund of an order, or of no known one, and a deal
-- that was lost after it had been won.
with refunds as (
    select
        refund_key as reversal_key,
        order_key as conversion_key,
        'order' as conversion_type,
        refund_date as reversed_date,
        refunded as amount
    from {{ ref('int_core__refunds_valued') }}
    where is_revenue
),

lost_deals as (
    select
        conversion_key as reversal_key,
        conversion_key,
        conversion_type,
        reversed_date,
        revenue as amount
    from {{ ref('int_attribution__conversions') }}
    where reversed_date is not null
),

reversals as (
    select * from refunds
    union all
    select * from lost_deals
)

select * from reversals
