-- Everything of a visit counts on the day on which the visit began, so that days add up. A page
-- that hardly any visit saw is shown with others like it: it may tell who looked at it.
with page_views as (
    select * from {{ ref('int_funnel__page_views') }}
),

seen as (
    select
        page,
        count(distinct session_key) as sessions
    from page_views
    group by page
),

-- Numbers stand for the few names: what is grouped again and again is narrow then.
pages as (
    select
        page,
        case
            when sessions >= {{ var('page_min_sessions') }}
                then row_number() over (order by page nulls last)
            else 0
        end as page_number
    from seen
),

names as (
    select
        page_number,
        case when page_number = 0 then '(rare)' else max(page) end as page
    from pages
    group by page_number
),

numbered as (
    select
        page_views.session_key,
        page_views.person_key,
        page_views.session_date,
        page_views.has_purchase,
        page_views.is_entry,
        page_views.is_exit,
        page_views.seconds_on_page,
        pages.page_number
    from page_views
    inner join pages on page_views.page = pages.page
),

-- A day has few pages and few times spent on them: what adds up is counted by these first.
view_days as (
    select
        session_date,
        page_number,
        seconds_on_page,
        count(*) as views,
        sum(case when is_entry then 1 else 0 end) as entries,
        sum(case when is_exit then 1 else 0 end) as exits
    from numbered
    group by session_date, page_number, seconds_on_page
),

views_by_seconds as (
    select
        period_days.period_grain,
        period_days.period_start,
        view_days.page_number,
        view_days.seconds_on_page,
        sum(view_days.views) as views,
        sum(view_days.entries) as entries,
        sum(view_days.exits) as exits,
        sum(case when view_days.seconds_on_page is not null then view_days.views else 0 end)
            as timed_views
    from view_days
    inner join {{ ref('int_core__period_days') }} as period_days
        on view_days.session_date = period_days.date_day
    group by
        period_days.period_grain,
        period_days.period_start,
        view_days.page_number,
        view_days.seconds_on_page
),

ranked as (
    select
        *,
        case
            when seconds_on_page is not null
                then sum(views) over (
                    partition by period_grain, period_start, page_number
                    order by seconds_on_page nulls last
                )
        end as views_through,
        sum(timed_views) over (partition by period_grain, period_start, page_number)
            as timed_views_of_page
    from views_by_seconds
),

viewed as (
    select
        period_grain,
        period_start,
        page_number,
        sum(views) as views,
        sum(entries) as entries,
        sum(exits) as exits,
        sum(timed_views) as timed_views,
        {{ percentile_of_counts(
            'seconds_on_page', 0.5, through='views_through', total='timed_views_of_page'
        ) }} as median_seconds,
        {{ percentile_of_counts(
            'seconds_on_page', 0.9, through='views_through', total='timed_views_of_page'
        ) }} as p90_seconds
    from ranked
    group by period_grain, period_start, page_number
),

visits as (
    select
        session_date,
        page_number,
        person_key,
        session_key,
        has_purchase
    from numbered
    group by session_date, page_number, person_key, session_key, has_purchase
),

visitor_days as (
    select
        session_date,
        page_number,
        person_key,
        count(*) as sessions,
        sum(case when has_purchase then 1 else 0 end) as converted_sessions
    from visits
    group by session_date, page_number, person_key
),

-- A person counts once in a period: on the first day of it with the page.
seen_before as (
    select
        *,
        lag(session_date) over (
            partition by page_number, person_key order by session_date nulls last
        ) as previous_date
    from visitor_days
),

people_days as (
    select
        session_date,
        previous_date,
        page_number,
        count(person_key) as people,
        sum(sessions) as sessions,
        sum(converted_sessions) as converted_sessions
    from seen_before
    group by session_date, previous_date, page_number
),

visited as (
    select
        period_days.period_grain,
        period_days.period_start,
        people_days.page_number,
        sum(
            case
                when
                    people_days.previous_date is null
                    or people_days.previous_date < period_days.period_start
                    then people_days.people
                else 0
            end
        ) as people,
        sum(people_days.sessions) as sessions,
        sum(people_days.converted_sessions) as converted_sessions
    from people_days
    inner join {{ ref('int_core__period_days') }} as period_days
        on people_days.session_date = period_days.date_day
    group by period_days.period_grain, period_days.period_start, people_days.page_number
),

-- The days that the visits which are known span.
extents as (
    {{ extents_of('sessions') }}
),

rated as (
    select
        viewed.period_grain,
        viewed.period_start,
        periods.is_complete and {{ is_whole('extents') }} as is_complete,
        names.page,
        cast(viewed.views as bigint) as views,
        cast(visited.sessions as bigint) as sessions,
        cast(visited.people as bigint) as people,
        cast(viewed.timed_views as bigint) as timed_views,
        cast(viewed.median_seconds as double) as median_seconds_on_page,
        cast(viewed.p90_seconds as double) as p90_seconds_on_page,
        cast(viewed.entries as bigint) as entries,
        cast(viewed.exits as bigint) as exits,
        {{ ratio('viewed.exits', 'viewed.views') }} as exit_rate,
        cast(visited.converted_sessions as bigint) as converted_sessions,
        {{ outcome_rate('visited.converted_sessions', 'visited.sessions') }} as conversion_rate
    from viewed
    inner join visited
        on
            viewed.period_grain = visited.period_grain
            and viewed.period_start = visited.period_start
            and viewed.page_number = visited.page_number
    inner join names on viewed.page_number = names.page_number
    inner join {{ ref('int_core__periods') }} as periods
        on
            viewed.period_grain = periods.period_grain
            and viewed.period_start = periods.period_start
    cross join extents
)

select * from rated
