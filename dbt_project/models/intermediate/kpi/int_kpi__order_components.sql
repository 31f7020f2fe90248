with orders as (
    select
        orders.order_date,
        coalesce(orders.country, customers.country) as country,
        customers.segment,
        order_channels.channel,
        orders.net_revenue,
        orders.is_first_order
    from {{ ref('int_core__orders_valued') }} as orders
    left join {{ ref('int_core__customers') }} as customers
        on orders.customer_key = customers.customer_key
    left join {{ ref('int_attribution__order_channels') }} as order_channels
        on orders.order_key = order_channels.order_key
    where orders.is_revenue
),

refunds as (
    select
        refunds.refund_date,
        coalesce(refunds.country, customers.country) as country,
        customers.segment,
        coalesce(order_channels.channel, '(unattributed)') as channel,
        refunds.refunded
    from {{ ref('int_core__refunds_valued') }} as refunds
    left join {{ ref('int_core__customers') }} as customers
        on refunds.customer_key = customers.customer_key
    left join {{ ref('int_attribution__order_channels') }} as order_channels
        on refunds.order_key = order_channels.order_key
    where refunds.is_revenue
),

components as (
    select
        'net_revenue' as component,
        order_date as activity_date,
        country,
        segment,
        channel,
        net_revenue as amount
    from orders

    union all

    -- A refund takes revenue back on its own day.
    select
        'net_revenue' as component,
        refund_date as activity_date,
        country,
        segment,
        channel,
        -refunded as amount
    from refunds

    union all

    select
        'order_revenue' as component,
        order_date as activity_date,
        country,
        segment,
        channel,
        net_revenue as amount
    from orders

    union all

    select
        'orders' as component,
        order_date as activity_date,
        country,
        segment,
        channel,
        1 as amount
    from orders

    union all

    select
        'new_customers' as component,
        order_date as activity_date,
        country,
        segment,
        channel,
        case when is_first_order then 1 else 0 end as amount
    from orders

    union all

    select
        'refunded' as component,
        refund_date as activity_date,
        country,
        segment,
        channel,
        refunded as amount
    from refunds
),

daily as (
    select
        component,
        'shop_orders' as raw_table,
        cast(0 as bigint) as maturity_days,
        activity_date,
        country,
        segment,
        channel,
        cast(null as {{ dbt.type_string() }}) as device,
        cast(sum(amount) as decimal(28, 4)) as amount,
        cast(count(*) as bigint) as sample
    from components
    group by component, activity_date, country, segment, channel
)

select * from daily
