-- The touches of each conversion within the look-back, as integers only: weights and revenue come
-- later, so that a refund or a new model rewrites no path.
with conversions as (
    select
        conversion_key,
        person_key,
        converted_at
    from {{ ref('int_attribution__conversions') }}
    where person_key is not null
),

touches as (
    select
        touch_key,
        person_key,
        touched_at
    from {{ ref('int_attribution__touches') }}
),

in_window as (
    select
        conversions.conversion_key,
        touches.touch_key,
        touches.touched_at
    from conversions
    inner join touches
        on
            conversions.person_key = touches.person_key
            and conversions.converted_at >= touches.touched_at
            and touches.touched_at
            >= conversions.converted_at - {{ day_interval(var('attribution_lookback_days')) }}
),

-- Touches of the same second keep one order: that of their keys.
paths as (
    select
        conversion_key,
        touch_key,
        row_number() over (
            partition by conversion_key order by touched_at nulls last, touch_key nulls last
        ) as position,
        count(*) over (partition by conversion_key) as path_length
    from in_window
)

select * from paths
