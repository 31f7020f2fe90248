with latest as (
    {{ latest_version(source('crm', 'crm_reps'), ['rep_id', 'valid_from']) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'rep_id', 'valid_from']) }} as rep_period_key,
        {{ integer_key(['_source', 'rep_id']) }} as rep_key,
        {{ integer_key(['_source', 'manager_rep_id']) }} as manager_rep_key,
        _source as source_name,
        nullif({{ trimmed('rep_id') }}, '') as rep_id,
        nullif({{ trimmed('team') }}, '') as team,
        nullif({{ trimmed('manager_rep_id') }}, '') as manager_rep_id,
        nullif({{ trimmed('region') }}, '') as region,
        valid_from,
        valid_to,
        _batch_id as batch_id
    from latest
)

select * from renamed
