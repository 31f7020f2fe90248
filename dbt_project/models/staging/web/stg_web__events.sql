with latest as (
    {{ latest_version(source('web', 'web_events'), ['event_id']) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'event_id']) }} as event_key,
        {{ integer_key(['_source', 'session_id']) }} as session_key,
        {{ identifying_key('anonymous_id') }} as visitor_key,
        {{ identifying_key('user_id') }} as login_key,
        {{ identifying_key('email') }} as email_key,
        _source as source_name,
        nullif({{ trimmed('event_id') }}, '') as event_id,
        occurred_at,
        nullif({{ trimmed('session_id') }}, '') as session_id,
        lower(nullif({{ trimmed('event_name') }}, '')) as event_name,
        nullif({{ trimmed('page_url') }}, '') as page_url,
        nullif({{ trimmed('page_referrer') }}, '') as page_referrer,
        {{ tag_text('utm_source') }} as utm_source,
        {{ tag_text('utm_medium') }} as utm_medium,
        {{ tag_text('utm_campaign') }} as utm_campaign,
        {{ tag_text('utm_content') }} as utm_content,
        {{ tag_text('utm_term') }} as utm_term,
        nullif({{ trimmed('click_id') }}, '') as click_id,
        nullif({{ trimmed('click_id_type') }}, '') as click_id_type,
        nullif({{ trimmed('device_type') }}, '') as device_type,
        nullif({{ trimmed('country') }}, '') as country,
        nullif({{ trimmed('product_id') }}, '') as product_id,
        nullif({{ trimmed('order_id') }}, '') as order_id,
        nullif({{ trimmed('lead_id') }}, '') as lead_id,
        nullif({{ trimmed('user_agent') }}, '') as user_agent,
        coalesce(lower(nullif({{ trimmed('consent') }}, '')), 'unknown') as consent,
        _batch_id as batch_id,
        _loaded_at as loaded_at
    from latest
)

select * from renamed
