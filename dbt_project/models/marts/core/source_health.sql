with health as (
    select
        raw_table,
        row_count,
        last_row_at,
        last_load_at,
        rows_loaded,
        rows_quarantined,
        rows_repeated,
        files_refused,
        rows_quarantined_recently,
        files_refused_recently,
        freshness,
        silent_source
    from {{ ref('int_core__raw_tables') }}
)

select * from health
