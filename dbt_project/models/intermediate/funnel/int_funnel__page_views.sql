-- A view is a page_view event, or the first event at another address than the one before: sites
-- that report only what happens on a page have views too. Time on a page lasts until the next view
-- of the visit; of the last page nothing tells how long it was looked at.
-- Of one instant, a page is loaded before something happens on it; else events keep their order, so
-- that a visit begins with the page that said where it came from.
with sessions as (
    select
        sessions.session_key,
        people.person_key,
        sessions.session_date,
        sessions.has_purchase
    from {{ ref('int_sessions__sessions_counted') }} as sessions
    left join {{ ref('int_identity__visitors') }} as people
        on sessions.visitor_key = people.visitor_key
),

events as (
    select
        event_key,
        session_key,
        event_number,
        occurred_at,
        case when event_name = 'page_view' then 0 else 1 end as is_reported,
        {{ url_path('page_url') }} as page_path
    from {{ ref('int_sessions__events_sessionised') }}
    where page_url is not null
),

followed as (
    select
        *,
        lag(page_path) over (
            partition by session_key
            order by occurred_at nulls last, is_reported nulls last, event_number nulls last
        ) as previous_path
    from events
),

views as (
    select *
    from followed
    where is_reported = 0 or previous_path is null or page_path <> previous_path
),

timed as (
    select
        event_key,
        session_key,
        page_path,
        -- What comes first in a visit follows no other path.
        previous_path is null as is_entry,
        occurred_at,
        lead(occurred_at) over (
            partition by session_key
            order by occurred_at nulls last, is_reported nulls last, event_number nulls last
        ) as left_at
    from views
),

page_views as (
    select
        timed.event_key,
        timed.session_key,
        sessions.person_key,
        sessions.session_date,
        sessions.has_purchase,
        pages.page,
        timed.is_entry,
        timed.left_at is null as is_exit,
        cast({{ seconds_between('timed.occurred_at', 'timed.left_at') }} as double)
            as seconds_on_page
    from timed
    inner join sessions on timed.session_key = sessions.session_key
    inner join {{ ref('int_funnel__pages') }} as pages on timed.page_path = pages.page_path
)

select * from page_views
