with orders as (
    select
        customer_key,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as order_month,
        net_revenue,
        is_first_order
    from {{ ref('int_core__orders_valued') }}
    where is_revenue and customer_key is not null
),

cohorts as (
    select
        customer_key,
        order_month as cohort_month
    from orders
    where is_first_order
),

cohort_sizes as (
    select
        cohort_month,
        count(*) as customers
    from cohorts
    group by cohort_month
),

activity as (
    select
        cohorts.cohort_month,
        orders.order_month,
        count(distinct orders.customer_key) as active,
        sum(orders.net_revenue) as revenue
    from orders
    inner join cohorts on orders.customer_key = cohorts.customer_key
    group by cohorts.cohort_month, orders.order_month
),

-- Every month from a cohort's first to the running one, so that an inactive month is a zero.
spine as (
    select
        cohort_sizes.cohort_month,
        cohort_sizes.customers,
        periods.period_start as order_month,
        periods.is_complete
    from cohort_sizes
    inner join {{ ref('int_core__periods') }} as periods
        on cohort_sizes.cohort_month <= periods.period_start
    where periods.period_grain = 'month'
),

joined as (
    select
        spine.cohort_month,
        cast({{ dbt.datediff('spine.cohort_month', 'spine.order_month', 'month') }} as bigint)
            as months_since,
        spine.order_month,
        spine.is_complete,
        spine.customers,
        coalesce(activity.active, 0) as active,
        coalesce(activity.revenue, 0) as revenue
    from spine
    left join activity
        on
            spine.cohort_month = activity.cohort_month
            and spine.order_month = activity.order_month
),

retained as (
    select
        cohort_month,
        months_since,
        order_month,
        is_complete,
        cast(customers as bigint) as customers,
        cast(active as bigint) as active,
        cast(active as double) / cast(customers as double) as retention,
        cast(revenue as decimal(18, 4)) as revenue,
        cast(
            sum(revenue) over (
                partition by cohort_month
                order by months_since nulls last
                rows between unbounded preceding and current row
            ) as decimal(28, 4)
        ) as cumulative_revenue
    from joined
),

per_customer as (
    select
        *,
        cast(cumulative_revenue as double) / cast(customers as double)
            as cumulative_revenue_per_customer
    from retained
)

select * from per_customer
