with source as (
    select
        *,
        coalesce(updated_at, _loaded_at) as observed_at
    from {{ source('crm', 'crm_opportunities') }}
),

-- Of two versions of one instant the later file's counts, as for the latest version.
distinct_versions as (
    {{ latest_version('source', ['opportunity_id', 'observed_at']) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'opportunity_id', 'observed_at']) }} as opportunity_version_key,
        {{ integer_key(['_source', 'opportunity_id']) }} as opportunity_key,
        {{ integer_key(['_source', 'owner_rep_id']) }} as owner_rep_key,
        _source as source_name,
        nullif({{ trimmed('opportunity_id') }}, '') as opportunity_id,
        observed_at,
        nullif({{ trimmed('owner_rep_id') }}, '') as owner_rep_id,
        created_at,
        nullif({{ trimmed('stage') }}, '') as stage,
        amount,
        upper(nullif({{ trimmed('currency') }}, '')) as currency,
        expected_close_on,
        closed_at,
        is_won,
        _batch_id as batch_id
    from distinct_versions
    where not coalesce(is_deleted, false)
)

select * from renamed
