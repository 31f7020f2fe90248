with source as (
    select
        *,
        coalesce(updated_at, _loaded_at) as observed_at
    from {{ source('crm', 'crm_leads') }}
),

-- Of two versions of one instant the later file's counts, as for the latest version.
distinct_versions as (
    {{ latest_version('source', ['lead_id', 'observed_at']) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'lead_id', 'observed_at']) }} as lead_version_key,
        {{ integer_key(['_source', 'lead_id']) }} as lead_key,
        {{ integer_key(['_source', 'owner_rep_id']) }} as owner_rep_key,
        _source as source_name,
        nullif({{ trimmed('lead_id') }}, '') as lead_id,
        observed_at,
        nullif({{ trimmed('owner_rep_id') }}, '') as owner_rep_id,
        created_at,
        nullif({{ trimmed('status') }}, '') as status,
        score,
        _batch_id as batch_id
    from distinct_versions
    where not coalesce(is_deleted, false)
)

select * from renamed
