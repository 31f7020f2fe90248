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
                coalesce(sum(csat_satisfied), 0) as satisfied,
                coalesce(sum(nps_promoters), 0) as promoters,
                coalesce(sum(nps_detractors), 0) as detractors
            from kpi.service_performance
            where period_grain = 'month' and dimension = 'overall'
        ),

        answers as (
            select
                count(*) filter (score_category = 'satisfied') as satisfied,
                count(*) filter (score_category = 'promoter') as promoters,
                count(*) filter (score_category = 'detractor') as detractors
            from core.fct_survey_responses
            where coalesce(sent_at, answered_at) <= getvariable('as_of')
        )

        select
            shown.tickets as tickets_shown,
            shown.satisfied as satisfied_shown,
            shown.promoters as promoters_shown,
            shown.detractors as detractors_shown,
            (
                select count(*)
                from core.fct_tickets
                where created_at <= getvariable('as_of')
            ) as tickets,
            answers.satisfied,
            answers.promoters,
            answers.detractors
        from shown
        cross join answers
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
        never(
            "promoters_shown <> promoters or detractors_shown <> detractors",
            name="promoters and detractors are those who answered so",
            owner="service",
            sentence="The service figures hold other promoters or detractors than there are.",
        ),
    ),
)
