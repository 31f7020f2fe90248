"""Visits to the company's sites."""

from expectations.suite import Suite, keeps_rows, never, not_null, unique

SUITE = Suite(
    name="core.fct_sessions",
    table="core.fct_sessions",
    read="counts",
    columns=(
        "session_key",
        "started_at",
        "session_date",
        "channel",
        "campaign",
        "device_type",
        "country",
        "is_bot",
        "is_long",
        "is_counted",
        "last_non_direct_channel",
    ),
    expectations=(
        unique(
            "session_key",
            owner="data",
            sentence="A visit appears twice, so conversion rates are understated.",
        ),
        not_null(
            "session_date",
            owner="digital",
            sentence="A visit has no date and is missing from every period.",
        ),
        not_null(
            "channel",
            owner="marketing",
            sentence="A visit has no channel, not even the one for unknown origin.",
        ),
        not_null(
            "last_non_direct_channel",
            owner="marketing",
            sentence="A visit has no last source, not even the one for direct visits.",
        ),
        never(
            "is_counted <> (not is_bot and not is_long)",
            owner="digital",
            sentence="A visit of a bot is counted, or one of a person is not.",
        ),
        never(
            "started_at > getvariable('as_of') + interval 1 day",
            owner="digital",
            sentence="A visit lies in the future.",
        ),
        keeps_rows(
            0.5,
            table="core.fct_sessions",
            owner="data",
            sentence="Half of the visits of the previous release are gone.",
        ),
    ),
)
