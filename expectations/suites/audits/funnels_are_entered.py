"""A funnel that begins with a site's event or a stage needs the name that this has there."""

from expectations.suite import Suite, never

# Visits, leads and deals have the project's own names: where a company has none, the funnels that
# begin with them are rightly empty.
_OWN_NAMES = "('session', 'lead', 'mql', 'sql', 'opportunity', 'won', 'lost')"

SUITE = Suite(
    name="audits.funnels_are_entered",
    table="funnel.funnel_conversion",
    read="counts",
    needs_seeds=True,
    query=f"""
        select funnel, funnel in (select funnel from funnel.funnel_conversion) as is_entered
        from seeds.funnel_steps
        where step_number::integer = 1 and lower(event_or_stage) not in {_OWN_NAMES}
    """,
    expectations=(
        never(
            "not is_entered",
            name="every funnel is entered by somebody",
            owner="digital",
            sentence="The first step of a funnel was never recorded, so the funnel has no rows."
            " Give its event or stage the name in funnel_steps that it has in the data.",
        ).as_warning(),
    ),
)
