with latest as (
    {{ latest_version(
        source('support', 'support_tickets'), ['ticket_id'], updated_at='updated_at'
    ) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'ticket_id']) }} as ticket_key,
        {{ identifying_key('email') }} as email_key,
        {{ integer_key(['_source', 'customer_id']) }} as customer_key,
        {{ integer_key(['_source', 'assignee_id']) }} as assignee_key,
        _source as source_name,
        nullif({{ trimmed('ticket_id') }}, '') as ticket_id,
        created_at,
        nullif({{ trimmed('customer_id') }}, '') as customer_id,
        nullif({{ trimmed('channel') }}, '') as channel,
        nullif({{ trimmed('priority') }}, '') as priority,
        nullif({{ trimmed('status') }}, '') as status,
        first_replied_at,
        solved_at,
        reopened_count,
        nullif({{ trimmed('assignee_id') }}, '') as assignee_id,
        nullif({{ trimmed('topic') }}, '') as topic,
        updated_at,
        _batch_id as batch_id
    from latest
)

select * from renamed
