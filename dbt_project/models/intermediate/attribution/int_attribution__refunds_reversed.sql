-- A refund takes back credit on its own day, along the split of its order; a refund of no known
-- order is a reversal that no channel earned.
with refunds as (
    select
        refund_key,
        order_key,
        refund_date,
        refunded
    from {{ ref('int_core__refunds_valued') }}
    where is_revenue
),

credits as (
    select
        conversion_key,
        position,
        channel,
        campaign,
        model,
        credit_before,
        credit_through,
        credit_whole
    from {{ ref('int_attribution__touches_credited') }}
    where conversion_type = 'order'
),

known as (
    select distinct conversion_key from credits
),

models as (
    select model from {{ ref('int_attribution__models') }}
),

reversed as (
    select
        refunds.refund_key,
        refunds.refund_date,
        credits.position,
        credits.channel,
        credits.campaign,
        credits.model,
        {{ split_amount('refunds.refunded') }} as refunded
    from refunds
    inner join credits on refunds.order_key = credits.conversion_key

    union all

    select
        refunds.refund_key,
        refunds.refund_date,
        cast(0 as bigint) as position,
        '(unattributed)' as channel,
        '(not set)' as campaign,
        models.model,
        refunds.refunded
    from refunds
    left join known on refunds.order_key = known.conversion_key
    cross join models
    where known.conversion_key is null
)

select * from reversed
