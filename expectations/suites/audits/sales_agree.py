"""Month by month, reps, teams and all of sales have what the core has, once each."""

from expectations.suite import Suite, never

MEASURES = (
    *("activities", "leads", "opportunities", "pipeline_created", "won", "lost", "won_value"),
    *("revenue", "refunded", "calls", "emails", "meetings", "demos", "other_activities"),
    "leads_worked",
)
KINDS = ("call", "email", "meeting", "demo")


def _sums(of: str) -> str:
    """All measures of a month, as one of the three levels has them."""
    sums = (f"coalesce(sum({of}.{measure}), 0)::decimal(38, 4)" for measure in MEASURES)
    return f"[{', '.join(sums)}]"


SUITE = Suite(
    name="audits.sales_agree",
    table="kpi.team_performance",
    read="counts",
    query=f"""
        select
            month,
            {_sums("reps")} as reps_sums,
            {_sums("teams")} as teams_sums,
            {_sums("wholes")} as all_sums,
            coalesce(sum(all_won), 0) as all_won,
            coalesce(sum(won), 0) as won,
            coalesce(sum(leads_shown), 0) as leads_shown,
            coalesce(sum(leads), 0) as leads,
            coalesce(sum(activities_shown), 0) as activities_shown,
            coalesce(sum(activities), 0) as activities,
            [{", ".join(f"coalesce(sum(wholes.{kind}s), 0)" for kind in KINDS)}] as kinds_shown,
            [{", ".join(f"count(*) filter (kind = '{kind}')" for kind in KINDS)}] as kinds,
            coalesce(sum(wholes.opportunities), 0) as deals_shown,
            coalesce(sum(deals), 0) as deals,
            coalesce(sum(wholes.revenue), 0) as revenue_shown,
            coalesce(sum(revenue), 0) as revenue
        from (
            select period_start as month, reps
            from kpi.rep_performance as reps
            where period_grain = 'month'
            union all by name
            select period_start as month, teams
            from kpi.team_performance as teams
            where period_grain = 'month' and dimension = 'team'
            union all by name
            select
                period_start as month,
                wholes,
                won_value as all_won,
                leads as leads_shown,
                activities as activities_shown
            from kpi.team_performance as wholes
            where period_grain = 'month' and dimension = 'overall'
            union all by name
            select date_trunc('month', closed_date)::date as month, amount as won
            from core.fct_opportunities
            where
                is_won
                and closed_date <= (select max(date_day) from core.dim_dates)
                -- One that closes after the clock, on its very day, is in the pipeline until then.
                and coalesce(closed_at <= getvariable('as_of'), true)
            union all by name
            select date_trunc('month', created_date)::date as month, 1 as leads
            from core.fct_leads
            where created_date <= (select max(date_day) from core.dim_dates)
            union all by name
            select
                date_trunc('month', activity_date)::date as month,
                1 as activities,
                activity_type as kind
            from core.fct_activities
            where activity_date <= (select max(date_day) from core.dim_dates)
            union all by name
            select date_trunc('month', created_date)::date as month, 1 as deals
            from core.fct_opportunities
            where created_date <= (select max(date_day) from core.dim_dates)
            union all by name
            select date_trunc('month', order_date)::date as month, net_revenue as revenue
            from core.fct_orders
            where
                is_revenue
                and rep_key is not null
                and order_date <= (select max(date_day) from core.dim_dates)
        )
        group by month
    """,
    expectations=(
        never(
            "all_won <> won",
            owner="sales",
            sentence="Sales won more or less in a month than its deals of that month are worth.",
        ),
        never(
            "reps_sums <> all_sums or teams_sums <> all_sums",
            owner="sales",
            sentence="Reps and teams together did or won something else than all of sales did.",
        ),
        never(
            "leads_shown <> leads",
            owner="sales",
            sentence="Sales was given more or fewer leads in a month than there are.",
        ),
        never(
            "activities_shown <> activities",
            owner="sales",
            sentence="Sales did more or less in a month than its activities say.",
        ),
        never(
            "kinds_shown <> kinds",
            owner="sales",
            sentence="Sales made more or fewer calls, or the like, than its activities say.",
        ),
        never(
            "deals_shown <> deals",
            owner="sales",
            sentence="Sales opened more or fewer deals in a month than there are.",
        ),
        never(
            "revenue_shown <> revenue",
            owner="sales",
            sentence="Reps sold more or less in a month than the orders that name one.",
        ),
    ),
)
