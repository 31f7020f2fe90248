"""The scorecard shows the values that the KPI table holds."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.scorecard_agrees",
    table="kpi.kpi_scorecard",
    read="counts",
    query="""
        select scorecard.value as shown, kpi_values.value as computed
        from kpi.kpi_scorecard as scorecard
        left join kpi.kpi_values as kpi_values
            on
                scorecard.kpi_id = kpi_values.kpi_id
                and scorecard.period_grain = kpi_values.period_grain
                and scorecard.period_start = kpi_values.period_start
                and scorecard.dimension = kpi_values.dimension
                and scorecard.segment = kpi_values.segment
    """,
    expectations=(
        never(
            "shown is distinct from computed",
            owner="data",
            sentence="The scorecard shows another value than the KPI table.",
        ),
    ),
)
