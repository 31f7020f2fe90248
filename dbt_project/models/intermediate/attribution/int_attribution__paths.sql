{{ config(materialized='view') }}

-- The paths as their readers need them, without what keeps them up to date.
with paths as (
    select
        conversion_key,
        touch_key,
        touched_at,
        traffic_source_key,
        position,
        path_length
    from {{ ref('int_attribution__path_touches') }}
)

select * from paths
