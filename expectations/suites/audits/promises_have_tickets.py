"""A promise is made to a priority, under the name that the helpdesk has for it."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.promises_have_tickets",
    table="core.fct_tickets",
    read="counts",
    needs_seeds=True,
    query="""
        select
            promised.priority,
            promised.priority in (select lower(priority) from core.fct_tickets) as has_tickets,
            (select count(*) from core.fct_tickets) as tickets
        from seeds.sla_targets as promised
    """,
    expectations=(
        never(
            "tickets >= 30 and coalesce(not has_tickets, true)",
            name="every promise has tickets",
            owner="service",
            sentence="A priority of sla_targets has never had a ticket, so its promise is neither"
            " kept nor broken. Give it the name there that the helpdesk has.",
        ).as_warning(),
    ),
)
