-- What a touch weighs by its age.
{{ config(materialized=view_of_ctes()) }}
{%- set steps = decay_steps() * decay_steps() %}
with path_ends as (
    select
        conversion_key,
        last_touched_at
    from {{ ref('int_attribution__path_ends') }}
),

paths as (
    select
        conversion_key,
        touched_at,
        traffic_source_key,
        position
    from {{ ref('int_attribution__paths') }}
),

touches as (
    select
        paths.conversion_key,
        paths.traffic_source_key,
        paths.position,
        -- Age counts from the last touch: shares depend on the differences alone.
        cast(
            floor(
                {{ seconds_between('paths.touched_at', 'path_ends.last_touched_at') }}
                * {{ steps }} / cast({{ var('attribution_half_life_days') }} * 86400 as double)
                + cast(0.5 as double)
            ) as bigint
        ) as age
    from paths
    inner join path_ends on paths.conversion_key = path_ends.conversion_key
),

weighed as (
    select
        touches.conversion_key,
        touches.traffic_source_key,
        touches.position,
        {{ halved('decay_steps.weight', even_share('touches.age', steps)) }} as decay_weight
    from touches
    inner join {{ ref('int_attribution__decay_steps') }} as decay_steps
        on touches.age % {{ steps }} = decay_steps.decay_step
)

select * from weighed
