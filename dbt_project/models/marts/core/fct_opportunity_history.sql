with changes as (
    select
        source_name,
        opportunity_key,
        opportunity_id,
        change_number,
        valid_from,
        valid_to,
        valid_to is null as is_current,
        stage,
        amount,
        currency,
        expected_close_on,
        owner_rep_key,
        owner_rep_id
    from {{ ref('int_core__opportunity_changes') }}
)

select * from changes
