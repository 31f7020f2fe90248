"""What leads said from when to when."""

from expectations.suite import Expectation, Suite, never, refers_to, unique

SUITE = Suite(
    name="core.fct_lead_history",
    table="core.fct_lead_history",
    read="counts",
    columns=("lead_key", "change_number", "valid_from", "valid_to", "is_current", "status"),
    expectations=(
        unique(
            "lead_key",
            "change_number",
            owner="data",
            sentence="A change of a lead appears twice.",
        ),
        refers_to(
            "lead_key",
            "core.fct_leads",
            "lead_key",
            owner="data",
            sentence="There is a history of a lead that is not in the list of leads.",
        ),
        never(
            "valid_to <= valid_from",
            owner="data",
            sentence="A lead said something for no time at all.",
        ),
        Expectation(
            name="a lead says one thing at a time",
            sentence="A lead has no latest state, or several.",
            owner="data",
            measure="count(distinct lead_key) - count(*) filter (where is_current)",
        ),
    ),
)
