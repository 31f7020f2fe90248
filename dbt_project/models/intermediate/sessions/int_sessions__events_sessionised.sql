-- An event belongs to the session that its source names; the others of a visitor are cut where
-- `session_timeout_minutes` pass without an event. An event with neither id, because consent was
-- denied, belongs to no session.
-- Rows are put in order by few columns; the others join them at the end.
with hosts as (
    select
        event_key,
        occurred_at,
        visitor_key,
        session_key as given_session_key,
        utm_source,
        utm_medium,
        utm_campaign,
        click_id_type,
        click_id,
        {{ url_host('page_referrer') }} as raw_referrer_host,
        {{ url_host('page_url') }} as page_host
    from {{ ref('stg_web__events') }}
    where session_key is not null or visitor_key is not null
),

events as (
    select
        event_key,
        occurred_at,
        visitor_key,
        given_session_key,
        -- Trackers send several events at the instant of landing, and not all of them carry the
        -- tags: of one instant, the event that says most comes first. A page that sends its visitor
        -- on at once is an internal referrer of the next one, which says nothing.
        case
            when
                utm_source is not null
                or utm_medium is not null
                or utm_campaign is not null
                or click_id_type is not null
                or click_id is not null
                then 1
            when {{ external_host('raw_referrer_host', ['page_host']) }} is not null then 2
            else 3
        end as tie_rank
    from hosts
),

bot_user_agents as (
    select user_agent
    from {{ ref('int_sessions__bot_user_agents') }}
),

gaps as (
    select
        event_key,
        visitor_key,
        occurred_at,
        tie_rank,
        lag(occurred_at) over (
            partition by visitor_key
            order by occurred_at nulls last, tie_rank nulls last, event_key nulls last
        ) as previous_at
    from events
    where given_session_key is null
),

numbered as (
    select
        event_key,
        visitor_key,
        occurred_at,
        tie_rank,
        sum(
            case
                when
                    previous_at is null
                    or {{ seconds_between('previous_at', 'occurred_at') }}
                    > {{ var('session_timeout_minutes') }} * 60
                    then 1
                else 0
            end
        ) over (
            partition by visitor_key
            order by occurred_at nulls last, tie_rank nulls last, event_key nulls last
            rows between unbounded preceding and current row
        ) as session_number
    from gaps
),

-- A session is named by its first event, so its key does not depend on the order of arrival.
cut as (
    select
        event_key,
        first_value(event_key) over (
            partition by visitor_key, session_number
            order by occurred_at nulls last, tie_rank nulls last, event_key nulls last
            rows between unbounded preceding and current row
        ) as session_key
    from numbered
),

assigned as (
    select
        events.event_key,
        events.occurred_at,
        events.tie_rank,
        coalesce(events.given_session_key, cut.session_key) as session_key
    from events
    left join cut on events.event_key = cut.event_key
),

ordered as (
    select
        event_key,
        session_key,
        row_number() over (
            partition by session_key
            order by occurred_at nulls last, tie_rank nulls last, event_key nulls last
        ) as event_number
    from assigned
),

sessionised as (
    select
        events.event_key,
        ordered.session_key,
        events.source_name,
        events.occurred_at,
        events.visitor_key,
        events.event_name,
        events.page_url,
        events.page_referrer,
        events.utm_source,
        events.utm_medium,
        events.utm_campaign,
        events.utm_content,
        events.utm_term,
        events.click_id,
        events.click_id_type,
        events.device_type,
        events.country,
        events.consent,
        bot_user_agents.user_agent is not null as is_bot,
        ordered.event_number
    from {{ ref('stg_web__events') }} as events
    inner join ordered on events.event_key = ordered.event_key
    left join bot_user_agents on events.user_agent = bot_user_agents.user_agent
)

select * from sessionised
