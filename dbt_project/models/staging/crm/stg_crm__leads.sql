with source as (
    select * from {{ source('crm', 'crm_leads') }}
),

latest as (
    {{ latest_version('source', ['lead_id'], updated_at='updated_at') }}
),

renamed as (
    select
        {{ integer_key(['_source', 'lead_id']) }} as lead_key,
        {{ integer_key(['_source', 'owner_rep_id']) }} as owner_rep_key,
        {{ integer_key(['_source', 'opportunity_id']) }} as opportunity_key,
        {{ integer_key(['email']) }} as email_key,
        {{ integer_key(['anonymous_id']) }} as visitor_key,
        _source as source_name,
        nullif(trim(lead_id), '') as lead_id,
        created_at,
        nullif(trim(company), '') as company,
        nullif(trim(country), '') as country,
        nullif(trim(lead_source), '') as lead_source,
        nullif(trim(utm_source), '') as utm_source,
        nullif(trim(utm_medium), '') as utm_medium,
        nullif(trim(utm_campaign), '') as utm_campaign,
        nullif(trim(utm_content), '') as utm_content,
        nullif(trim(utm_term), '') as utm_term,
        nullif(trim(self_reported_source), '') as self_reported_source,
        nullif(trim(owner_rep_id), '') as owner_rep_id,
        nullif(trim(status), '') as status,
        score,
        budget_ok,
        authority_ok,
        need_ok,
        timeline_ok,
        mql_at,
        sql_at,
        converted_at,
        nullif(trim(opportunity_id), '') as opportunity_id,
        nullif(trim(customer_id), '') as customer_id,
        disqualified_at,
        nullif(trim(disqualified_reason), '') as disqualified_reason,
        updated_at,
        _batch_id as batch_id,
        _loaded_at as loaded_at
    from latest
    where not coalesce(is_deleted, false)
)

select * from renamed
