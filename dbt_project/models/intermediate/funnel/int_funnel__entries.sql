-- A person enters a cohort once: with the first entry step in its period. A funnel that starts with
-- a visit takes its segments from that visit.
with entry_steps as (
    select funnel
    from {{ ref('int_funnel__steps') }}
    where step_number = 1 and event_or_stage = 'session'
),

visits as (
    select
        entry_steps.funnel,
        people.person_key as entity_key,
        sessions.session_key,
        sessions.started_at as entered_at,
        {{ business_date('sessions.started_at') }} as entry_date,
        traffic_sources.channel,
        sessions.country,
        sessions.device_type as device
    from {{ ref('int_sessions__sessions_counted') }} as sessions
    inner join {{ ref('int_identity__visitors') }} as people
        on sessions.visitor_key = people.visitor_key
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on sessions.traffic_source_key = traffic_sources.traffic_source_key
    cross join entry_steps
),

cohorts as (
    select
        period_days.period_grain,
        period_days.period_start,
        visits.funnel,
        visits.entity_key,
        visits.session_key,
        visits.entered_at,
        visits.channel,
        visits.country,
        visits.device,
        row_number() over (
            partition by
                period_days.period_grain,
                period_days.period_start,
                visits.funnel,
                visits.entity_key
            order by visits.entered_at nulls last, visits.session_key nulls last
        ) as entry_number
    from visits
    inner join {{ ref('int_core__period_days') }} as period_days
        on visits.entry_date = period_days.date_day
),

entries as (
    select
        {{ integer_key(['period_grain', 'funnel', 'session_key']) }} as entry_key,
        period_grain,
        period_start,
        funnel,
        entity_key,
        entered_at,
        channel,
        country,
        device
    from cohorts
    where entry_number = 1
)

select * from entries
