with latest as (
    {{ latest_version(
        source('crm', 'crm_opportunity_stages'), ['opportunity_id', 'stage', 'entered_at']
    ) }}
),

renamed as (
    select
        {{ integer_key([
            '_source',
            'opportunity_id',
            'stage',
            'entered_at',
        ]) }} as opportunity_stage_key,
        {{ integer_key(['_source', 'opportunity_id']) }} as opportunity_key,
        _source as source_name,
        nullif({{ trimmed('opportunity_id') }}, '') as opportunity_id,
        nullif({{ trimmed('stage') }}, '') as stage,
        entered_at,
        _batch_id as batch_id
    from latest
)

select * from renamed
