"""The service of a period is that of its segments together, along every dimension."""

from expectations.suite import Suite, never

COUNTS = (
    *("replied", "solved", "ever_solved", "reopened", "solved_in_period"),
    *("first_response_sla_decided", "first_response_sla_met"),
    *("resolution_sla_decided", "resolution_sla_met", "sla_decided", "sla_met"),
    *("csat_surveys", "csat_satisfied"),
    *("nps_surveys", "nps_answers", "nps_promoters", "nps_detractors"),
)
SUMS = ", ".join(f"sum({count})" for count in COUNTS)
NOTHING = ", ".join("0" for _ in COUNTS)

SUITE = Suite(
    name="audits.service_adds_up",
    table="kpi.service_performance",
    read="counts",
    query=f"""
        with totals as (
            select
                period_grain,
                period_start,
                dimension,
                sum(tickets) as tickets,
                sum(backlog) as backlog,
                sum(csat_answers) as answers,
                [{SUMS}] as counts
            from kpi.service_performance
            group by all
        )

        -- A dimension may be missing from a period as a whole.
        select
            coalesce(parts.tickets, 0) as tickets_shown,
            whole.tickets,
            coalesce(parts.backlog, 0) as backlog_shown,
            whole.backlog,
            coalesce(parts.answers, 0) as answers_shown,
            whole.answers,
            coalesce(parts.counts, [{NOTHING}]) as counts_shown,
            whole.counts
        from totals as whole
        cross join (select distinct dimension from totals) as dimensions
        left join totals as parts
            on
                whole.period_grain = parts.period_grain
                and whole.period_start = parts.period_start
                and dimensions.dimension = parts.dimension
        where whole.dimension = 'overall'
    """,
    expectations=(
        never(
            "tickets_shown <> tickets",
            owner="service",
            sentence="The tickets of a period are not those of its segments together.",
        ),
        never(
            "backlog_shown <> backlog",
            owner="service",
            sentence="The backlog of a period is not that of its segments together.",
        ),
        never(
            "answers_shown <> answers",
            owner="service",
            sentence="The answers of a period are not those of its segments together.",
        ),
        never(
            "counts_shown <> counts",
            owner="service",
            sentence="What became of a period's tickets and surveys is not what its segments say.",
        ),
    ),
)
