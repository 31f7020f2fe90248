"""Every site has its own names of events, and funnel_steps one for each step."""

from expectations.suite import Suite, never

# Who takes a later step has passed the earlier ones, so a step whose event never comes is not
# empty: it has the people of the step after it, and loses those who went no further.
SUITE = Suite(
    name="audits.funnel_steps_are_taken",
    table="funnel.funnel_conversion",
    read="counts",
    query="""
        select
            funnel,
            step_number,
            sum(cohort_size) as people,
            sum(entered - skipped) as taken
        from funnel.funnel_conversion
        where dimension = 'overall' and period_grain = 'month' and is_mature
        group by funnel, step_number
    """,
    expectations=(
        never(
            "people >= 30 and taken = 0",
            name="every step is taken by somebody",
            owner="digital",
            sentence="A step of a funnel was never recorded, so its figures are those of the step"
            " after it, or none. Give the event the name that funnel_steps has, in source.yaml;"
            " or change the step there, its page_pattern too, or leave it out: the whole funnel,"
            " where it is none of yours, as purchase without a shop. A funnel that begins"
            " with a lead or a deal has stages alone: begin it with session to go on to an event.",
        ).as_warning(),
    ),
)
