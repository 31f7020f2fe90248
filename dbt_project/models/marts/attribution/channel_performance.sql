with daily as (
    select * from {{ ref('int_attribution__channels_daily') }}
),

period_days as (
    select * from {{ ref('int_core__period_days') }}
),

periods as (
    select
        period_grain,
        period_start,
        is_complete
    from {{ ref('int_core__periods') }}
),

conversion_types as (
    select 'order' as conversion_type
    union all
    select 'opportunity' as conversion_type
    union all
    select 'all' as conversion_type
),

models as (
    select model from {{ ref('int_attribution__models') }}
),

totals as (
    select
        period_days.period_grain,
        period_days.period_start,
        daily.channel,
        daily.model,
        daily.conversion_type,
        sum(daily.sessions) as sessions,
        sum(daily.leads) as leads,
        sum(daily.impressions) as impressions,
        sum(daily.clicks) as clicks,
        sum(daily.spend) as spend,
        sum(daily.platform_conversions) as platform_conversions,
        sum(daily.conversions) as conversions,
        sum(daily.new_customers) as new_customers,
        sum(daily.attributed_revenue) as attributed_revenue,
        sum(daily.attributed_margin) as attributed_margin,
        sum(daily.unknown_margins) as unknown_margins,
        sum(daily.refunded) as refunded
    from daily
    inner join period_days on daily.activity_date = period_days.date_day
    group by
        period_days.period_grain,
        period_days.period_start,
        daily.channel,
        daily.model,
        daily.conversion_type
),

-- Visits, leads and spend belong to no model: they stand beside each model and conversion type.
activity as (
    select * from totals
    where model is null
),

credited as (
    select
        period_grain,
        period_start,
        channel,
        model,
        conversion_type,
        conversions,
        new_customers,
        attributed_revenue,
        attributed_margin,
        unknown_margins,
        refunded
    from totals
    where model is not null

    union all

    select
        period_grain,
        period_start,
        channel,
        model,
        'all' as conversion_type,
        sum(conversions) as conversions,
        sum(new_customers) as new_customers,
        sum(attributed_revenue) as attributed_revenue,
        sum(attributed_margin) as attributed_margin,
        sum(unknown_margins) as unknown_margins,
        sum(refunded) as refunded
    from totals
    where model is not null
    group by period_grain, period_start, channel, model
),

spine as (
    select
        observed.period_grain,
        observed.period_start,
        observed.channel,
        models.model,
        conversion_types.conversion_type
    from (select distinct
        period_grain,
        period_start,
        channel
    from totals) as observed
    cross join models
    cross join conversion_types
),

joined as (
    select
        spine.period_grain,
        spine.period_start,
        spine.channel,
        spine.model,
        spine.conversion_type,
        periods.is_complete,
        cast(coalesce(activity.sessions, 0) as bigint) as sessions,
        cast(coalesce(activity.impressions, 0) as bigint) as impressions,
        cast(coalesce(activity.clicks, 0) as bigint) as clicks,
        cast(coalesce(activity.spend, 0) as decimal(18, 4)) as spend,
        cast(coalesce(activity.leads, 0) as bigint) as leads,
        cast(coalesce(activity.platform_conversions, 0) as decimal(18, 4))
            as platform_conversions,
        cast(coalesce(credited.conversions, 0) as decimal(18, 9)) as conversions,
        cast(coalesce(credited.new_customers, 0) as decimal(18, 9)) as new_customers,
        cast(coalesce(credited.attributed_revenue, 0) as decimal(18, 4)) as attributed_revenue,
        -- No conversion earns no margin; a conversion of unknown margin leaves it unknown.
        cast(
            case
                when coalesce(credited.unknown_margins, 0) = 0
                    then coalesce(credited.attributed_margin, 0)
            end as decimal(18, 4)
        ) as attributed_margin,
        cast(coalesce(credited.refunded, 0) as decimal(18, 4)) as refunded
    from spine
    inner join periods
        on
            spine.period_grain = periods.period_grain
            and spine.period_start = periods.period_start
    left join activity
        on
            spine.period_grain = activity.period_grain
            and spine.period_start = activity.period_start
            and spine.channel = activity.channel
    left join credited
        on
            spine.period_grain = credited.period_grain
            and spine.period_start = credited.period_start
            and spine.channel = credited.channel
            and spine.model = credited.model
            and spine.conversion_type = credited.conversion_type
),

-- A cost per something is unknown, not zero, where the channel has no spend or no such thing.
rated as (
    select
        period_grain,
        period_start,
        channel,
        model,
        conversion_type,
        is_complete,
        sessions,
        impressions,
        clicks,
        spend,
        leads,
        conversions,
        new_customers,
        attributed_revenue,
        attributed_margin,
        refunded,
        platform_conversions,
        case when spend > 0 then cast(spend as double) / nullif(cast(clicks as double), 0) end
            as cpc,
        case when spend > 0 then cast(spend as double) / nullif(cast(leads as double), 0) end
            as cpl,
        case
            when spend > 0 then cast(spend as double) / nullif(cast(new_customers as double), 0)
        end as cac,
        case
            when spend > 0 then cast(attributed_revenue as double) / cast(spend as double)
        end as roas,
        case
            when spend > 0 then cast(attributed_margin - spend as double) / cast(spend as double)
        end as roi,
        conversions < {{ var('small_sample_conversions') }} as is_small_sample
    from joined
)

select * from rated
