"""How long pages are looked at, where visits begin and end, and what follows."""

from expectations.suite import Suite, between, never, not_null, quotients, unique

SUITE = Suite(
    name="funnel.page_engagement",
    table="funnel.page_engagement",
    read="counts",
    columns=(
        "period_grain",
        "period_start",
        "page",
        "views",
        "sessions",
        "people",
        "median_seconds_on_page",
        "p90_seconds_on_page",
        "entries",
        "exits",
        "exit_rate",
        "converted_sessions",
        "conversion_rate",
    ),
    expectations=(
        unique(
            "period_grain",
            "period_start",
            "page",
            owner="data",
            sentence="A page appears twice in the same period.",
        ),
        not_null("page", owner="data", sentence="Views belong to no page."),
        never(
            "sessions > views or exits > views or entries > views or converted_sessions > sessions",
            name="a page has a view for each visit, entry and exit",
            owner="digital",
            sentence="A page has more visits, entries or exits than views.",
        ),
        never(
            "median_seconds_on_page < 0 or p90_seconds_on_page < median_seconds_on_page",
            owner="digital",
            sentence="Time on a page runs backwards.",
        ),
        never(
            "people > sessions or timed_views > views",
            name="people and times on a page have a visit and a view",
            owner="digital",
            sentence="A page was seen by more people than there were visits, or timed more often.",
        ),
        never(
            "(timed_views > 0) <> (median_seconds_on_page is not null)",
            owner="digital",
            sentence="A page has a time that nobody spent there, or none that somebody did.",
        ),
        between(
            "exit_rate",
            0,
            1,
            owner="digital",
            sentence="A page's exit rate is not between 0 and 100 percent.",
        ),
        never(
            "page like '%@%' or page like '%?%'",
            owner="data",
            sentence="The name of a page may tell who looked at it.",
        ),
        quotients(
            {
                "exit_rate": ("exits", "views"),
                "conversion_rate": ("converted_sessions", "sessions"),
            },
            owner="digital",
            sentence="A page's rate is not what its parts make, or is missing.",
        ),
    ),
)
