"""The visits behind the conversion rate are the visits that took place, month by month."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.sessions_agree",
    table="kpi.kpi_values",
    read="counts",
    query="""
        with months as (
            select date_trunc('month', session_date)::date as month, count(*) as sessions
            from core.fct_sessions
            where is_counted
            group by month
        ),

        shown as (
            select period_start as month, denominator as sessions
            from kpi.kpi_values
            where
                kpi_id = 'session_conversion_rate'
                and period_grain = 'month'
                and dimension = 'overall'
        )

        select coalesce(months.sessions, 0) as counted, coalesce(shown.sessions, 0) as shown
        from months
        full join shown on months.month = shown.month
    """,
    expectations=(
        never(
            "counted <> shown",
            owner="digital",
            sentence="The conversion rate rests on another number of visits than took place.",
        ),
    ),
)
