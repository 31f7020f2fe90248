-- The touches of each conversion within the look-back, as integers and instants only: weights and
-- revenue come later, so that a refund or a new model rewrites no path.
with conversions as (
    select
        conversion_key,
        person_key,
        touches_from,
        touches_after,
        touches_through
    from {{ ref('int_attribution__conversions') }}
    where person_key is not null
),

touches as (
    select
        touch_key,
        person_key,
        touched_at,
        traffic_source_key,
        is_direct
    from {{ ref('int_attribution__touches') }}
    {% if not var('attribution_counts_direct') -%}
        where not is_direct
    {%- endif %}
),

in_window as (
    select
        conversions.conversion_key,
        touches.touch_key,
        touches.touched_at,
        touches.traffic_source_key,
        touches.is_direct
    from conversions
    inner join touches
        on
            conversions.person_key = touches.person_key
            and conversions.touches_from <= touches.touched_at
            and conversions.touches_through >= touches.touched_at
    where conversions.touches_after is null or touches.touched_at > conversions.touches_after
),

-- Touches of the same second keep one order: that of their keys.
paths as (
    select
        conversion_key,
        touch_key,
        touched_at,
        traffic_source_key,
        is_direct,
        row_number() over (
            partition by conversion_key order by touched_at nulls last, touch_key nulls last
        ) as position,
        count(*) over (partition by conversion_key) as path_length
    from in_window
)

select * from paths
