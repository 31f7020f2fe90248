-- Each customer has windows of its own, counted from the day of the first order. Rates compare only
-- customers whose window is over, as far as orders are known of: the others could still come back.
with purchases as (
    select
        customer_key,
        first_order_date,
        cast(
            floor(cast(days_since_first as double) / {{ var('retention_window_days') }}) as bigint
        ) as window_number,
        net_revenue,
        margin
    from {{ ref('int_retention__purchase_days') }}
),

known as (
    {{ known_until(['shop_orders']) }}
),

observed as (
    select distinct
        purchases.customer_key,
        cast({{ dbt.date_trunc('month', 'purchases.first_order_date') }} as date) as cohort_month,
        {{ dbt.datediff('purchases.first_order_date', as_of_date(), 'day') }} as days_so_far,
        {{ dbt.datediff('purchases.first_order_date', 'known.known_until', 'day') }} as days_known
    from purchases
    cross join known
),

customers as (
    select
        customer_key,
        cohort_month,
        cast(
            floor(cast(days_so_far as double) / {{ var('retention_window_days') }}) as bigint
        ) as begun_windows,
        cast(
            floor(cast(days_known as double) / {{ var('retention_window_days') }}) as bigint
        ) as closed_windows
    from observed
),

-- A month's customers have closed equally many windows, or one or two more: few groups remain.
sizes as (
    select
        cohort_month,
        closed_windows,
        max(begun_windows) as begun_windows,
        count(*) as customers
    from customers
    group by cohort_month, closed_windows
),

activity as (
    select
        customers.cohort_month,
        customers.closed_windows,
        purchases.window_number,
        count(distinct purchases.customer_key) as active,
        sum(purchases.net_revenue) as revenue,
        sum(purchases.margin) as margin,
        count(*) - count(purchases.margin) as unknown_margins
    from purchases
    inner join customers on purchases.customer_key = customers.customer_key
    group by customers.cohort_month, customers.closed_windows, purchases.window_number
),

cohorts as (
    select
        cohort_month,
        sum(customers) as customers,
        min(closed_windows) as windows_all_closed,
        max(begun_windows) as last_window
    from sizes
    group by cohort_month
),

-- One number for each day of the calendar is more than enough for windows.
numbers as (
    select row_number() over (order by date_day nulls last) - 1 as window_number
    from {{ ref('int_core__calendar_days') }}
),

spine as (
    select
        cohorts.cohort_month,
        numbers.window_number,
        cohorts.customers,
        numbers.window_number < cohorts.windows_all_closed as is_mature
    from cohorts
    inner join numbers on cohorts.last_window >= numbers.window_number
),

mature_sizes as (
    select
        spine.cohort_month,
        spine.window_number,
        sum(case when sizes.closed_windows > spine.window_number then sizes.customers else 0 end)
            as mature_customers
    from spine
    inner join sizes on spine.cohort_month = sizes.cohort_month
    group by spine.cohort_month, spine.window_number
),

-- What customers whose window is over had done up to its end, and in it.
totals as (
    select
        spine.cohort_month,
        spine.window_number,
        sum(case when activity.window_number = spine.window_number then activity.revenue end)
            as revenue,
        sum(
            case
                when
                    activity.window_number = spine.window_number
                    and activity.closed_windows > spine.window_number
                    then activity.active
            end
        ) as active,
        sum(case when activity.closed_windows > spine.window_number then activity.revenue end)
            as cumulative_revenue,
        sum(case when activity.closed_windows > spine.window_number then activity.margin end)
            as cumulative_margin,
        sum(
            case
                when activity.closed_windows > spine.window_number then activity.unknown_margins
            end
        ) as unknown_margins
    from spine
    inner join activity
        on
            spine.cohort_month = activity.cohort_month
            and spine.window_number >= activity.window_number
    group by spine.cohort_month, spine.window_number
),

joined as (
    select
        spine.cohort_month,
        cast(spine.window_number as bigint) as window_number,
        spine.is_mature,
        cast(spine.customers as bigint) as customers,
        cast(mature_sizes.mature_customers as bigint) as mature_customers,
        case
            when mature_sizes.mature_customers > 0
                then cast(coalesce(totals.active, 0) as bigint)
        end as active,
        cast(coalesce(totals.revenue, 0) as decimal(18, 4)) as revenue,
        case
            when mature_sizes.mature_customers > 0
                then cast(coalesce(totals.cumulative_revenue, 0) as decimal(28, 4))
        end as cumulative_revenue,
        case
            when mature_sizes.mature_customers > 0 and totals.unknown_margins = 0
                then cast(totals.cumulative_margin as decimal(28, 4))
        end as cumulative_margin
    from spine
    inner join mature_sizes
        on
            spine.cohort_month = mature_sizes.cohort_month
            and spine.window_number = mature_sizes.window_number
    left join totals
        on
            spine.cohort_month = totals.cohort_month
            and spine.window_number = totals.window_number
),

rated as (
    select
        cohort_month,
        window_number,
        is_mature,
        customers,
        mature_customers,
        active,
        {{ ratio('active', 'mature_customers') }} as retention,
        revenue,
        cumulative_revenue,
        {{ ratio('cumulative_revenue', 'mature_customers') }} as cumulative_revenue_per_customer,
        cumulative_margin,
        {{ ratio('cumulative_margin', 'mature_customers') }} as cumulative_margin_per_customer
    from joined
)

select * from rated
