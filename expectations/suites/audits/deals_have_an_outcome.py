"""A deal that closed was won or lost: what nobody says must not count as lost."""

from expectations.suite import Suite, never

# Where no version of a deal says whether it was won, only its stage can.
SUITE = Suite(
    name="audits.deals_have_an_outcome",
    table="core.fct_opportunities",
    read="counts",
    needs_sources=True,
    query="""
        with stages as (
            select distinct _source as source_name, trim(stage) as stage
            from sources.raw.crm_stages
        ),

        verdicts as (
            select distinct _source as source_name, trim(opportunity_id) as opportunity_id
            from sources.raw.crm_opportunities
            where is_won is not null
        )

        select
            deals.source_name,
            deals.stage,
            deals.is_closed and stages.stage is null and verdicts.opportunity_id is null
                as is_unknown
        from core.fct_opportunities as deals
        left join stages
            on deals.source_name = stages.source_name and deals.stage = stages.stage
        left join verdicts
            on
                deals.source_name = verdicts.source_name
                and deals.opportunity_id = verdicts.opportunity_id
    """,
    expectations=(
        never(
            "is_unknown",
            name="of every closed deal it is known whether it was won",
            owner="sales",
            sentence="A deal closed in a stage that crm_stages does not have, and its CRM does not"
            " say whether it was won: it would count as lost. Add the stage to crm_stages.",
        ).telling("source_name", "stage"),
    ),
)
