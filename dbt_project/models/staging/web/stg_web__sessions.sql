with latest as (
    {{ latest_version(source('web', 'web_sessions'), ['session_id']) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'session_id']) }} as session_key,
        {{ identifying_key('anonymous_id') }} as visitor_key,
        {{ identifying_key('user_id') }} as login_key,
        _source as source_name,
        nullif({{ trimmed('session_id') }}, '') as session_id,
        started_at,
        is_repeat,
        {{ tag_text('utm_source') }} as utm_source,
        {{ tag_text('utm_medium') }} as utm_medium,
        {{ tag_text('utm_campaign') }} as utm_campaign,
        {{ tag_text('utm_content') }} as utm_content,
        {{ tag_text('utm_term') }} as utm_term,
        nullif({{ trimmed('page_referrer') }}, '') as page_referrer,
        nullif({{ trimmed('landing_page') }}, '') as landing_page,
        nullif({{ trimmed('device_type') }}, '') as device_type,
        nullif({{ trimmed('country') }}, '') as country,
        coalesce(lower(nullif({{ trimmed('consent') }}, '')), 'unknown') as consent,
        _batch_id as batch_id,
        _loaded_at as loaded_at
    from latest
)

select * from renamed
