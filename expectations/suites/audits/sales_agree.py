"""Reps, teams and all of sales together have the same deals, leads and activities as the core."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.sales_agree",
    table="kpi.team_performance",
    read="counts",
    query="""
        select
            (
                select coalesce(sum(won_value), 0)
                from kpi.rep_performance
                where period_grain = 'month'
            ) as reps_won,
            (
                select coalesce(sum(won_value), 0)
                from kpi.team_performance
                where period_grain = 'month' and dimension = 'team'
            ) as teams_won,
            (
                select coalesce(sum(won_value), 0)
                from kpi.team_performance
                where period_grain = 'month' and dimension = 'overall'
            ) as all_won,
            (
                select coalesce(sum(amount), 0)
                from core.fct_opportunities
                where is_won and closed_date <= getvariable('as_of')::date
            ) as won,
            (
                select coalesce(sum(leads), 0)
                from kpi.team_performance
                where period_grain = 'month' and dimension = 'overall'
            ) as leads_shown,
            (
                select count(*)
                from core.fct_leads
                where created_date <= getvariable('as_of')::date
            ) as leads,
            (
                select coalesce(sum(activities), 0)
                from kpi.team_performance
                where period_grain = 'month' and dimension = 'overall'
            ) as activities_shown,
            (
                select count(*)
                from core.fct_activities
                where activity_date <= getvariable('as_of')::date
            ) as activities
    """,
    expectations=(
        never(
            "all_won <> won",
            owner="sales",
            sentence="Sales won more or less than its deals are worth.",
        ),
        never(
            "reps_won <> all_won or teams_won <> all_won",
            owner="sales",
            sentence="Reps and teams together did not win what all of sales did.",
        ),
        never(
            "leads_shown <> leads",
            owner="sales",
            sentence="Sales was given more or fewer leads than there are.",
        ),
        never(
            "activities_shown <> activities",
            owner="sales",
            sentence="Sales did more or less than its activities say.",
        ),
    ),
)
