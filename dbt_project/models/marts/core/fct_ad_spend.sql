with spend as (
    select * from {{ ref('int_core__ad_spend_valued') }}
),

traffic_sources as (
    select
        traffic_source_key,
        channel,
        campaign
    from {{ ref('int_attribution__traffic_sources') }}
),

joined as (
    select
        spend.ad_spend_key,
        spend.source_name,
        spend.spend_date,
        spend.platform,
        spend.account_id,
        spend.campaign_id,
        spend.campaign_name,
        spend.ad_group_id,
        spend.ad_id,
        spend.utm_source,
        spend.utm_medium,
        spend.utm_campaign,
        spend.grain,
        traffic_sources.channel,
        traffic_sources.campaign,
        spend.impressions,
        spend.clicks,
        spend.currency,
        spend.exchange_rate,
        spend.is_rate_extrapolated,
        spend.stated_spend,
        spend.reported_spend,
        spend.spend,
        spend.platform_conversions,
        spend.platform_conversion_value,
        spend.platform_revenue
    from spend
    left join traffic_sources on spend.traffic_source_key = traffic_sources.traffic_source_key
)

select * from joined
