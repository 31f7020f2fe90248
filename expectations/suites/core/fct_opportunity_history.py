"""What deals said from when to when."""

from expectations.suite import Expectation, Suite, never, refers_to, unique

SUITE = Suite(
    name="core.fct_opportunity_history",
    table="core.fct_opportunity_history",
    read="counts",
    columns=("opportunity_key", "change_number", "valid_from", "valid_to", "is_current", "stage"),
    expectations=(
        unique(
            "opportunity_key",
            "change_number",
            owner="data",
            sentence="A change of a deal appears twice.",
        ),
        refers_to(
            "opportunity_key",
            "core.fct_opportunities",
            "opportunity_key",
            owner="data",
            sentence="There is a history of a deal that is not in the list of deals.",
        ),
        never(
            "valid_to <= valid_from",
            owner="data",
            sentence="A deal said something for no time at all.",
        ),
        Expectation(
            name="a deal says one thing at a time",
            sentence="A deal has no latest state, or several.",
            owner="data",
            measure="count(distinct opportunity_key) - count(*) filter (where is_current)",
        ),
    ),
)
