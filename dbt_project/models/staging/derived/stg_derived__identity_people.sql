with source as (
    select * from {{ source('derived', 'identity_people') }}
),

renamed as (
    select
        identifier_key,
        person_key,
        merged_on
    from source
)

select * from renamed
