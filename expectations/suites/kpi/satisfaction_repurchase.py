"""Who ordered again after saying how satisfied they were."""

from expectations.suite import Suite, never, one_of, quotients, unique

SUITE = Suite(
    name="kpi.satisfaction_repurchase",
    table="kpi.satisfaction_repurchase",
    columns=(
        "period_grain",
        "period_start",
        "survey",
        "score_band",
        "is_complete",
        "surveys",
        "mature_surveys",
        "repurchased",
        "repurchase_rate",
        "repurchase_rate_low",
        "repurchase_rate_high",
    ),
    expectations=(
        unique(
            "period_grain",
            "period_start",
            "survey",
            "score_band",
            owner="service",
            sentence="The repurchases of a band of answers appear twice for the same period.",
        ),
        one_of(
            "score_band",
            (
                "satisfied",
                "neutral",
                "dissatisfied",
                "promoter",
                "passive",
                "detractor",
                "no_answer",
            ),
            owner="service",
            sentence="An answer is in a band that nobody knows.",
        ),
        never(
            "repurchased > mature_surveys or mature_surveys > surveys",
            owner="service",
            sentence="More customers bought again than were asked.",
        ),
        never(
            "repurchase_rate not between repurchase_rate_low - 0.000001"
            " and repurchase_rate_high + 0.000001",
            owner="service",
            sentence="A repurchase rate lies outside of its own interval.",
        ),
        quotients(
            {
                "repurchase_rate": ("repurchased", "mature_surveys"),
            },
            owner="service",
            sentence="A rate of repeated purchases is not what its parts make, or is missing.",
        ),
    ),
)
