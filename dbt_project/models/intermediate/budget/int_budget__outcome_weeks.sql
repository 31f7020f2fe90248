with weeks as (
    select
        week_start,
        week_end,
        web_days_lost
    from {{ ref('int_budget__weeks') }}
),

conversions as (
    select
        {{ period_start('week', 'converted_date') }} as week_start,
        count(*) as conversions,
        sum(case when is_new_customer then 1 else 0 end) as new_customers,
        sum(revenue) as revenue
    from {{ ref('int_attribution__conversions') }}
    where {{ is_in_all('conversion_type') }}
    group by {{ period_start('week', 'converted_date') }}
),

orders as (
    select
        {{ period_start('week', 'order_date') }} as week_start,
        sum(gross_revenue) as gross_revenue,
        sum(discount) as discount
    from {{ ref('int_core__orders_valued') }}
    where is_revenue
    group by {{ period_start('week', 'order_date') }}
),

holidays as (
    select distinct holiday_date from {{ ref('holidays') }}
),

holiday_weeks as (
    select
        weeks.week_start,
        count(*) as holidays
    from weeks
    inner join holidays
        on
            weeks.week_start <= holidays.holiday_date
            and weeks.week_end > holidays.holiday_date
    group by weeks.week_start
),

joined as (
    select
        weeks.week_start,
        weeks.web_days_lost,
        cast(coalesce(conversions.conversions, 0) as bigint) as conversions,
        cast(coalesce(conversions.new_customers, 0) as bigint) as new_customers,
        cast(coalesce(conversions.revenue, 0) as decimal(18, 4)) as revenue,
        cast(coalesce(holiday_weeks.holidays, 0) as bigint) as holidays,
        cast(coalesce(orders.gross_revenue, 0) as decimal(18, 4)) as gross_revenue,
        cast(coalesce(orders.discount, 0) as decimal(18, 4)) as discount,
        {{ ratio('orders.discount', 'orders.gross_revenue') }} as discount_rate
    from weeks
    left join conversions on weeks.week_start = conversions.week_start
    left join orders on weeks.week_start = orders.week_start
    left join holiday_weeks on weeks.week_start = holiday_weeks.week_start
)

select * from joined
