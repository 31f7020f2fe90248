"""A target is in the unit of its KPI: nobody aims at ten times what is, or a tenth of it."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.targets_fit_their_kpi",
    table="kpi.kpi_scorecard",
    read="counts",
    query="""
        select kpi_id, target_value / value as factor
        from kpi.kpi_scorecard
        where target_value > 0 and value > 0
    """,
    expectations=(
        never(
            "factor >= 10 or factor <= 0.1",
            name="targets are in the unit of their KPI",
            owner="data",
            sentence="A target is ten times the KPI's value or a tenth; its unit may be wrong.",
        ).as_warning(),
    ),
)
