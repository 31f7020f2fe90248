"""Where business is done on which day."""

from expectations.suite import Suite, never, not_null, refers_to, unique

SUITE = Suite(
    name="core.dim_business_days",
    table="core.dim_business_days",
    read="counts",
    columns=("country", "date_day", "is_holiday", "is_business_day"),
    expectations=(
        unique(
            "country",
            "date_day",
            owner="data",
            sentence="A country has a day twice.",
        ),
        not_null(
            "is_business_day",
            owner="operations",
            sentence="It is not said whether a day is a business day in a country.",
        ),
        never(
            "is_holiday and is_business_day",
            owner="operations",
            sentence="A country's holiday counts as a business day.",
        ),
        refers_to(
            "date_day",
            "core.dim_dates",
            "date_day",
            owner="data",
            sentence="A country has a day that the calendar does not have.",
        ),
    ),
)
