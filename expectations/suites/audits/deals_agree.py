"""Every deal is somewhere in the pipeline, and open there as long as it is open by itself."""

from expectations.suite import Suite, never

# The stages of a deal come in a table of their own, which may be of another hour than the deal:
# that both disagree on a deal is told and blocks nothing, that one is not there does.
SUITE = Suite(
    name="audits.deals_agree",
    table="funnel.pipeline_stages",
    read="counts",
    query="""
        select
            deals.opportunity_key as deal,
            visits.opportunity_key as visited,
            coalesce(deals.opportunity_id, visits.opportunity_id) as opportunity_id,
            deals.created_at,
            not deals.is_closed as is_open,
            visits.is_open as is_open_in_pipeline
        from core.fct_opportunities as deals
        full join (
            select opportunity_key, opportunity_id, bool_or(outcome = 'open') as is_open
            from funnel.pipeline_stages
            group by opportunity_key, opportunity_id
        ) as visits
            on deals.opportunity_key = visits.opportunity_key
    """,
    expectations=(
        never(
            "visited is null and created_at <= getvariable('as_of') - interval 1 day"
            " or deal is null",
            name="deals and their stages are of the same deals",
            owner="sales",
            sentence="A deal is missing from the pipeline, or the pipeline has one that is none.",
        ),
        never(
            "is_open <> is_open_in_pipeline",
            owner="sales",
            sentence="A deal is open and its stages are over, or the reverse: what is open in the"
            " pipeline follows the stages, what is won and lost the deal itself.",
        ).as_warning(),
    ),
)
