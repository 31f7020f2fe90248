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
        views.event_key,
        views.session_key,
        sessions.person_key,
        sessions.session_date,
        sessions.has_purchase,
        pages.page,
        views.occurred_at,
        -- What comes first in a visit follows no other path.
        views.previous_path is null as is_entry,
        lead(views.occurred_at) over (
            partition by views.session_key
            order by
                views.occurred_at nulls last,
                views.is_reported nulls last,
                views.event_number nulls last
        ) as left_at
    from views
    inner join sessions on views.session_key = sessions.session_key
    inner join {{ ref('int_funnel__pages') }} as pages on views.page_path = pages.page_path
),

page_views as (
    select
        event_key,
        session_key,
        person_key,
        session_date,
        has_purchase,
        page,
        is_entry,
        left_at is null as is_exit,
        cast({{ seconds_between('occurred_at', 'left_at') }} as double) as seconds_on_page
    from timed
)

select * from page_views
