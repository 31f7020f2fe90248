"""Reps: what each did and brought about, in the team of the time."""

from expectations.suite import Suite, between, never, quotients, unique

RATIOS = {
    "leads_worked_rate": ("leads_worked", "leads"),
    "win_rate": ("won", "closed"),
    "value_per_deal": ("won_value", "won"),
    "cycle_days": ("won_cycle_days", "won"),
    "attainment": ("attained", "quota"),
}

# Of reps and of teams alike.
WHOLES = (
    never(
        "calls + emails + meetings + demos + other_activities <> activities or won + lost <> closed"
        " or working_days_elapsed > working_days",
        name="parts make the whole",
        owner="sales",
        sentence="Parts of the activities, or of the deals that closed, do not make the whole.",
    ),
    never(
        "median_response_business_hours > median_response_hours + 0.000001"
        " or leads_worked = 0 and median_response_hours is not null",
        name="responses are of leads that were worked",
        owner="sales",
        sentence="A response was to no lead, or took more business hours than hours.",
    ),
)

SUITE = Suite(
    name="kpi.rep_performance",
    table="kpi.rep_performance",
    read="counts",
    columns=(
        "period_grain",
        "period_start",
        "team",
        "rep",
        "is_complete",
        "activities",
        "leads",
        "leads_worked",
        "median_response_hours",
        "opportunities",
        "pipeline_created",
        "won",
        "closed",
        "win_rate",
        "won_value",
        "cycle_days",
        "quota",
        "attained",
        "attained_elapsed",
        "attainment",
        "pace",
        "rank_by_won_value",
    ),
    expectations=(
        unique(
            "period_grain",
            "period_start",
            "team",
            "rep",
            owner="sales",
            sentence="A rep appears twice in a team for the same period.",
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
            sentence="A rep answered more leads, or won more deals, than there were.",
        ),
        never(
            "median_response_hours < 0",
            owner="sales",
            sentence="A lead was answered before it came.",
        ),
        *WHOLES,
        never(
            "quota < 0",
            owner="sales",
            sentence="A rep has a quota below nothing.",
        ),
        never(
            # A manager may be in no team: only what is done there is missing in the teams' figures.
            "team = '(unknown)' and rep <> '(unknown)' and"
            " (activities > 0 or leads > 0 or opportunities > 0 or closed > 0 or attained <> 0)",
            owner="sales",
            sentence="A rep did something on a day in no team; the list of reps has a gap.",
        ).as_warning(),
        never(
            "is_complete and attained_elapsed <> attained",
            owner="sales",
            sentence="A rep sold something on a day that is not over, in a period that is.",
        ),
        quotients(
            RATIOS,
            owner="sales",
            sentence="A rate or a mean of a rep is not what its parts make, or is missing.",
        ),
    ),
)
