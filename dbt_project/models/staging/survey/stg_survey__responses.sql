with latest as (
    {{ latest_version(source('survey', 'survey_responses'), ['response_id']) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'response_id']) }} as response_key,
        {{ identifying_key('email') }} as email_key,
        {{ integer_key(['_source', 'customer_id']) }} as customer_key,
        _source as source_name,
        nullif({{ trimmed('response_id') }}, '') as response_id,
        survey,
        sent_at,
        answered_at,
        nullif({{ trimmed('customer_id') }}, '') as customer_id,
        nullif({{ trimmed('ticket_id') }}, '') as ticket_id,
        nullif({{ trimmed('order_id') }}, '') as order_id,
        nullif({{ trimmed('lead_id') }}, '') as lead_id,
        score,
        scale_min,
        scale_max,
        nullif({{ trimmed('answer') }}, '') as answer,
        _batch_id as batch_id
    from latest
)

select * from renamed
