"""The calendar that everything else is dated by."""

from expectations.suite import Expectation, Suite, never, not_null, unique

SUITE = Suite(
    name="core.dim_dates",
    table="core.dim_dates",
    read="counts",
    columns=("date_day", "iso_year", "iso_week", "month_start", "is_business_day", "hours_in_day"),
    expectations=(
        unique(
            "date_day",
            owner="data",
            sentence="A day is in the calendar twice, so its figures count twice.",
        ),
        Expectation(
            name="no day is missing",
            sentence="A day is missing in the calendar, and with it the figures of that day.",
            owner="data",
            measure="coalesce(max(date_day) - min(date_day) + 1 - count(*), 0)",
        ),
        never(
            "hours_in_day not between 22 and 26",
            owner="data",
            sentence="A day does not have about 24 hours.",
        ),
        never(
            "starts_at + interval 1 hour * hours_in_day <> ends_at",
            owner="data",
            sentence="A day does not end where the next one begins.",
        ),
        not_null(
            "is_business_day",
            owner="operations",
            sentence="It is not said whether a day is a business day.",
        ),
    ),
)
