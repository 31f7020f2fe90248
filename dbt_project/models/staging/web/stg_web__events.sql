with source as (
    select * from {{ source('web', 'web_events') }}
),

latest as (
    {{ latest_version('source', ['event_id']) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'event_id']) }} as event_key,
        {{ integer_key(['_source', 'session_id']) }} as session_key,
        {{ integer_key(['anonymous_id']) }} as visitor_key,
        {{ integer_key(['user_id']) }} as login_key,
        {{ integer_key(['email']) }} as email_key,
        _source as source_name,
        nullif(trim(event_id), '') as event_id,
        occurred_at,
        nullif(trim(session_id), '') as session_id,
        lower(nullif(trim(event_name), '')) as event_name,
        nullif(trim(page_url), '') as page_url,
        nullif(trim(page_referrer), '') as page_referrer,
        nullif(trim(utm_source), '') as utm_source,
        nullif(trim(utm_medium), '') as utm_medium,
        nullif(trim(utm_campaign), '') as utm_campaign,
        nullif(trim(utm_content), '') as utm_content,
        nullif(trim(utm_term), '') as utm_term,
        nullif(trim(click_id), '') as click_id,
        nullif(trim(click_id_type), '') as click_id_type,
        nullif(trim(device_type), '') as device_type,
        nullif(trim(country), '') as country,
        nullif(trim(product_id), '') as product_id,
        nullif(trim(order_id), '') as order_id,
        nullif(trim(lead_id), '') as lead_id,
        nullif(trim(user_agent), '') as user_agent,
        coalesce(lower(nullif(trim(consent), '')), 'unknown') as consent,
        _batch_id as batch_id,
        _loaded_at as loaded_at
    from latest
)

select * from renamed
