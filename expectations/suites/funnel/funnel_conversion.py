"""How people move through each funnel, by the period in which they entered."""

from expectations.suite import Suite, between, never, not_null, quotients, unique

SUITE = Suite(
    name="funnel.funnel_conversion",
    table="funnel.funnel_conversion",
    read="counts",
    columns=(
        "funnel",
        "period_grain",
        "period_start",
        "dimension",
        "segment",
        "step_number",
        "step",
        "entered",
        "converted",
        "open",
        "dropped",
        "step_rate",
        "overall_rate",
        "is_mature",
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
            sentence="A funnel step appears twice for the same period and segment.",
        ),
        not_null(
            "period_start",
            owner="data",
            sentence="A funnel figure belongs to no period.",
        ),
        never(
            "entered < 0 or converted < 0 or open < 0 or dropped < 0",
            owner="digital",
            sentence="Fewer than no people are in a funnel step.",
        ),
        never(
            "entered <> converted + open + dropped",
            owner="digital",
            sentence="People in a funnel step are neither through, nor lost, nor still on the way.",
        ),
        never(
            "is_mature and open > 0",
            owner="digital",
            sentence="A closed period still has people on the way.",
        ),
        between(
            "step_rate",
            0,
            1,
            owner="digital",
            sentence="A step's conversion rate is not between 0 and 100 percent.",
        ),
        between(
            "overall_rate",
            0,
            1,
            owner="digital",
            sentence="A funnel's overall rate is not between 0 and 100 percent.",
        ),
        quotients(
            {
                "step_rate": ("converted", "entered"),
                "overall_rate": ("entered", "cohort_size"),
            },
            where="is_mature",
            owner="digital",
            sentence="A funnel's rate is not what its parts make, or is missing.",
        ),
    ),
)
