{{ config(materialized='view') }}

-- By which channels a path began and ended. A conversion that no touch earned has one that says so.
with path_ends as (
    select
        conversion_key,
        is_consent_denied,
        path_length,
        first_source_key,
        last_source_key
    from {{ ref('int_attribution__path_ends') }}
),

traffic_sources as (
    select
        traffic_source_key,
        channel,
        campaign
    from {{ ref('int_attribution__traffic_sources') }}
),

channels as (
    select
        path_ends.conversion_key,
        case
            when path_ends.path_length > 0 then firsts.channel
            else {{ pathless_channel('path_ends.is_consent_denied') }}
        end as first_channel,
        case
            when path_ends.path_length > 0 then lasts.channel
            else {{ pathless_channel('path_ends.is_consent_denied') }}
        end as last_channel,
        coalesce(lasts.campaign, '(not set)') as last_campaign
    from path_ends
    left join traffic_sources as firsts on path_ends.first_source_key = firsts.traffic_source_key
    left join traffic_sources as lasts on path_ends.last_source_key = lasts.traffic_source_key
)

select * from channels
