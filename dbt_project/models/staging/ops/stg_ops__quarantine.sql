with source as (
    select * from {{ source('ops', 'quarantine') }}
),

renamed as (
    select
        batch_id,
        row_number as file_row_number,
        column_name,
        reason_code
    from source
)

select * from renamed
