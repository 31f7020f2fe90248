-- Customers counted per period: who orders on two days of a month is one customer of the month, and
-- nobody adds months up.
{%- set dimensions = ['country', 'segment', 'channel'] %}
with customers as (
    select
        customer_key,
        {{ segment_of('country') }} as country,
        {{ segment_of('segment') }} as segment
    from {{ ref('int_core__customers') }}
),

buying_days as (
    select distinct
        orders.customer_key,
        orders.order_date,
        coalesce(orders.country, customers.country) as country,
        customers.segment,
        order_channels.channel
    from {{ ref('int_core__orders_valued') }} as orders
    inner join customers on orders.customer_key = customers.customer_key
    left join {{ ref('int_attribution__order_channels') }} as order_channels
        on orders.order_key = order_channels.order_key
    where orders.is_revenue
),

buying_periods as (
    select distinct
        period_days.period_grain,
        period_days.period_start,
        buying_days.customer_key,
        buying_days.country,
        buying_days.segment,
        coalesce(buying_days.channel, '(unattributed)') as channel
    from buying_days
    inner join {{ ref('int_core__period_days') }} as period_days
        on buying_days.order_date = period_days.date_day
),

active as (
    select
        buying_periods.period_grain,
        buying_periods.period_start,
        {{ grouped_dimension('buying_periods', dimensions) }},
        count(distinct buying_periods.customer_key) as active_customers
    from buying_periods
    group by
        {{ dimension_sets(
            'buying_periods', ['buying_periods.period_grain', 'buying_periods.period_start'],
            dimensions
        ) }}
),

-- Whoever comes back does so in whichever country: here a customer has the one on record.
buyers as (
    select distinct
        period_grain,
        period_start,
        customer_key
    from buying_periods
    where period_grain in ('month', 'quarter', 'year')
),

returned as (
    select
        periods.period_grain,
        periods.period_start,
        customers.country,
        customers.segment,
        1 as previous_customers,
        case when again.customer_key is not null then 1 else 0 end as retained_customers
    from buyers
    inner join {{ ref('int_core__periods') }} as periods
        on
            buyers.period_grain = periods.period_grain
            and buyers.period_start = periods.previous_period_start
    inner join customers on buyers.customer_key = customers.customer_key
    left join buyers as again
        on
            periods.period_grain = again.period_grain
            and periods.period_start = again.period_start
            and buyers.customer_key = again.customer_key
),

retention as (
    {{ sums_by_dimension(
        'returned', ['period_grain', 'period_start'], ['country', 'segment'],
        ['previous_customers', 'retained_customers']
    ) }}
),

by_period as (
    {{ period_components('active', {
        'active_customers': ['active_customers', 'active_customers'],
    }, "'shop_orders'") }}

    union all

    {{ period_components('retention', {
        'previous_customers': ['previous_customers', 'previous_customers'],
        'retained_customers': ['retained_customers', 'previous_customers'],
    }, "'shop_orders'") }}
)

select * from by_period
