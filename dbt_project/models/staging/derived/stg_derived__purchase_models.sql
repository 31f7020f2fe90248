with source as (
    select * from {{ source('derived', 'purchase_models') }}
),

renamed as (
    select
        model,
        parameter,
        value,
        note
    from source
)

select * from renamed
