"""No step of a funnel has more people than the step before it."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.funnel_never_rises",
    table="funnel.funnel_conversion",
    read="counts",
    query="""
        select
            is_mature,
            entered,
            lag(entered) over (
                partition by funnel, period_grain, period_start, dimension, segment
                order by step_number
            ) as entered_before
        from funnel.funnel_conversion
    """,
    expectations=(
        never(
            "is_mature and entered > entered_before",
            name="steps never rise",
            owner="digital",
            sentence="More people reached a funnel step than the step before it.",
        ),
    ),
)
