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
            (select coalesce(sum(active), 0) from kpi.retention_cohorts) as active_shown,
            (
                select count(*)
                from (
                    select distinct customer_key, date_trunc('month', order_date)
                    from core.fct_orders
                    where is_revenue and customer_key is not null
                )
            ) as active,
            (select coalesce(sum(revenue), 0) from kpi.retention_cohorts) as revenue_shown,
            (select coalesce(sum(revenue), 0) from kpi.retention_windows) as window_revenue_shown,
            (
                select coalesce(sum(lifetime_revenue), 0)
                from kpi.customer_value
            ) as lifetime_shown,
            (
                select coalesce(sum(lifetime_revenue), 0)
                from core.dim_customers
            ) as lifetime,
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
            "active_shown <> active",
            owner="sales",
            sentence="The cohorts show more or fewer customers as active than bought in a month.",
        ),
        never(
            "window_revenue_shown <> revenue",
            owner="finance",
            sentence="The windows hold more or less revenue than was earned.",
        ),
        never(
            "lifetime_shown <> lifetime",
            owner="finance",
            sentence="Customers are worth more or less than the customer list says.",
        ),
        never(
            "revenue_shown <> revenue",
            owner="finance",
            sentence="The cohorts hold more or less revenue than was earned.",
        ),
    ),
)
