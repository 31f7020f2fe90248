-- The touches that models look for inside a path: the last one that is not direct where the last of
-- all is, and the last ones up to the creation of the lead and of the opportunity. Few paths have
-- any of them to look for.
{{ config(materialized=view_of_ctes()) }}
with traffic_sources as (
    select
        traffic_source_key,
        is_direct
    from {{ ref('int_attribution__traffic_sources') }}
),

conversions as (
    select
        conversion_key,
        lead_created_at,
        opportunity_created_at
    from {{ ref('int_attribution__conversions') }}
    where lead_created_at is not null or opportunity_created_at is not null
),

direct_at_last as (
    select paths.conversion_key
    from {{ ref('int_attribution__paths') }} as paths
    inner join traffic_sources on paths.traffic_source_key = traffic_sources.traffic_source_key
    where paths.position = paths.path_length and traffic_sources.is_direct
),

candidates as (
    select
        paths.conversion_key,
        'last_non_direct' as milestone,
        paths.position,
        paths.traffic_source_key
    from {{ ref('int_attribution__paths') }} as paths
    inner join direct_at_last on paths.conversion_key = direct_at_last.conversion_key
    inner join traffic_sources on paths.traffic_source_key = traffic_sources.traffic_source_key
    where not traffic_sources.is_direct
    {% for milestone in ['lead', 'opportunity'] %}
        union all

        select
            paths.conversion_key,
            '{{ milestone }}' as milestone,
            paths.position,
            paths.traffic_source_key
        from {{ ref('int_attribution__paths') }} as paths
        inner join conversions on paths.conversion_key = conversions.conversion_key
        where paths.touched_at <= conversions.{{ milestone }}_created_at
    {% endfor %}
),

milestones as (
    select
        conversion_key,
        milestone,
        position,
        traffic_source_key
    from candidates
    qualify
        row_number() over (
            partition by conversion_key, milestone order by position desc nulls last
        ) = 1
)

select * from milestones
