-- A row without tags is paid by definition: its platform is the source.
{%- set campaign = 'coalesce(utm_campaign, campaign_name, campaign_id)' %}
{%- set told = {
    'clicks': 'are_clicks_told',
    'impressions': 'are_impressions_told',
    'platform_conversions': 'are_conversions_told',
} %}
with spend as (
    select
        *,
        -- A platform that leaves a number empty has none of it; one that never gave any does not
        -- tell it, nor did it before it first gave some.
        {%- for measure, name in told.items() %}
            coalesce(
                min(case when {{ measure }} is not null then spend_date end) over (
                    partition by source_name, platform
                ) <= spend_date,
                false
            ) as {{ name }},
        {%- endfor %}
        {{ tag_words('coalesce(utm_source, platform)', "coalesce(utm_medium, 'cpc')", campaign) }}
    from {{ ref('stg_ads__spend') }}
),

rates as (
    select
        currency,
        rate_date,
        rate,
        is_extrapolated
    from {{ ref('int_core__exchange_rates') }}
),

sourced as (
    select
        ad_spend_key,
        source_name,
        spend_date,
        {{ counted_date('spend_date') }} as counted_date,
        platform,
        account_id,
        campaign_id,
        campaign_name,
        ad_group_id,
        ad_id,
        utm_source,
        utm_medium,
        utm_campaign,
        impressions,
        clicks,
        spend as stated_spend,
        currency,
        platform_conversions,
        platform_conversion_value,
        {%- for name in told.values() %}
            {{ name }},
        {%- endfor %}
        case
            when ad_id is not null then 'ad'
            when ad_group_id is not null then 'ad_group'
            else 'campaign'
        end as grain,
        -- Platforms number their accounts; without one, campaigns of two sources are not the same.
        {{ integer_key([
            "coalesce(account_id, '')",
            "case when account_id is null then source_name else '' end",
            "coalesce(currency, '')",
            'spend_date',
            'platform',
            'campaign_id',
        ]) }} as campaign_day_key,
        {{ traffic_source(campaign, 'null', 'null') }}
    from spend
),

converted as (
    select
        sourced.*,
        {{ traffic_source_key() }} as traffic_source_key,
        rates.rate as exchange_rate,
        coalesce(rates.is_extrapolated, true) as is_rate_extrapolated,
        {{ in_reporting_currency('sourced.stated_spend', 'rates.rate') }} as reported_spend,
        {{ in_reporting_currency('sourced.platform_conversion_value', 'rates.rate') }}
            as reported_revenue
    from sourced
    left join rates
        on sourced.currency = rates.currency and sourced.counted_date = rates.rate_date
),

-- The same entity and day from two sources is one fact: the first source by name counts.
ranked as (
    select
        *,
        row_number() over (
            partition by campaign_day_key, ad_group_id, ad_id
            order by source_name nulls last, ad_spend_key nulls last
        ) = 1 as is_first
    from converted
),

ad_totals as (
    select
        campaign_day_key,
        ad_group_id,
        sum(reported_spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(platform_conversions) as platform_conversions,
        sum(reported_revenue) as revenue
    from ranked
    where grain = 'ad' and is_first
    group by campaign_day_key, ad_group_id
),

-- What an ad group reports counts as far as its ads do not say it already.
ad_group_rests as (
    select
        ranked.ad_spend_key,
        ranked.campaign_day_key,
        {{ rest_of('ranked.reported_spend', 'ad_totals.spend') }} as spend,
        {{ rest_of('ranked.impressions', 'ad_totals.impressions') }} as impressions,
        {{ rest_of('ranked.clicks', 'ad_totals.clicks') }} as clicks,
        {{ rest_of('ranked.platform_conversions', 'ad_totals.platform_conversions') }}
            as platform_conversions,
        {{ rest_of('ranked.reported_revenue', 'ad_totals.revenue') }} as revenue
    from ranked
    left join ad_totals
        on
            ranked.campaign_day_key = ad_totals.campaign_day_key
            and ranked.ad_group_id = ad_totals.ad_group_id
    where ranked.grain = 'ad_group' and ranked.is_first
),

parts as (
    select
        campaign_day_key,
        spend,
        impressions,
        clicks,
        platform_conversions,
        revenue
    from ad_totals
    union all
    select
        campaign_day_key,
        spend,
        impressions,
        clicks,
        platform_conversions,
        revenue
    from ad_group_rests
),

part_totals as (
    select
        campaign_day_key,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(platform_conversions) as platform_conversions,
        sum(revenue) as revenue
    from parts
    group by campaign_day_key
),

-- And what a campaign reports counts as far as its ad groups and ads do not say it.
rests as (
    select
        ad_spend_key,
        spend,
        impressions,
        clicks,
        platform_conversions,
        revenue
    from ad_group_rests
    union all
    select
        ranked.ad_spend_key,
        {{ rest_of('ranked.reported_spend', 'part_totals.spend') }} as spend,
        {{ rest_of('ranked.impressions', 'part_totals.impressions') }} as impressions,
        {{ rest_of('ranked.clicks', 'part_totals.clicks') }} as clicks,
        {{ rest_of('ranked.platform_conversions', 'part_totals.platform_conversions') }}
            as platform_conversions,
        {{ rest_of('ranked.reported_revenue', 'part_totals.revenue') }} as revenue
    from ranked
    left join part_totals on ranked.campaign_day_key = part_totals.campaign_day_key
    where ranked.grain = 'campaign' and ranked.is_first
),

valued as (
    select
        ranked.ad_spend_key,
        ranked.source_name,
        ranked.spend_date,
        ranked.counted_date,
        ranked.platform,
        ranked.account_id,
        ranked.campaign_id,
        ranked.campaign_name,
        ranked.ad_group_id,
        ranked.ad_id,
        ranked.utm_source,
        ranked.utm_medium,
        ranked.utm_campaign,
        ranked.grain,
        ranked.source,
        ranked.medium,
        ranked.campaign,
        ranked.click_id_type,
        ranked.traffic_source_key,
        ranked.currency,
        ranked.exchange_rate,
        ranked.is_rate_extrapolated,
        ranked.stated_spend,
        {%- for name in told.values() %}
            ranked.{{ name }},
        {%- endfor %}
        ranked.reported_spend,
        ranked.platform_conversion_value,
        cast(
            case
                when not ranked.is_first then 0
                when ranked.grain = 'ad' then ranked.reported_spend
                else rests.spend
            end as decimal(18, 4)
        ) as spend,
        cast(
            case
                when not ranked.is_first then 0
                when ranked.grain = 'ad' then ranked.impressions
                else rests.impressions
            end as bigint
        ) as impressions,
        cast(
            case
                when not ranked.is_first then 0
                when ranked.grain = 'ad' then ranked.clicks
                else rests.clicks
            end as bigint
        ) as clicks,
        cast(
            case
                when not ranked.is_first then 0
                when ranked.grain = 'ad' then ranked.platform_conversions
                else rests.platform_conversions
            end as decimal(18, 4)
        ) as platform_conversions,
        cast(
            case
                when not ranked.is_first then 0
                when ranked.grain = 'ad' then ranked.reported_revenue
                else rests.revenue
            end as decimal(18, 4)
        ) as platform_revenue
    from ranked
    left join rests on ranked.ad_spend_key = rests.ad_spend_key
)

select * from valued
