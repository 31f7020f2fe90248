-- Orders as they were taken; refunds take nothing back here.
with purchases as (
    select
        customer_key,
        cast({{ dbt.date_trunc('month', 'first_order_date') }} as date) as cohort_month,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as order_month,
        purchase_number,
        orders,
        net_revenue,
        margin
    from {{ ref('int_retention__purchase_days') }}
),

cohort_sizes as (
    select
        cohort_month,
        count(distinct customer_key) as customers
    from purchases
    group by cohort_month
),

-- A second day with an order makes a customer a repeat one, once.
activity as (
    select
        cohort_month,
        order_month,
        count(distinct customer_key) as active,
        sum(case when purchase_number = 2 then 1 else 0 end) as new_repeat_customers,
        sum(orders) as orders,
        sum(net_revenue) as revenue,
        case when count(margin) = count(*) then sum(margin) end as margin
    from purchases
    group by cohort_month, order_month
),

-- The days that orders span.
extents as (
    {{ extents_of('active_customers') }}
),

months as (
    select
        periods.period_start,
        periods.is_complete and {{ is_whole('extents') }} as is_complete
    from {{ ref('int_core__periods') }} as periods
    cross join extents
    where periods.period_grain = 'month'
),

-- Every month from a cohort's first to the running one, so that an inactive month is a zero. Of a
-- cohort whose own month is not whole it is not known who else was new in it.
spine as (
    select
        cohort_sizes.cohort_month,
        cohort_sizes.customers,
        months.period_start as order_month,
        months.is_complete and cohort_months.is_complete as is_complete
    from cohort_sizes
    inner join months as cohort_months on cohort_sizes.cohort_month = cohort_months.period_start
    inner join months on cohort_sizes.cohort_month <= months.period_start
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
        coalesce(activity.new_repeat_customers, 0) as new_repeat_customers,
        coalesce(activity.orders, 0) as orders,
        coalesce(activity.revenue, 0) as revenue,
        case when activity.order_month is null then 0 else activity.margin end as margin,
        case when activity.order_month is not null and activity.margin is null then 1 else 0 end
            as unknown_margins
    from spine
    left join activity
        on
            spine.cohort_month = activity.cohort_month
            and spine.order_month = activity.order_month
),

{% set so_far -%}
    over (
                partition by cohort_month
                order by months_since nulls last
                rows between unbounded preceding and current row
            )
{%- endset %}
retained as (
    select
        cohort_month,
        months_since,
        order_month,
        is_complete,
        cast(customers as bigint) as customers,
        cast(active as bigint) as active,
        {{ ratio('active', 'customers') }} as retention,
        cast(sum(new_repeat_customers) {{ so_far }} as bigint) as repeat_customers,
        cast(orders as bigint) as orders,
        cast(revenue as decimal(18, 4)) as revenue,
        cast(margin as decimal(18, 4)) as margin,
        cast(sum(revenue) {{ so_far }} as decimal(28, 4)) as cumulative_revenue,
        -- One order of unknown margin makes the sum unknown from its month on.
        case
            when sum(unknown_margins) {{ so_far }} = 0
                then cast(sum(margin) {{ so_far }} as decimal(28, 4))
        end as cumulative_margin
    from joined
),

per_customer as (
    select
        *,
        {{ ratio('repeat_customers', 'customers') }} as repeat_rate,
        {{ ratio('cumulative_revenue', 'customers') }} as cumulative_revenue_per_customer,
        {{ ratio('cumulative_margin', 'customers') }} as cumulative_margin_per_customer
    from retained
)

select * from per_customer
