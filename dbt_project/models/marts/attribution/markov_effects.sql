with effects as (
    select * from {{ ref('int_attribution__channel_weights') }}
    where model = 'markov'
),

known as (
    {{ known_until(['shop_orders', 'crm_opportunities']) }}
),

conversions as (
    select
        min(known_from) as known_from,
        min(known_until) as known_until,
        min(data_until) as data_until,
        max(case when rests_on_web then 1 else 0 end) = 1 as rests_on_web
    from {{ ref('int_attribution__conversion_extents') }}
),

visits as (
    {{ extents_of('sessions') }}
),

periods as (
    select
        periods.period_grain,
        periods.period_start,
        periods.is_complete and {{ is_whole('conversions') }} and {{ is_whole('visits') }}
            as is_complete,
        cast({{ dbt.datediff('periods.period_end', 'known.known_until', 'day') }} as bigint)
            as days_since
    from {{ ref('int_core__periods') }} as periods
    cross join known
    cross join conversions
    cross join visits
    where periods.period_grain = 'month'
),

-- A journey of the last days that is lost by now may still convert within the look-back, or have
-- converted on a day whose sales were not delivered.
published as (
    select
        periods.period_grain,
        effects.period_start,
        effects.channel,
        periods.is_complete,
        periods.days_since >= {{ var('attribution_lookback_days') }} as is_mature,
        cast({{ var('markov_order') }} as bigint) as markov_order,
        effects.touches,
        effects.paths,
        effects.converting_paths,
        effects.removal_effect,
        effects.removal_effect_lower,
        effects.removal_effect_upper,
        effects.weight_share as weight,
        effects.converting_paths < {{ var('small_sample_conversions') }} as is_small_sample
    from effects
    inner join periods on effects.period_start = periods.period_start
)

select * from published
