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

named as (
    select
        page_views.session_key,
        page_views.person_key,
        page_views.session_date,
        page_views.has_purchase,
        page_views.is_entry,
        page_views.is_exit,
        page_views.seconds_on_page,
        case
            when seen.sessions >= {{ var('page_min_sessions') }} then page_views.page
            else '(rare)'
        end as page,
        page_views.occurred_at,
        page_views.event_key
    from page_views
    inner join seen on page_views.page = seen.page
),

marked as (
    select
        *,
        row_number() over (
            partition by session_key, page
            order by occurred_at nulls last, event_key nulls last
        ) = 1 as is_first_of_page
    from named
),

counted as (
    select
        period_days.period_grain,
        period_days.period_start,
        marked.page,
        count(*) as views,
        sum(case when marked.is_first_of_page then 1 else 0 end) as sessions,
        count(distinct marked.person_key) as people,
        count(marked.seconds_on_page) as timed_views,
        {{ percentile('marked.seconds_on_page', 0.5, beside=0.9) }} as median_seconds,
        {{ percentile('marked.seconds_on_page', 0.9, beside=0.5) }} as p90_seconds,
        sum(case when marked.is_entry then 1 else 0 end) as entries,
        sum(case when marked.is_exit then 1 else 0 end) as exits,
        sum(case when marked.is_first_of_page and marked.has_purchase then 1 else 0 end)
            as converted_sessions
    from marked
    inner join {{ ref('int_core__period_days') }} as period_days
        on marked.session_date = period_days.date_day
    group by period_days.period_grain, period_days.period_start, marked.page
),

rated as (
    select
        counted.period_grain,
        counted.period_start,
        periods.is_complete,
        counted.page,
        cast(counted.views as bigint) as views,
        cast(counted.sessions as bigint) as sessions,
        cast(counted.people as bigint) as people,
        cast(counted.timed_views as bigint) as timed_views,
        cast(counted.median_seconds as double) as median_seconds_on_page,
        cast(counted.p90_seconds as double) as p90_seconds_on_page,
        cast(counted.entries as bigint) as entries,
        cast(counted.exits as bigint) as exits,
        {{ ratio('counted.exits', 'counted.views') }} as exit_rate,
        cast(counted.converted_sessions as bigint) as converted_sessions,
        {{ ratio('counted.converted_sessions', 'counted.sessions') }} as conversion_rate
    from counted
    inner join {{ ref('int_core__periods') }} as periods
        on
            counted.period_grain = periods.period_grain
            and counted.period_start = periods.period_start
)

select * from rated
