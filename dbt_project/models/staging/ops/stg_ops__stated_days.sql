with source as (
    select * from {{ source('ops', 'stated_days') }}
),

renamed as (
    select
        raw_table,
        date_day,
        from_day,
        row_count
    from source
)

select * from renamed
