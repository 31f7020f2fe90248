with orders as (
    select * from {{ ref('int_core__orders_valued') }}
),

refunds as (
    select
        order_key,
        sum(refunded) as refunded
    from {{ ref('int_core__refunds_valued') }}
    where order_key is not null
    group by order_key
),

reps as (
    select
        rep_key,
        team,
        valid_from,
        valid_until
    from {{ ref('int_core__sales_reps') }}
),

-- An order of a visit without consent is linked to none.
visits as (
    select
        order_sessions.order_key,
        sessions.session_key
    from {{ ref('int_sessions__order_sessions') }} as order_sessions
    inner join {{ ref('int_sessions__sessions_combined') }} as sessions
        on order_sessions.session_key = sessions.session_key
    where not order_sessions.is_consent_denied
),

channels as (
    select
        order_key,
        channel,
        campaign
    from {{ ref('int_attribution__order_channels') }}
),

joined as (
    select
        orders.order_key,
        orders.source_name,
        orders.order_id,
        orders.customer_key,
        orders.customer_id,
        orders.person_key,
        orders.ordered_at,
        orders.order_date,
        orders.status,
        orders.is_revenue,
        orders.status in ('cancelled', 'canceled') as is_cancelled,
        orders.currency,
        orders.exchange_rate,
        orders.is_rate_extrapolated,
        orders.country,
        orders.coupon,
        orders.rep_key,
        orders.rep_id,
        case when orders.rep_key is not null then coalesce(reps.team, '(unknown)') end as team,
        orders.session_id,
        visits.session_key,
        orders.total,
        orders.item_count,
        orders.gross_revenue,
        orders.discount,
        orders.net_revenue,
        cast(coalesce(refunds.refunded, 0) as decimal(18, 4)) as refunded,
        orders.tax,
        orders.shipping,
        orders.cost,
        orders.margin,
        orders.is_first_order,
        case
            when orders.is_revenue then coalesce(channels.channel, '(unattributed)')
        end as channel,
        case
            when orders.is_revenue then coalesce(channels.campaign, '(not set)')
        end as campaign,
        orders.updated_at
    from orders
    left join refunds on orders.order_key = refunds.order_key
    left join reps
        on {{ rep_as_of('reps', 'orders.rep_key', 'orders.order_date') }}
    left join visits on orders.order_key = visits.order_key
    left join channels on orders.order_key = channels.order_key
)

select * from joined
