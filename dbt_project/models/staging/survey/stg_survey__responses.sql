with source as (
    select * from {{ source('survey', 'survey_responses') }}
),

latest as (
    {{ latest_version('source', ['response_id']) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'response_id']) }} as response_key,
        {{ integer_key(['email']) }} as email_key,
        _source as source_name,
        nullif(trim(response_id), '') as response_id,
        lower(nullif(trim(survey), '')) as survey,
        sent_at,
        answered_at,
        nullif(trim(customer_id), '') as customer_id,
        nullif(trim(ticket_id), '') as ticket_id,
        nullif(trim(order_id), '') as order_id,
        nullif(trim(lead_id), '') as lead_id,
        score,
        scale_min,
        scale_max,
        nullif(trim(answer), '') as answer,
        _batch_id as batch_id,
        _loaded_at as loaded_at
    from latest
)

select * from renamed
