-- Weeks that lie whole between the first and the last day with spend: before it began and after the
-- platforms last reported, nothing is known rather than nothing spent.
with spent as (
    select
        min(spend_date) as first_date,
        max(spend_date) as last_date
    from {{ ref('int_core__ad_spend_valued') }}
    where spend > 0
),

weeks as (
    select
        periods.period_start as week_start,
        periods.period_end as week_end
    from {{ ref('int_core__periods') }} as periods
    inner join spent
        on
            periods.period_start >= spent.first_date
            and periods.period_end <= cast(spent.last_date + interval '1' day as date)
    where periods.period_grain = 'week' and periods.is_complete
)

select * from weeks
