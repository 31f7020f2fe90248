with sessions as (
    select
        case when sessions.is_given then 'web_sessions' else 'web_events' end as raw_table,
        {{ business_date('sessions.started_at') }} as activity_date,
        sessions.country,
        traffic_sources.channel,
        sessions.device_type as device,
        case when sessions.has_purchase then 1 else 0 end as converting
    from {{ ref('int_sessions__sessions_counted') }} as sessions
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on sessions.traffic_source_key = traffic_sources.traffic_source_key
),

components as (
    select
        'sessions' as component,
        raw_table,
        activity_date,
        country,
        channel,
        device,
        1 as amount
    from sessions

    union all

    select
        'converting_sessions' as component,
        raw_table,
        activity_date,
        country,
        channel,
        device,
        converting as amount
    from sessions
),

daily as (
    select
        component,
        raw_table,
        cast(0 as bigint) as maturity_days,
        activity_date,
        country,
        cast(null as {{ dbt.type_string() }}) as segment,
        channel,
        device,
        cast(sum(amount) as decimal(28, 4)) as amount,
        cast(count(*) as bigint) as sample
    from components
    group by component, raw_table, activity_date, country, channel, device
)

select * from daily
