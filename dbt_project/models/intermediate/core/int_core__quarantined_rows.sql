-- A row with several faults counts once, under the first of their codes. Of a file that was refused
-- as a whole its first faults alone are kept: the other rows are held back with it.
with ledger as (
    select
        batch_id,
        table_name as raw_table,
        source_name,
        rows_quarantined,
        status,
        loaded_at
    from {{ ref('stg_ops__ledger') }}
    where status <> 'superseded' and rows_quarantined > 0
),

faulty_rows as (
    select
        batch_id,
        file_row_number,
        min(reason_code) as reason_code
    from {{ ref('stg_ops__quarantine') }}
    group by batch_id, file_row_number
),

by_reason as (
    select
        batch_id,
        reason_code,
        count(*) as row_count
    from faulty_rows
    group by batch_id, reason_code
),

described as (
    select
        batch_id,
        sum(row_count) as row_count
    from by_reason
    group by batch_id
),

loads as (
    select
        ledger.raw_table,
        ledger.source_name,
        by_reason.reason_code,
        by_reason.row_count,
        ledger.loaded_at
    from ledger
    inner join by_reason on ledger.batch_id = by_reason.batch_id

    union all

    select
        ledger.raw_table,
        ledger.source_name,
        case when ledger.status = 'refused' then 'file_refused' else '(unknown)' end as reason_code,
        ledger.rows_quarantined - coalesce(described.row_count, 0) as row_count,
        ledger.loaded_at
    from ledger
    left join described on ledger.batch_id = described.batch_id
    where ledger.rows_quarantined <> coalesce(described.row_count, 0)
),

counted as (
    select
        raw_table,
        source_name,
        reason_code,
        cast(sum(row_count) as bigint) as row_count,
        cast(count(*) as bigint) as file_count,
        max(loaded_at) as last_refused_at
    from loads
    group by raw_table, source_name, reason_code
)

select * from counted
