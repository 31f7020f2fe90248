"""Teams: the sum of what their reps did."""

from expectations.suite import Suite, between, never, one_of, quotients, unique
from expectations.suites.kpi.rep_performance import RATIOS, WHOLES

SUITE = Suite(
    name="kpi.team_performance",
    table="kpi.team_performance",
    read="counts",
    columns=(
        "period_grain",
        "period_start",
        "dimension",
        "segment",
        "is_complete",
        "reps",
        "activities",
        "leads",
        "leads_worked",
        "opportunities",
        "pipeline_created",
        "won",
        "closed",
        "win_rate",
        "won_value",
        "cycle_days",
        "quota",
        "quota_source",
        "attained",
        "attained_elapsed",
        "attainment",
        "pace",
    ),
    expectations=(
        unique(
            "period_grain",
            "period_start",
            "dimension",
            "segment",
            owner="sales",
            sentence="A team appears twice for the same period.",
        ),
        between(
            "win_rate",
            0,
            1,
            owner="sales",
            sentence="A win rate is not between 0 and 100 percent.",
        ),
        never(
            "leads_worked > leads or won > closed",
            owner="sales",
            sentence="A team answered more leads, or won more deals, than there were.",
        ),
        *WHOLES,
        one_of(
            "quota_source",
            ("team", "reps", "teams", "none"),
            owner="sales",
            sentence="A team's quota comes from nobody knows where.",
        ),
        never(
            "(quota is null) <> (quota_source = 'none')",
            owner="sales",
            sentence="A team's quota does not say where it comes from.",
        ),
        never(
            "is_complete and attained_elapsed <> attained",
            owner="sales",
            sentence="A team sold something on a day that is not over, in a period that is.",
        ),
        quotients(
            RATIOS,
            owner="sales",
            sentence="A rate or a mean of a team is not what its parts make, or is missing.",
        ),
    ),
)
