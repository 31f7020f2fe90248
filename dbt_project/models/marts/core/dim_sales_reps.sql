with periods as (
    select
        rep_period_key,
        rep_key,
        source_name,
        rep_id,
        coalesce(team, '(unknown)') as team,
        manager_rep_key,
        manager_rep_id,
        coalesce(region, '(unknown)') as region,
        valid_from,
        case when valid_until < cast('9999-12-31' as date) then valid_until end as valid_to,
        {{ as_of_date() }} between valid_from and valid_until as is_current,
        is_shortened
    from {{ ref('int_core__sales_reps') }}
)

select * from periods
