-- What a channel weighs where a conversion is shared out by what the data say of channels.
with markov as (
    select
        'markov' as model,
        period_start,
        channel,
        weight_units as weight,
        weight as weight_share,
        removal_effect,
        removal_effect_lower,
        removal_effect_upper,
        touches,
        paths,
        converting_paths
    from {{ ref('stg_derived__markov_effects') }}
)

select * from markov
