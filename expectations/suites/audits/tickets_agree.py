"""Service counts every ticket and every answered survey once."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.tickets_agree",
    table="kpi.service_performance",
    read="counts",
    query="""
        with shown as (
            select
                coalesce(sum(tickets), 0) as tickets,
                coalesce(sum(csat_satisfied), 0) as satisfied
            from kpi.service_performance
            where period_grain = 'month' and dimension = 'overall'
        )

        select
            shown.tickets as tickets_shown,
            shown.satisfied as satisfied_shown,
            (
                select count(*)
                from core.fct_tickets
                where created_at <= getvariable('as_of')
            ) as tickets,
            (
                select count(*)
                from core.fct_survey_responses
                where
                    score_category = 'satisfied'
                    and coalesce(sent_at, answered_at) <= getvariable('as_of')
            ) as satisfied
        from shown
    """,
    expectations=(
        never(
            "tickets_shown <> tickets",
            owner="service",
            sentence="The service figures hold more or fewer tickets than there are.",
        ),
        never(
            "satisfied_shown <> satisfied",
            owner="service",
            sentence="The service figures hold more or fewer satisfied answers than there are.",
        ),
    ),
)
