"""Sales reps and the teams they were in, period by period."""

from expectations.suite import Expectation, Suite, never, not_null, unique

SUITE = Suite(
    name="core.dim_sales_reps",
    table="core.dim_sales_reps",
    read="counts",
    columns=("rep_period_key", "rep_key", "rep_id", "team", "valid_from", "valid_to", "is_current"),
    expectations=(
        unique(
            "rep_period_key",
            owner="data",
            sentence="A rep's period in a team appears twice, so results count twice.",
        ),
        not_null(
            "team",
            owner="sales",
            sentence="A rep has no team, not even the one for an unknown team.",
        ),
        never(
            "valid_to < valid_from",
            owner="sales",
            sentence="A rep's time in a team ends before it begins.",
        ),
        Expectation(
            name="a rep is in one team a day",
            sentence="A rep is in two teams on one day, so results count in both.",
            owner="sales",
            measure=(
                "(select count(*) from {table} as a join {table} as b "
                "on a.rep_key = b.rep_key and a.valid_from < b.valid_from "
                "where a.valid_to is null or a.valid_to >= b.valid_from)"
            ),
        ),
        never(
            "is_shortened",
            owner="sales",
            sentence="A rep's list of teams says two teams for some days; the later one counts.",
        ).as_warning(),
    ),
)
