"""Leads, and whether they became customers."""

from expectations.suite import Suite, keeps_rows, never, not_null, unique

SUITE = Suite(
    name="core.fct_leads",
    table="core.fct_leads",
    read="counts",
    columns=("lead_key", "lead_id", "created_at", "created_date", "channel", "is_converted"),
    expectations=(
        unique(
            "lead_key",
            owner="data",
            sentence="A lead appears twice, so cost per lead looks too low.",
        ),
        not_null(
            "created_date",
            owner="sales",
            sentence="A lead has no date and is missing from every period.",
        ),
        not_null(
            "channel",
            owner="marketing",
            sentence="A lead has no channel, not even the one for unknown origin.",
        ),
        not_null(
            "is_converted",
            owner="sales",
            sentence="It is not said whether a lead became a customer.",
        ),
        never(
            "created_at > getvariable('as_of') + interval 1 day",
            owner="sales",
            sentence="A lead lies in the future.",
        ),
        keeps_rows(
            0.5,
            table="core.fct_leads",
            owner="data",
            sentence="Half of the leads of the previous release are gone.",
        ),
    ),
)
