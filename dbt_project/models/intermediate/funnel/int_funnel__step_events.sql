-- Who did what that a funnel over web events counts as a step.
with steps as (
    select
        funnel,
        step_number,
        event_or_stage,
        page_pattern
    from {{ ref('int_funnel__steps') }}
),

people as (
    select
        visitor_key,
        person_key
    from {{ ref('int_identity__visitors') }}
),

sessions as (
    select
        session_key,
        visitor_key,
        started_at
    from {{ ref('int_sessions__sessions_counted') }}
    where visitor_key is not null
),

web_events as (
    select
        events.event_name,
        sessions.visitor_key,
        events.occurred_at,
        events.page_url
    from {{ ref('int_sessions__events_sessionised') }} as events
    inner join sessions on events.session_key = sessions.session_key
    where events.event_name in (select steps.event_or_stage from steps)
),

orders as (
    select
        order_key,
        person_key,
        ordered_at
    from {{ ref('int_core__orders_valued') }}
    where is_revenue and person_key is not null
),

occurrences as (
    select
        'session' as event_or_stage,
        people.person_key as entity_key,
        sessions.started_at as occurred_at,
        cast(null as {{ dbt.type_string() }}) as page_url
    from sessions
    inner join people on sessions.visitor_key = people.visitor_key

    union all

    select
        web_events.event_name as event_or_stage,
        people.person_key as entity_key,
        web_events.occurred_at,
        web_events.page_url
    from web_events
    inner join people on web_events.visitor_key = people.visitor_key

    union all

    -- An order is a purchase even where the page did not report it.
    select
        'purchase' as event_or_stage,
        person_key as entity_key,
        ordered_at as occurred_at,
        cast(null as {{ dbt.type_string() }}) as page_url
    from orders
),

step_events as (
    select
        steps.funnel,
        steps.step_number,
        occurrences.entity_key,
        min(occurrences.occurred_at) as occurred_at
    from occurrences
    inner join steps on occurrences.event_or_stage = steps.event_or_stage
    where
        steps.page_pattern is null
        or {{ full_match("coalesce(occurrences.page_url, '')", 'steps.page_pattern') }}
    group by steps.funnel, steps.step_number, occurrences.entity_key, occurrences.occurred_at
)

select * from step_events
