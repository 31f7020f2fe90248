with source as (
    select * from {{ source('ops', 'ledger') }}
),

renamed as (
    select
        batch_id,
        source as source_name,
        table_name,
        file_name,
        content_hash,
        bytes,
        rows_read,
        rows_loaded,
        rows_quarantined,
        rows_repeated,
        status,
        reason,
        loaded_at
    from source
)

select * from renamed
