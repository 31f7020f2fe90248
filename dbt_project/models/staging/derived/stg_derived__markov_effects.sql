with source as (
    select * from {{ source('derived', 'markov_effects') }}
),

renamed as (
    select
        period_start,
        channel,
        removal_effect,
        removal_effect_lower,
        removal_effect_upper,
        weight,
        weight_units,
        touches,
        paths,
        converting_paths
    from source
)

select * from renamed
