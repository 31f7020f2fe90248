"""What a marketing mix model reads."""

from expectations.suite import Suite, never, not_null, unique

SUITE = Suite(
    name="attribution.mmm_weekly",
    table="attribution.mmm_weekly",
    columns=(
        "week_start",
        "geo",
        "channel",
        "spend",
        "impressions",
        "clicks",
        "sessions",
        "conversions",
        "revenue",
        "holidays",
        "discount_rate",
        "web_days_lost",
    ),
    expectations=(
        unique(
            "week_start",
            "geo",
            "channel",
            owner="data",
            sentence="A channel appears twice in one week of the mix model's input.",
        ),
        not_null(
            "spend",
            owner="marketing",
            sentence="A week's spend is unknown, which a mix model would read as none.",
        ),
        never(
            "spend < 0 or impressions < 0 or clicks < 0",
            owner="marketing",
            sentence="A channel has a negative cost in the mix model's input.",
        ),
        never(
            "week_start + interval 7 day > getvariable('as_of') + interval 1 day",
            name="weeks are over",
            owner="data",
            sentence="A week that still runs is in the mix model's input.",
        ),
    ),
)
