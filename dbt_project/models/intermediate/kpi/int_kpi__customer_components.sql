-- Customers counted per period: who orders on two days of a month is one customer of the month, and
-- nobody adds months up. A customer has the country and segment on record, whatever the order says.
{%- set keys = ['period_grain', 'period_start'] %}
{%- set dimensions = ['country', 'segment'] %}
with customers as (
    select
        customer_key,
        {{ segment_of('country') }} as country,
        {{ segment_of('segment') }} as segment
    from {{ ref('int_core__customers') }}
),

buyers as (
    select distinct
        period_days.period_grain,
        period_days.period_start,
        purchase_days.customer_key
    from {{ ref('int_retention__purchase_days') }} as purchase_days
    inner join {{ ref('int_core__period_days') }} as period_days
        on purchase_days.order_date = period_days.date_day
),

placed as (
    select
        buyers.period_grain,
        buyers.period_start,
        customers.country,
        customers.segment,
        1 as active_customers
    from buyers
    inner join customers on buyers.customer_key = customers.customer_key
),

active as (
    {{ sums_by_dimension('placed', keys, dimensions, ['active_customers']) }}
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
    where buyers.period_grain in ('month', 'quarter', 'year')
),

retention as (
    {{ sums_by_dimension(
        'returned', keys, dimensions, ['previous_customers', 'retained_customers']
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
