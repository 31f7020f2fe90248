"""What does not fit together between advertising, visits and channel rules."""

from expectations.suite import Suite, never, not_null, unique

SUITE = Suite(
    name="attribution.tracking_gaps",
    table="attribution.tracking_gaps",
    read="counts",
    columns=(
        "gap",
        "field",
        "channel",
        "value",
        "sessions",
        "touches",
        "events",
        "leads",
        "spend",
        "first_seen_on",
        "last_seen_on",
    ),
    expectations=(
        unique(
            "gap",
            "channel",
            "value",
            owner="data",
            sentence="A gap in the tracking is listed twice.",
        ),
        not_null("value", owner="marketing", sentence="A gap in the tracking names no value."),
        never(
            "sessions + touches + events + leads = 0 and spend <= 0",
            owner="marketing",
            sentence="A gap in the tracking is listed that nothing was lost through.",
        ),
        never(
            "first_seen_on > last_seen_on or last_seen_on > getvariable('as_of') + interval 1 day",
            owner="digital",
            sentence="A gap in the tracking ends before it begins, or lies in the future.",
        ),
    ),
)
