"""What a further unit of spend returns, and the proposed split of the budget."""

from expectations.suite import Suite, never, not_null, one_of, unique

SUITE = Suite(
    name="attribution.budget_reallocation",
    table="attribution.budget_reallocation",
    columns=(
        "basis",
        "channel",
        "status",
        "reason",
        "spend",
        "proposed_spend",
        "spend_change",
        "marginal_return",
        "marginal_return_lower",
        "marginal_return_upper",
        "expected_revenue_change",
        "expected_revenue_change_lower",
        "expected_revenue_change_upper",
        "holdout_error",
        "last_year_error",
    ),
    expectations=(
        unique(
            "basis",
            "channel",
            owner="data",
            sentence="A channel has two proposals on the same basis.",
        ),
        one_of(
            "status",
            ("proposed", "no_evidence", "not_enough_data"),
            owner="data",
            sentence="A proposal has an unknown status.",
        ),
        not_null(
            "proposed_spend",
            owner="marketing",
            sentence="A channel of the budget has no proposed spend.",
        ),
        never(
            "spend < 0 or proposed_spend < 0 or spend_change <> proposed_spend - spend",
            name="changes are what they say",
            owner="marketing",
            sentence="A proposed budget is negative, or its change is not the difference.",
        ),
        never(
            "status <> 'proposed' and (spend_change <> 0 or reason is null)",
            name="a refusal changes nothing and says why",
            owner="marketing",
            sentence="A budget is changed without evidence, or kept without a reason.",
        ),
        never(
            "status = 'proposed' and not marginal_return_lower > 0",
            name="a proposal rests on evidence",
            owner="marketing",
            sentence="A budget is changed although its return could be nothing.",
        ),
        never(
            "status = 'proposed' and holdout_error > last_year_error",
            name="a proposal's curve forecasts better than last year",
            owner="marketing",
            sentence="A budget follows a curve that forecasts worse than last year's figures.",
        ),
        never(
            "not (marginal_return_lower <= marginal_return"
            " and marginal_return <= marginal_return_upper)",
            name="the interval holds the return",
            owner="data",
            sentence="A marginal return lies outside of its own interval.",
        ),
    ),
)
