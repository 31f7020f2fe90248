-- Who took which step of which funnel. In a funnel that starts with a visit, a visit takes a step
-- once, at its first event of that step: a hundred events of a kind become one row.
with steps as (
    select
        funnel,
        step_number,
        event_or_stage,
        page_pattern,
        entity_type,
        starts_with_visit
    from {{ ref('int_funnel__steps') }}
),

visits as (
    select
        sessions.session_key,
        people.person_key,
        sessions.started_at,
        sessions.landing_page
    from {{ ref('int_sessions__sessions_counted') }} as sessions
    inner join {{ ref('int_identity__visitors') }} as people
        on sessions.visitor_key = people.visitor_key
),

-- The page of an order that is opened again is no second purchase.
web_events as (
    select
        events.event_name,
        events.session_key,
        events.occurred_at,
        events.page_url
    from {{ ref('int_sessions__events_sessionised') }} as events
    left join {{ ref('int_sessions__order_reports') }} as reports
        on events.event_key = reports.event_key
    where
        events.event_name in (select steps.event_or_stage from steps)
        and coalesce(reports.is_first, true)
),

-- A purchase of an order that a shop has is that order, which is a step by itself.
served_events as (
    select
        events.event_name,
        case when events.login_key is null then 'email' else 'login' end as kind,
        coalesce(events.login_key, events.email_key) as entity_key,
        events.occurred_at,
        events.page_url
    from {{ ref('stg_web__events') }} as events
    left join {{ ref('int_core__order_references') }} as orders
        on events.order_key = orders.order_reference_key
    where
        events.session_key is null
        and events.visitor_key is null
        and (events.login_key is not null or events.email_key is not null)
        and coalesce(events.consent, 'unknown') <> 'denied'
        and events.event_name in (select steps.event_or_stage from steps)
        and (events.event_name <> 'purchase' or orders.order_key is null)
),

occurrences as (
    select
        'person' as entity_type,
        'session' as event_or_stage,
        person_key as entity_key,
        session_key as context_key,
        started_at as occurred_at,
        landing_page as page_url
    from visits

    union all

    select
        'person' as entity_type,
        web_events.event_name as event_or_stage,
        visits.person_key as entity_key,
        visits.session_key as context_key,
        web_events.occurred_at,
        web_events.page_url
    from web_events
    inner join visits on web_events.session_key = visits.session_key

    union all

    -- What a server tells names a login or an address, and no browser: no visit, but a step.
    select
        'person' as entity_type,
        served_events.event_name as event_or_stage,
        people.person_key as entity_key,
        cast(null as bigint) as context_key,
        served_events.occurred_at,
        served_events.page_url
    from served_events
    inner join {{ ref('int_identity__identifiers_resolved') }} as people
        on served_events.kind = people.kind and served_events.entity_key = people.entity_key

    union all

    -- An order is a purchase even where the page did not report it, or did so in the browser of
    -- somebody else. A shop may date it when it was paid: it was placed when it was first reported.
    select
        'person' as entity_type,
        'purchase' as event_or_stage,
        orders.person_key as entity_key,
        cast(null as bigint) as context_key,
        coalesce(reports.reported_at, orders.ordered_at) as occurred_at,
        cast(null as {{ dbt.type_string() }}) as page_url
    from {{ ref('int_core__orders_valued') }} as orders
    left join {{ ref('int_sessions__order_reports') }} as reports
        on orders.order_key = reports.order_key and reports.is_first
    where orders.is_revenue and orders.person_key is not null

    union all

    select
        entity_type,
        stage as event_or_stage,
        entity_key,
        case when entity_type <> 'person' then entity_key end as context_key,
        occurred_at,
        cast(null as {{ dbt.type_string() }}) as page_url
    from {{ ref('int_funnel__stage_events') }}
),

taken as (
    select
        steps.funnel,
        steps.step_number,
        occurrences.entity_key,
        occurrences.context_key,
        occurrences.occurred_at,
        case
            when not steps.starts_with_visit or occurrences.context_key is null
                then occurrences.occurred_at
        end as counted_at
    from occurrences
    inner join steps
        on
            occurrences.event_or_stage = steps.event_or_stage
            and occurrences.entity_type = steps.entity_type
    where
        steps.page_pattern is null
        or {{ full_match("coalesce(occurrences.page_url, '')", 'steps.page_pattern') }}
),

step_events as (
    select
        funnel,
        step_number,
        entity_key,
        context_key,
        min(occurred_at) as occurred_at
    from taken
    group by funnel, step_number, entity_key, context_key, counted_at
)

select * from step_events
