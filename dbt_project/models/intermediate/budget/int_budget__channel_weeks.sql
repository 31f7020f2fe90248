with weeks as (
    select week_start from {{ ref('int_budget__weeks') }}
),

daily as (
    select
        {{ period_start('week', 'activity_date') }} as week_start,
        channel,
        model,
        sessions,
        impressions,
        clicks,
        spend,
        conversions,
        attributed_revenue
    from {{ ref('int_attribution__performance_daily') }}
    where
        channel not in ('(unattributed)', '(no consent)')
        and (
            model is null
            or (model = '{{ var("budget_model") }}' and {{ is_in_all('conversion_type') }})
        )
),

channels as (
    select distinct channel from daily
),

totals as (
    select
        week_start,
        channel,
        sum(sessions) as sessions,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(spend) as spend,
        sum(conversions) as attributed_conversions,
        sum(attributed_revenue) as attributed_revenue
    from daily
    group by week_start, channel
),

-- A week without a channel's activity is a zero of the series, not a gap.
filled as (
    select
        weeks.week_start,
        channels.channel,
        cast(coalesce(totals.sessions, 0) as bigint) as sessions,
        cast(coalesce(totals.impressions, 0) as bigint) as impressions,
        cast(coalesce(totals.clicks, 0) as bigint) as clicks,
        cast(coalesce(totals.spend, 0) as decimal(18, 4)) as spend,
        cast(coalesce(totals.attributed_conversions, 0) as decimal(18, 9))
            as attributed_conversions,
        cast(coalesce(totals.attributed_revenue, 0) as decimal(18, 4)) as attributed_revenue
    from weeks
    cross join channels
    left join totals
        on weeks.week_start = totals.week_start and channels.channel = totals.channel
)

select * from filled
