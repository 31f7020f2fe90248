with counted as (
    select
        raw_table,
        source_name,
        reason_code,
        row_count,
        file_count,
        last_refused_at
    from {{ ref('int_core__quarantined_rows') }}
)

select * from counted
