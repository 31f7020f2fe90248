with source as (
    select * from {{ source('derived', 'purchase_predictions') }}
),

renamed as (
    select
        frequency,
        recency_days,
        age_days,
        probability_alive,
        expected_purchases
    from source
)

select * from renamed
