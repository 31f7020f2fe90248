"""The pipeline: what is open, and how fast it moves."""

from expectations.suite import Suite, between, never, quotients, unique

SUITE = Suite(
    name="funnel.pipeline_velocity",
    table="funnel.pipeline_velocity",
    read="counts",
    columns=(
        "period_grain",
        "period_start",
        "dimension",
        "segment",
        "is_complete",
        "open_count",
        "open_value",
        "weighted_value",
        "won",
        "closed",
        "win_rate",
        "won_value",
        "value_per_deal",
        "won_cycle_days",
        "cycle_days",
        "velocity",
    ),
    expectations=(
        unique(
            "period_grain",
            "period_start",
            "dimension",
            "segment",
            owner="sales",
            sentence="The pipeline of a segment appears twice for the same period.",
        ),
        never(
            "open_count < 0 or weighted_value > open_value and open_value >= 0",
            owner="sales",
            sentence="The weighted pipeline exceeds the whole, or fewer than no deal is open.",
        ),
        between(
            "win_rate",
            0,
            1,
            owner="sales",
            sentence="A win rate is not between 0 and 100 percent.",
        ),
        never(
            "won > closed",
            owner="sales",
            sentence="More deals were won than closed.",
        ),
        never(
            "cycle_days < 0",
            owner="sales",
            sentence="A deal was won before it was created.",
        ).as_warning(),
        quotients(
            {
                "win_rate": ("won", "closed"),
                "value_per_deal": ("won_value", "won"),
                "cycle_days": ("won_cycle_days", "won"),
            },
            owner="sales",
            sentence="A rate or a mean of the pipeline is not what its parts make, or is missing.",
        ),
    ),
)
