"""What is listed as unmapped is what the channel figures show as unassigned."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.gaps_agree",
    table="attribution.tracking_gaps",
    read="counts",
    query="""
        select
            (
                select coalesce(sum(sessions), 0)
                from attribution.tracking_gaps
                where gap = 'unmapped'
            ) as listed_sessions,
            (
                select count(*) from core.fct_sessions where is_counted and channel = 'Unassigned'
            ) as sessions,
            (
                select coalesce(sum(spend), 0) from attribution.tracking_gaps where gap = 'unmapped'
            ) as listed_spend,
            (
                select coalesce(sum(spend), 0) from core.fct_ad_spend where channel = 'Unassigned'
            ) as spend
    """,
    expectations=(
        never(
            "listed_sessions <> sessions",
            owner="digital",
            sentence="The visits without a channel are not those that are listed as unmapped.",
        ),
        never(
            "listed_spend <> spend",
            owner="marketing",
            sentence="The spend without a channel is not what is listed as unmapped.",
        ),
    ),
)
