"""A proposed split spends exactly what was spent."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.budgets_add_up",
    table="attribution.budget_reallocation",
    query="""
        select basis, sum(spend) as spend, sum(proposed_spend) as proposed_spend
        from attribution.budget_reallocation
        group by basis
    """,
    expectations=(
        never(
            "spend <> proposed_spend",
            name="the total stays",
            owner="finance",
            sentence="The proposed budgets add up to another total than what was spent.",
        ),
    ),
)
