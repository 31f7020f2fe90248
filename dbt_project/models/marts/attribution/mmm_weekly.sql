with channel_weeks as (
    select * from {{ ref('int_budget__channel_weeks') }}
),

outcome_weeks as (
    select * from {{ ref('int_budget__outcome_weeks') }}
),

-- Platforms report their spend without a region: there is one, the whole.
joined as (
    select
        channel_weeks.week_start,
        'all' as geo,
        channel_weeks.channel,
        channel_weeks.spend,
        channel_weeks.impressions,
        channel_weeks.clicks,
        channel_weeks.sessions,
        channel_weeks.attributed_conversions,
        channel_weeks.attributed_revenue,
        outcome_weeks.conversions,
        outcome_weeks.new_customers,
        outcome_weeks.revenue,
        outcome_weeks.holidays,
        outcome_weeks.gross_revenue,
        outcome_weeks.discount,
        outcome_weeks.discount_rate,
        outcome_weeks.web_days_lost
    from channel_weeks
    inner join outcome_weeks on channel_weeks.week_start = outcome_weeks.week_start
)

select * from joined
