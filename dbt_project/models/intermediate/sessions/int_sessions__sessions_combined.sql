with counts as (
    select
        session_key,
        min(visitor_key) as visitor_key,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        cast(count(*) as bigint) as event_count,
        cast(sum(case when event_name = 'page_view' then 1 else 0 end) as bigint)
            as page_view_count,
        max(case when consent = 'denied' then 1 else 0 end) = 1 as is_denied,
        max(case when consent = 'granted' then 1 else 0 end) = 1 as is_granted,
        -- No person is as fast as a script: a session shorter than a minute is held to one minute.
        max(case when is_bot then 1 else 0 end) = 1
        or count(*) * 60 > {{ var('bot_events_per_minute') }} * greatest(
            {{ seconds_between('min(occurred_at)', 'max(occurred_at)') }}, 60
        ) as is_bot
    from {{ ref('int_sessions__events_sessionised') }}
    group by session_key
),

-- What a session begins with is joined: kept in the sums, texts would take much more memory.
first_events as (
    select
        session_key,
        source_name,
        page_url as landing_page,
        page_referrer,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        utm_term,
        click_id_type,
        device_type,
        country
    from {{ ref('int_sessions__events_sessionised') }}
    where event_number = 1
),

event_sessions as (
    select
        counts.*,
        first_events.source_name,
        first_events.landing_page,
        first_events.page_referrer,
        first_events.utm_source,
        first_events.utm_medium,
        first_events.utm_campaign,
        first_events.utm_content,
        first_events.utm_term,
        first_events.click_id_type,
        first_events.device_type,
        first_events.country
    from counts
    inner join first_events on counts.session_key = first_events.session_key
),

given_sessions as (
    select * from {{ ref('stg_web__sessions') }}
),

-- A visit that an order names led to it, even where the page did not report a purchase. One in
-- which the page of an order is opened again did not.
buying_sessions as (
    select session_key
    from {{ ref('int_sessions__order_sessions') }}
    where is_sale

    union

    select events.session_key
    from {{ ref('int_sessions__events_sessionised') }} as events
    left join {{ ref('int_sessions__order_reports') }} as reports
        on events.event_key = reports.event_key
    where events.event_name = 'purchase' and coalesce(reports.is_first, true)
),

-- What a source says of its session wins; the events add what it leaves out. Consent that was
-- denied once, anywhere in the session, is denied.
combined as (
    select
        coalesce(given_sessions.session_key, event_sessions.session_key) as session_key,
        given_sessions.session_key is not null as is_given,
        given_sessions.session_id,
        given_sessions.is_repeat,
        coalesce(given_sessions.source_name, event_sessions.source_name) as source_name,
        coalesce(given_sessions.visitor_key, event_sessions.visitor_key) as visitor_key,
        coalesce(given_sessions.started_at, event_sessions.started_at) as started_at,
        -- A clock that is ahead would end a session before its beginning.
        greatest(event_sessions.ended_at, given_sessions.started_at) as ended_at,
        coalesce(event_sessions.event_count, 0) as event_count,
        coalesce(event_sessions.page_view_count, 0) as page_view_count,
        buying_sessions.session_key is not null as has_purchase,
        coalesce(given_sessions.landing_page, event_sessions.landing_page) as landing_page,
        -- Of a session that is not given, both are the same page.
        case when given_sessions.session_key is not null then event_sessions.landing_page end
            as first_page,
        given_sessions.page_referrer,
        event_sessions.page_referrer as first_referrer,
        coalesce(given_sessions.utm_source, event_sessions.utm_source) as utm_source,
        coalesce(given_sessions.utm_medium, event_sessions.utm_medium) as utm_medium,
        coalesce(given_sessions.utm_campaign, event_sessions.utm_campaign) as utm_campaign,
        coalesce(given_sessions.utm_content, event_sessions.utm_content) as utm_content,
        coalesce(given_sessions.utm_term, event_sessions.utm_term) as utm_term,
        coalesce(given_sessions.click_id_type, event_sessions.click_id_type) as click_id_type,
        coalesce(given_sessions.device_type, event_sessions.device_type) as device_type,
        coalesce(given_sessions.country, event_sessions.country) as country,
        case
            when given_sessions.consent = 'denied' or event_sessions.is_denied then 'denied'
            when given_sessions.consent = 'granted' or event_sessions.is_granted then 'granted'
            else 'unknown'
        end as consent,
        coalesce(event_sessions.is_bot, false) as is_bot
    from event_sessions
    full outer join given_sessions on event_sessions.session_key = given_sessions.session_key
    left join buying_sessions
        on
            coalesce(given_sessions.session_key, event_sessions.session_key)
            = buying_sessions.session_key
),

hosts as (
    select
        *,
        {{ url_host('page_referrer') }} as raw_referrer_host,
        {{ url_host('first_referrer') }} as first_referrer_host,
        {{ url_host('landing_page') }} as landing_host,
        {{ url_host('first_page') }} as first_page_host
    from combined
),

external as (
    select
        *,
        {{ tag_words('utm_source', 'utm_medium', 'utm_campaign') }},
        -- An internal one counts as none: what the first event says comes after it. Its page may be
        -- another than the landing page.
        coalesce(
            {{ external_host('raw_referrer_host', ['landing_host', 'first_page_host']) }},
            {{ external_host('first_referrer_host', ['landing_host', 'first_page_host']) }}
        ) as referrer_host
    from hosts
),

sourced as (
    select
        session_key,
        is_given,
        session_id,
        is_repeat,
        source_name,
        -- Whoever refused consent is counted, and linked to nothing: not to a person, a touch or a
        -- step in another visit.
        case when consent <> 'denied' then visitor_key end as visitor_key,
        started_at,
        ended_at,
        event_count,
        page_view_count,
        has_purchase,
        landing_page,
        referrer_host,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        utm_term,
        device_type,
        country,
        consent,
        is_bot,
        {{ seconds_between('started_at', 'ended_at') }}
        > {{ var('long_session_hours') }} * 3600 as is_long,
        {{ traffic_source('utm_campaign', 'referrer_host', 'click_id_type') }}
    from external
),

-- The one rule for what counts as a visit: neither automated nor without an end.
keyed as (
    select
        *,
        not is_bot and not is_long as is_counted,
        {{ counted_date(business_date('started_at')) }} as session_date,
        {{ traffic_source_key() }} as traffic_source_key
    from sourced
)

select * from keyed
