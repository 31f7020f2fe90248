with latest as (
    {{ latest_version(source('web', 'web_sessions'), ['session_id']) }}
),

addressed as (
    select
        *,
        {{ url_parameters('landing_page') }} as address_parameters
    from latest
),

tagged as (
    select
        *,
        {{ url_tags('address_parameters', states_clicks=false) }}
    from addressed
),

renamed as (
    select
        {{ integer_key(["'session'", '_source', 'session_id']) }} as session_key,
        {{ identifying_key('anonymous_id') }} as visitor_key,
        {{ identifying_key('user_id') }} as login_key,
        _source as source_name,
        nullif({{ trimmed('session_id') }}, '') as session_id,
        started_at,
        is_repeat,
        {{ tag_text('source_tag') }} as utm_source,
        {{ tag_text('medium_tag') }} as utm_medium,
        {{ tag_text('campaign_tag') }} as utm_campaign,
        {{ tag_text('content_tag') }} as utm_content,
        {{ tag_text('term_tag') }} as utm_term,
        click_id_tag as click_id,
        click_id_type_tag as click_id_type,
        nullif({{ trimmed('page_referrer') }}, '') as page_referrer,
        nullif({{ trimmed('landing_page') }}, '') as landing_page,
        nullif({{ trimmed('device_type') }}, '') as device_type,
        nullif({{ trimmed('country') }}, '') as country,
        coalesce(consent, 'unknown') as consent,
        _batch_id as batch_id
    from tagged
)

select * from renamed
