"""What corrective actions did."""

from expectations.suite import Suite, never, not_null, one_of, unique

SUITE = Suite(
    name="kpi.action_follow_up",
    table="kpi.action_follow_up",
    columns=(
        "action_id",
        "kpi_id",
        "dimension",
        "segment",
        "control_segment",
        "started_on",
        "review_on",
        "before_value",
        "after_value",
        "control_before_value",
        "control_after_value",
        "effect",
        "effect_lower",
        "effect_upper",
        "expected_effect",
        "has_other_trend",
        "cost_reporting",
        "verdict",
    ),
    expectations=(
        unique("action_id", owner="data", sentence="An action is followed up twice."),
        not_null("verdict", owner="data", sentence="An action has no verdict."),
        one_of(
            "verdict",
            ("too_early", "improved", "no_evidence", "worsened"),
            owner="data",
            sentence="An action has an unknown verdict.",
        ),
        never(
            "not (effect_lower <= effect and effect <= effect_upper)",
            name="the interval holds the effect",
            owner="data",
            sentence="The effect of an action lies outside of its own interval.",
        ),
        never(
            "not (adjusted_lower <= adjusted_effect and adjusted_effect <= adjusted_upper)",
            name="the adjusted interval holds the adjusted effect",
            owner="data",
            sentence="The adjusted effect of an action lies outside of its own interval.",
        ),
        never(
            "effect is not null"
            " and (before_value is null or after_value is null or absolute_effect is null)",
            name="an effect has its figures",
            owner="data",
            sentence="An action has an effect, but not the figures that it was found in.",
        ),
        never(
            "verdict in ('improved', 'worsened') and effect_lower <= 0 and effect_upper >= 0",
            name="a verdict rests on evidence",
            owner="data",
            sentence="An action is said to have worked although it may have done nothing.",
        ),
        never(
            # The clock is UTC, review days are of the business: it may be a day further there.
            "verdict <> 'too_early'"
            " and (review_on > getvariable('as_of')::date + 1 or effect is null)",
            name="no verdict before the review",
            owner="data",
            sentence="An action is judged before its review day, or without a figure.",
        ),
        never(
            "cost is not null and cost_reporting is null",
            name="a cost is known in the reporting currency",
            owner="finance",
            sentence="The cost of an action is missing in the reporting currency.",
        ).as_warning(),
    ),
)
