with latest as (
    {{ latest_version(source('web', 'web_events'), ['event_id']) }}
),

addressed as (
    select
        *,
        {{ url_parameters('page_url') }} as address_parameters
    from latest
),

tagged as (
    select
        *,
        {{ url_tags('address_parameters') }}
    from addressed
),

renamed as (
    select
        {{ integer_key(['_source', 'event_id']) }} as event_key,
        -- A visit without a name is known by its first event: a source may give both one number.
        {{ integer_key(["'session'", '_source', 'session_id']) }} as session_key,
        {{ identifying_key('anonymous_id') }} as visitor_key,
        {{ identifying_key('user_id') }} as login_key,
        {{ identifying_key('email') }} as email_key,
        {{ integer_key(['_source', 'order_id']) }} as order_key,
        {{ integer_key(['_source', 'lead_id']) }} as lead_key,
        _source as source_name,
        nullif({{ trimmed('event_id') }}, '') as event_id,
        occurred_at,
        nullif({{ trimmed('session_id') }}, '') as session_id,
        nullif({{ lowered(trimmed('event_name')) }}, '') as event_name,
        nullif({{ trimmed('page_url') }}, '') as page_url,
        nullif({{ trimmed('page_referrer') }}, '') as page_referrer,
        {{ tag_text('source_tag') }} as utm_source,
        {{ tag_text('medium_tag') }} as utm_medium,
        {{ tag_text('campaign_tag') }} as utm_campaign,
        {{ tag_text('content_tag') }} as utm_content,
        {{ tag_text('term_tag') }} as utm_term,
        click_id_tag as click_id,
        click_id_type_tag as click_id_type,
        nullif({{ trimmed('device_type') }}, '') as device_type,
        nullif({{ trimmed('country') }}, '') as country,
        nullif({{ trimmed('product_id') }}, '') as product_id,
        nullif({{ trimmed('order_id') }}, '') as order_id,
        nullif({{ trimmed('lead_id') }}, '') as lead_id,
        nullif({{ trimmed('user_agent') }}, '') as user_agent,
        coalesce(consent, 'unknown') as consent,
        _batch_id as batch_id
    from tagged
)

select * from renamed
