"""Every visit that saw a page began with one and ended with one."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.page_visits_agree",
    table="funnel.page_engagement",
    read="counts",
    query="""
        with pages as (
            select period_start, sum(entries) as entries, sum(exits) as exits
            from funnel.page_engagement
            where period_grain = 'day'
            group by period_start
        ),

        visits as (
            select session_date, count(*) as visits
            from core.fct_sessions
            where is_counted
            group by session_date
        ),

        days as (
            select
                page,
                date_trunc('month', period_start)::date as month,
                max(people) as most_people,
                sum(people) as all_people,
                sum(timed_views) as timed_views
            from funnel.page_engagement
            where period_grain = 'day'
            group by all
        )

        select pages.entries, pages.exits, coalesce(visits.visits, 0) as visits
        from pages
        left join visits on pages.period_start = visits.session_date
        union all by name
        select
            months.people,
            months.timed_views,
            coalesce(days.most_people, 0) as most_people,
            coalesce(days.all_people, 0) as all_people,
            coalesce(days.timed_views, 0) as timed_views_of_days
        from funnel.page_engagement as months
        left join days on months.page = days.page and months.period_start = days.month
        where months.period_grain = 'month'
    """,
    expectations=(
        never(
            "entries <> exits",
            owner="digital",
            sentence="As many visits began as ended with a page, but the figures differ.",
        ),
        never(
            "entries > visits",
            owner="digital",
            sentence="More visits began with a page than took place.",
        ),
        never(
            "people not between most_people and all_people or timed_views <> timed_views_of_days",
            name="a page's month is made of its days",
            owner="digital",
            sentence="In a month other people saw a page, or for other times, than on its days.",
        ),
    ),
)
