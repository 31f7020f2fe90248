"""Where more people are lost in a funnel than its past and the other segments explain."""

from expectations.suite import Suite, between, never, not_null, unique

SUITE = Suite(
    name="funnel.funnel_friction",
    table="funnel.funnel_friction",
    read="counts",
    columns=(
        "funnel",
        "period_grain",
        "period_start",
        "dimension",
        "segment",
        "step_number",
        "step",
        "reached",
        "passed",
        "lost",
        "pass_rate",
        "expected_pass_rate",
        "lost_beyond_expected",
        "lost_beyond_expected_low",
        "lost_beyond_expected_high",
        "is_friction",
        "friction_rank",
        "is_worst",
        "revenue_at_stake",
    ),
    expectations=(
        unique(
            "funnel",
            "period_grain",
            "period_start",
            "dimension",
            "segment",
            "step_number",
            owner="data",
            sentence="A step's losses appear twice for the same period and segment.",
        ),
        not_null(
            "period_start",
            owner="data",
            sentence="Losses at a step belong to no period.",
        ),
        never(
            "reached <> passed + lost or passed < 0 or lost < 0",
            owner="digital",
            sentence="People at a step are neither through nor lost.",
        ),
        between(
            "pass_rate",
            0,
            1,
            owner="digital",
            sentence="The share of people through a step is not between 0 and 100 percent.",
        ),
        between(
            "expected_pass_rate",
            0,
            1,
            owner="digital",
            sentence="The share of people expected to pass is not between 0 and 100 percent.",
        ),
        never(
            "lost_beyond_expected not between lost_beyond_expected_low"
            " and lost_beyond_expected_high",
            name="losses lie within their interval",
            owner="digital",
            sentence="A loss lies outside of its own interval.",
        ),
        never(
            "is_worst and not is_friction",
            owner="digital",
            sentence="A step is flagged as the worst though nothing is wrong with it.",
        ),
        never(
            "revenue_at_stake < 0 or revenue_at_stake > 0 and not lost_beyond_expected > 0",
            name="only losses put revenue at stake",
            owner="finance",
            sentence="Revenue is said to be at stake where nobody was lost.",
        ),
    ),
)
