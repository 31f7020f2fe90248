"""A deal that names a lead came from one that is there: else its origin is unknown."""

from expectations.suite import Suite, never

# Where a source delivers no leads at all, none is missed.
SUITE = Suite(
    name="audits.deals_have_their_leads",
    table="core.fct_opportunities",
    read="counts",
    query="""
        select source_name, opportunity_id, lead_id is not null and lead_key is null as has_lost
        from core.fct_opportunities
        where source_name in (select source_name from core.fct_leads)
    """,
    expectations=(
        never(
            "has_lost",
            name="the lead that a deal names is there",
            owner="sales",
            sentence="A deal names a lead that was deleted or never came, and no other lead names"
            " the deal: channel and country of its origin are unknown.",
        ).as_warning(),
    ),
)
