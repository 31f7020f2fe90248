-- The share of each touch under each model, as the interval (before, through] of `whole` parts:
-- the intervals of a path cover it without gap or overlap, so any amount split along them adds up.
with paths as (
    select
        conversion_key,
        touch_key,
        position,
        path_length
    from {{ ref('int_attribution__paths') }}
),

unattributed as (
    select conversions.conversion_key
    from {{ ref('int_attribution__conversions') }} as conversions
    left join paths on conversions.conversion_key = paths.conversion_key
    where paths.conversion_key is null
),

models as (
    select model from {{ ref('int_attribution__models') }}
),

credits as (
    select
        conversion_key,
        touch_key,
        position,
        path_length,
        'first_touch' as model,
        cast(0 as bigint) as credit_before,
        cast(1 as bigint) as credit_through,
        cast(1 as bigint) as credit_whole
    from paths
    where position = 1

    union all

    select
        conversion_key,
        touch_key,
        position,
        path_length,
        'last_touch' as model,
        cast(0 as bigint) as credit_before,
        cast(1 as bigint) as credit_through,
        cast(1 as bigint) as credit_whole
    from paths
    where position = path_length

    union all

    select
        conversion_key,
        touch_key,
        position,
        path_length,
        'linear' as model,
        position - 1 as credit_before,
        position as credit_through,
        path_length as credit_whole
    from paths

    union all

    -- What no touch earned stays a row of its own, at position 0.
    select
        unattributed.conversion_key,
        cast(null as bigint) as touch_key,
        cast(0 as bigint) as position,
        cast(0 as bigint) as path_length,
        models.model,
        cast(0 as bigint) as credit_before,
        cast(1 as bigint) as credit_through,
        cast(1 as bigint) as credit_whole
    from unattributed
    cross join models
)

select * from credits
