"""The scorecard shows the values that the KPI table holds, and compares with those that it held."""

from expectations.suite import Suite, never

# How far back the period before lies, and that of last year: a week's is one of the same weekday.
BEFORE = {
    "day": ("1 day", "1 year"),
    "week": ("7 days", "364 days"),
    "month": ("1 month", "1 year"),
    "quarter": ("3 months", "1 year"),
    "year": ("1 year", "1 year"),
}
KEY = ("kpi_id", "period_grain", "dimension", "segment")


def _joined(name: str, back: int | None = None) -> str:
    """The KPI table's row of the same segment, in the period shown or one before it."""
    same = " and ".join(f"scorecard.{column} = {name}.{column}" for column in KEY)
    days = " ".join(
        f"when '{grain}' then interval '{'0 days' if back is None else steps[back]}'"
        for grain, steps in BEFORE.items()
    )
    return f"""
        left join kpi.kpi_values as {name}
            on {same}
            and {name}.period_start
            = (scorecard.period_start - case scorecard.period_grain {days} end)::date
    """


SUITE = Suite(
    name="audits.scorecard_agrees",
    table="kpi.kpi_scorecard",
    read="counts",
    query=f"""
        select
            scorecard.value as shown,
            kpi_values.value as computed,
            scorecard.previous_value as previous_shown,
            previous.value as previous_computed,
            scorecard.last_year_value as last_year_shown,
            last_year.value as last_year_computed
        from kpi.kpi_scorecard as scorecard
        {_joined("kpi_values")}
        {_joined("previous", 0)}
        {_joined("last_year", 1)}
    """,
    expectations=(
        never(
            "shown is distinct from computed",
            owner="data",
            sentence="The scorecard shows another value than the KPI table.",
        ),
        # Of a segment of a sum that had no case then, the scorecard knows 0 and the table nothing.
        never(
            "previous_shown <> coalesce(previous_computed, 0)"
            " or last_year_shown <> coalesce(last_year_computed, 0)",
            owner="data",
            sentence="The scorecard compares with other values than the KPI table has.",
        ),
    ),
)
