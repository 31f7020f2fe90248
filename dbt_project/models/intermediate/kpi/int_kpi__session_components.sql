{%- set dimensions = ['country', 'channel', 'campaign', 'device'] %}
with sessions as (
    select
        case when is_given then 'web_sessions' else 'web_events' end as raw_table,
        session_date as activity_date,
        country,
        device_type,
        traffic_source_key,
        count(*) as sessions,
        sum(case when has_purchase then 1 else 0 end) as converting_sessions
    from {{ ref('int_sessions__sessions_counted') }}
    group by
        case when is_given then 'web_sessions' else 'web_events' end,
        session_date,
        country,
        device_type,
        traffic_source_key
),

placed as (
    select
        sessions.raw_table,
        sessions.activity_date,
        {{ segment_of('sessions.country') }} as country,
        {{ segment_of('traffic_sources.channel') }} as channel,
        {{ segment_of('traffic_sources.campaign') }} as campaign,
        {{ segment_of('sessions.device_type') }} as device,
        sessions.sessions,
        sessions.converting_sessions
    from sessions
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on sessions.traffic_source_key = traffic_sources.traffic_source_key
),

summed as (
    {{ sums_by_dimension(
        'placed', ['raw_table', 'activity_date'], dimensions, ['sessions', 'converting_sessions']
    ) }}
),

daily as (
    {{ daily_components('summed', {
        'sessions': ['sessions', 'sessions'],
        'converting_sessions': ['converting_sessions', 'sessions'],
    }, 'raw_table', once={'converting_sessions': 'converting_sessions'}) }}
)

select * from daily
