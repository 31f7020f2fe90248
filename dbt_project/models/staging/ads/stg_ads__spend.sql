with latest as (
    {{ latest_version(
        source('ads', 'ads_spend'),
        ['spend_date', 'platform', 'account_id', 'campaign_id', 'ad_group_id', 'ad_id'],
    ) }}
),

renamed as (
    select
        {{ integer_key([
            '_source',
            'platform',
            'account_id',
            'campaign_id',
            'ad_group_id',
            'ad_id',
            'spend_date',
        ]) }} as ad_spend_key,
        _source as source_name,
        spend_date,
        nullif({{ trimmed('platform') }}, '') as platform,
        nullif({{ trimmed('account_id') }}, '') as account_id,
        nullif({{ trimmed('campaign_id') }}, '') as campaign_id,
        nullif({{ trimmed('campaign_name') }}, '') as campaign_name,
        nullif({{ trimmed('ad_group_id') }}, '') as ad_group_id,
        nullif({{ trimmed('ad_id') }}, '') as ad_id,
        {{ tag_text('utm_source') }} as utm_source,
        {{ tag_text('utm_medium') }} as utm_medium,
        {{ tag_text('utm_campaign') }} as utm_campaign,
        impressions,
        clicks,
        spend,
        upper(nullif({{ trimmed('currency') }}, '')) as currency,
        platform_conversions,
        platform_conversion_value,
        _batch_id as batch_id
    from latest
)

select * from renamed
