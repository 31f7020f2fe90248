"""The revenue KPI is the revenue of orders less refunds, month by month."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.revenue_agrees",
    table="kpi.kpi_values",
    read="counts",
    query="""
        with booked as (
            select date_trunc('month', order_date)::date as month, net_revenue as amount
            from core.fct_orders
            where is_revenue

            union all

            select date_trunc('month', refund_date)::date as month, -refunded as amount
            from core.fct_refunds
            -- Of refunds alone no revenue is known.
            where is_revenue and exists (from core.fct_orders where is_revenue)
        ),

        months as (
            select month, sum(amount) as amount
            from booked
            group by month
        ),

        shown as (
            select period_start as month, numerator as amount
            from kpi.kpi_values
            where kpi_id = 'revenue' and period_grain = 'month' and dimension = 'overall'
        )

        select coalesce(months.amount, 0) as booked, coalesce(shown.amount, 0) as shown
        from months
        full join shown on months.month = shown.month
    """,
    expectations=(
        never(
            "booked <> shown",
            owner="finance",
            sentence="A month's revenue is not the revenue of its orders less its refunds.",
        ),
    ),
)
