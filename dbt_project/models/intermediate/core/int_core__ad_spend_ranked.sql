-- Apart from what is left of each row's amounts: that reads these rows five times.
{{ config(materialized=view_of_ctes()) }}
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
        {{ traffic_source(
            'coalesce(utm_source, platform)', "coalesce(utm_medium, 'cpc')",
            'coalesce(utm_campaign, campaign_name, campaign_id)', 'null', 'null'
        ) }}
    from spend
),

converted as (
    select
        sourced.*,
        {{ traffic_source_key() }} as traffic_source_key,
        rates.rate as exchange_rate,
        coalesce(rates.is_extrapolated, true) as is_rate_extrapolated,
        {{ in_reporting_currency('sourced.spend_amount', 'rates.rate') }} as reported_spend,
        {{ in_reporting_currency('sourced.platform_conversion_value', 'rates.rate') }}
            as reported_revenue
    from sourced
    left join rates
        on sourced.currency = rates.currency and sourced.spend_date = rates.rate_date
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
)

select * from ranked
