"""Retention cohorts hold every buyer once, and all of what buyers spent."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.cohorts_agree",
    table="kpi.retention_cohorts",
    read="counts",
    query="""
        select
            (
                select coalesce(sum(customers), 0)
                from kpi.retention_cohorts
                where months_since = 0
            ) as buyers_shown,
            (
                select count(distinct customer_key)
                from core.fct_orders
                where is_revenue and customer_key is not null
            ) as buyers,
            (select coalesce(sum(revenue), 0) from kpi.retention_cohorts) as revenue_shown,
            (
                select coalesce(sum(net_revenue), 0)
                from core.fct_orders
                where is_revenue and customer_key is not null
            ) as revenue
    """,
    expectations=(
        never(
            "buyers_shown <> buyers",
            owner="sales",
            sentence="The cohorts hold more or fewer customers than have bought.",
        ),
        never(
            "revenue_shown <> revenue",
            owner="finance",
            sentence="The cohorts hold more or less revenue than was earned.",
        ),
    ),
)
