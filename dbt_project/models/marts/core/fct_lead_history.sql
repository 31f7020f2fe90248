with changes as (
    select
        source_name,
        lead_key,
        lead_id,
        change_number,
        valid_from,
        valid_to,
        valid_to is null as is_current,
        status,
        score,
        owner_rep_key,
        owner_rep_id
    from {{ ref('int_core__lead_changes') }}
)

select * from changes
