with latest as (
    {{ latest_version(source('crm', 'crm_activities'), ['activity_id']) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'activity_id']) }} as activity_key,
        {{ integer_key(['_source', 'rep_id']) }} as rep_key,
        {{ integer_key(['_source', 'lead_id']) }} as lead_key,
        {{ integer_key(['_source', 'opportunity_id']) }} as opportunity_key,
        _source as source_name,
        nullif({{ trimmed('activity_id') }}, '') as activity_id,
        occurred_at,
        nullif({{ trimmed('rep_id') }}, '') as rep_id,
        nullif({{ lowered(trimmed('activity_type')) }}, '') as activity_type,
        nullif({{ trimmed('lead_id') }}, '') as lead_id,
        nullif({{ trimmed('opportunity_id') }}, '') as opportunity_id,
        nullif({{ trimmed('outcome') }}, '') as outcome,
        duration_minutes,
        _batch_id as batch_id
    from latest
)

select * from renamed
