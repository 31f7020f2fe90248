with spend as (
    select * from {{ ref('stg_ads__spend') }}
),

rates as (
    select
        currency,
        rate_date,
        rate,
        is_extrapolated
    from {{ ref('int_core__exchange_rates') }}
),

-- A row without tags is paid by definition: its platform is the source.
sourced as (
    select
        ad_spend_key,
        source_name,
        spend_date,
        platform,
        account_id,
        campaign_id,
        campaign_name,
        ad_group_id,
        ad_id,
        impressions,
        clicks,
        spend as spend_amount,
        currency,
        platform_conversions,
        platform_conversion_value,
        {{ traffic_source(
            'coalesce(utm_source, platform)', "coalesce(utm_medium, 'cpc')",
            'coalesce(utm_campaign, campaign_name, campaign_id)', 'null', 'null'
        ) }}
    from spend
),

valued as (
    select
        sourced.*,
        {{ traffic_source_key() }} as traffic_source_key,
        rates.rate as exchange_rate,
        coalesce(rates.is_extrapolated, true) as is_rate_extrapolated,
        {{ in_reporting_currency('sourced.spend_amount', 'rates.rate') }} as spend,
        {{ in_reporting_currency('sourced.platform_conversion_value', 'rates.rate') }}
            as platform_revenue
    from sourced
    left join rates
        on sourced.currency = rates.currency and sourced.spend_date = rates.rate_date
)

select * from valued
