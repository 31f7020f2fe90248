"""What the sales team did."""

from expectations.suite import Suite, keeps_rows, never, not_null, unique

SUITE = Suite(
    name="core.fct_activities",
    table="core.fct_activities",
    read="counts",
    columns=("activity_key", "activity_id", "activity_date", "rep_key", "team", "activity_type"),
    expectations=(
        unique(
            "activity_key",
            owner="data",
            sentence="An activity appears twice, so reps look busier than they are.",
        ),
        not_null(
            "activity_date",
            owner="sales",
            sentence="An activity has no date and is missing from every period.",
        ),
        not_null(
            "team",
            owner="sales",
            sentence="An activity has no team, not even the one for an unknown team.",
        ),
        never(
            "duration_minutes < 0",
            owner="sales",
            sentence="An activity took less than no time.",
        ).as_warning(),
        never(
            "occurred_at > getvariable('as_of') + interval 1 day",
            owner="sales",
            sentence="An activity lies in the future. Leave what is only planned out by a query in"
            " source.yaml, then `make rebuild`.",
        ),
        keeps_rows(
            0.5,
            table="core.fct_activities",
            owner="data",
            sentence="Half of the activities of the previous release are gone.",
        ),
    ),
)
