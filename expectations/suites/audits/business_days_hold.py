"""Every row lies on the business day of its instant, in the company's timezone."""

from expectations.facts import FACTS, for_each_fact
from expectations.suite import Suite, never

_ROWS = """
    select
        '{name}' as fact,
        -- What is dated after the running day counts for it.
        facts.{instant} < days.starts_at
        or facts.{instant} >= days.ends_at and days.is_complete as is_on_other_day
    from {table} as facts
    inner join core.dim_dates as days
        on facts.{day} = days.date_day
"""

SUITE = Suite(
    name="audits.business_days_hold",
    table="core.dim_dates",
    read="counts",
    query=for_each_fact(_ROWS, tuple(fact for fact in FACTS if "::" not in fact.instant)),
    expectations=(
        never(
            "is_on_other_day",
            owner="data",
            sentence="Something is dated on another day than it happened on in the business's"
            " timezone.",
        ),
    ),
)
