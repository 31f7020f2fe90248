-- Visits, new campaigns inside visits and answered campaigns, of known people.
with visits as (
    select
        touches.touch_key,
        visitors.person_key,
        touches.touched_at,
        touches.traffic_source_key,
        touches.session_key
    from {{ ref('int_sessions__touches') }} as touches
    inner join {{ ref('int_identity__visitors') }} as visitors
        on touches.visitor_key = visitors.visitor_key
),

campaign_touches as (
    select
        touch_key,
        person_key,
        touched_at,
        traffic_source_key,
        cast(null as bigint) as session_key
    from {{ ref('int_attribution__campaign_touches') }}
    where person_key is not null
),

touches as (
    select * from visits
    union all
    select * from campaign_touches
),

sourced as (
    select
        touches.touch_key,
        touches.person_key,
        touches.touched_at,
        cast({{ dbt.date_trunc('month', 'touches.touched_at') }} as date) as touched_month,
        touches.traffic_source_key,
        touches.session_key,
        traffic_sources.is_direct
    from touches
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on touches.traffic_source_key = traffic_sources.traffic_source_key
)

select * from sourced
