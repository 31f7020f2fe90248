with latest as (
    {{ latest_version(source('crm', 'crm_stages'), ['pipeline', 'stage']) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'pipeline', 'stage']) }} as stage_key,
        _source as source_name,
        nullif({{ trimmed('pipeline') }}, '') as pipeline,
        nullif({{ trimmed('stage') }}, '') as stage,
        position,
        is_closed,
        is_won,
        probability,
        _batch_id as batch_id
    from latest
)

select * from renamed
