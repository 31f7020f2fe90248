"""What each campaign cost and brought, by each attribution model."""

from expectations.suite import Suite, never, not_null, quotients, unique
from expectations.suites.attribution.channel_performance import (
    FIGURES,
    OFTEN_UNKNOWN,
    RATIO_COLUMNS,
    RATIOS,
)

SUITE = Suite(
    name="attribution.campaign_performance",
    table="attribution.campaign_performance",
    read="counts",
    columns=(
        "period_grain",
        "period_start",
        "channel",
        "campaign",
        "model",
        "conversion_type",
        *FIGURES,
    ),
    expectations=(
        unique(
            "period_grain",
            "period_start",
            "channel",
            "campaign",
            "model",
            "conversion_type",
            owner="data",
            sentence="A campaign appears twice in the same period and model.",
        ),
        not_null(
            "campaign",
            owner="marketing",
            sentence="A line of campaign figures names no campaign.",
        ),
        never(
            "spend < 0 or sessions < 0 or leads < 0 or conversions < 0 or new_customers < 0",
            owner="marketing",
            sentence="A campaign has a negative cost or a negative number of visits or customers.",
        ),
        never(
            "total_costs <> spend + other_costs",
            owner="finance",
            sentence="The total cost of a campaign is not what its parts add up to.",
        ),
        never(
            "roas is not null and not spend > 0",
            owner="marketing",
            sentence="A return on advertising is stated where nothing was spent.",
        ),
        never(
            " or ".join(f"not isfinite({ratio})" for ratio in RATIO_COLUMNS),
            name="costs and returns are numbers",
            owner="marketing",
            sentence="A cost or a return of a campaign is not a number: it was divided by nothing.",
        ),
        quotients(
            RATIOS,
            often_unknown=OFTEN_UNKNOWN,
            owner="marketing",
            sentence="A cost or a return of a campaign is not what its parts make, or is missing.",
        ),
    ),
)
