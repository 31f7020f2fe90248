-- Several orders of a day are one purchase: a second basket an hour later is no return. A margin is
-- known only where that of every order is.
with days as (
    select
        customer_key,
        order_date,
        count(*) as orders,
        sum(net_revenue) as net_revenue,
        case when count(margin) = count(*) then sum(margin) end as margin
    from {{ ref('int_core__orders_valued') }}
    where is_revenue and customer_key is not null
    group by customer_key, order_date
),

numbered as (
    select
        customer_key,
        order_date,
        cast(orders as bigint) as orders,
        cast(net_revenue as decimal(18, 4)) as net_revenue,
        cast(margin as decimal(18, 4)) as margin,
        row_number() over (partition by customer_key order by order_date nulls last)
            as purchase_number,
        min(order_date) over (partition by customer_key) as first_order_date,
        lag(order_date) over (partition by customer_key order by order_date nulls last)
            as previous_order_date
    from days
),

spaced as (
    select
        customer_key,
        order_date,
        orders,
        net_revenue,
        margin,
        purchase_number,
        first_order_date,
        cast({{ dbt.datediff('first_order_date', 'order_date', 'day') }} as bigint)
            as days_since_first,
        cast({{ dbt.datediff('previous_order_date', 'order_date', 'day') }} as bigint)
            as days_since_previous
    from numbered
)

select * from spaced
