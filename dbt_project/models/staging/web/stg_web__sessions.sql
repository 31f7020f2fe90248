with source as (
    select * from {{ source('web', 'web_sessions') }}
),

latest as (
    {{ latest_version('source', ['session_id']) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'session_id']) }} as session_key,
        {{ integer_key(['anonymous_id']) }} as visitor_key,
        {{ integer_key(['user_id']) }} as login_key,
        _source as source_name,
        nullif(trim(session_id), '') as session_id,
        started_at,
        is_repeat,
        nullif(trim(utm_source), '') as utm_source,
        nullif(trim(utm_medium), '') as utm_medium,
        nullif(trim(utm_campaign), '') as utm_campaign,
        nullif(trim(utm_content), '') as utm_content,
        nullif(trim(utm_term), '') as utm_term,
        nullif(trim(page_referrer), '') as page_referrer,
        nullif(trim(landing_page), '') as landing_page,
        nullif(trim(device_type), '') as device_type,
        nullif(trim(country), '') as country,
        coalesce(lower(nullif(trim(consent), '')), 'unknown') as consent,
        _batch_id as batch_id,
        _loaded_at as loaded_at
    from latest
)

select * from renamed
