"""Month by month, reps, teams and all of sales have the deals, leads and activities of the core."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.sales_agree",
    table="kpi.team_performance",
    read="counts",
    query="""
        select
            month,
            coalesce(sum(reps_won), 0) as reps_won,
            coalesce(sum(teams_won), 0) as teams_won,
            coalesce(sum(all_won), 0) as all_won,
            coalesce(sum(won), 0) as won,
            coalesce(sum(leads_shown), 0) as leads_shown,
            coalesce(sum(leads), 0) as leads,
            coalesce(sum(activities_shown), 0) as activities_shown,
            coalesce(sum(activities), 0) as activities
        from (
            select period_start as month, won_value as reps_won
            from kpi.rep_performance
            where period_grain = 'month'
            union all by name
            select period_start as month, won_value as teams_won
            from kpi.team_performance
            where period_grain = 'month' and dimension = 'team'
            union all by name
            select
                period_start as month,
                won_value as all_won,
                leads as leads_shown,
                activities as activities_shown
            from kpi.team_performance
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
            select date_trunc('month', activity_date)::date as month, 1 as activities
            from core.fct_activities
            where activity_date <= (select max(date_day) from core.dim_dates)
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
            "reps_won <> all_won or teams_won <> all_won",
            owner="sales",
            sentence="Reps and teams together did not win what all of sales did.",
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
    ),
)
