with latest as (
    {{ latest_version(source('crm', 'crm_leads'), ['lead_id'], updated_at='updated_at') }}
),

renamed as (
    select
        {{ integer_key(['_source', 'lead_id']) }} as lead_key,
        {{ integer_key(['_source', 'owner_rep_id']) }} as owner_rep_key,
        {{ integer_key(['_source', 'opportunity_id']) }} as opportunity_key,
        {{ identifying_key('email') }} as email_key,
        {{ identifying_key('anonymous_id') }} as visitor_key,
        _source as source_name,
        nullif({{ trimmed('lead_id') }}, '') as lead_id,
        created_at,
        nullif({{ trimmed('company') }}, '') as company,
        nullif({{ trimmed('country') }}, '') as country,
        nullif({{ trimmed('lead_source') }}, '') as lead_source,
        {{ tag_text('utm_source') }} as utm_source,
        {{ tag_text('utm_medium') }} as utm_medium,
        {{ tag_text('utm_campaign') }} as utm_campaign,
        {{ tag_text('utm_content') }} as utm_content,
        {{ tag_text('utm_term') }} as utm_term,
        nullif({{ trimmed('self_reported_source') }}, '') as self_reported_source,
        nullif({{ trimmed('owner_rep_id') }}, '') as owner_rep_id,
        nullif({{ trimmed('status') }}, '') as status,
        score,
        budget_ok,
        authority_ok,
        need_ok,
        timeline_ok,
        mql_at,
        sql_at,
        converted_at,
        nullif({{ trimmed('opportunity_id') }}, '') as opportunity_id,
        nullif({{ trimmed('customer_id') }}, '') as customer_id,
        disqualified_at,
        nullif({{ trimmed('disqualified_reason') }}, '') as disqualified_reason,
        updated_at,
        _batch_id as batch_id
    from latest
    where not coalesce(is_deleted, false)
)

select * from renamed
