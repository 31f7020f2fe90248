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
        )

        select pages.entries, pages.exits, coalesce(visits.visits, 0) as visits
        from pages
        left join visits on pages.period_start = visits.session_date
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
    ),
)
