"""The scorecard: each KPI against its past and its target."""

from expectations.suite import Suite, never, not_null, one_of, unique

SUITE = Suite(
    name="kpi.kpi_scorecard",
    table="kpi.kpi_scorecard",
    columns=(
        "kpi_id",
        "period_grain",
        "period_start",
        "dimension",
        "segment",
        "value",
        "previous_value",
        "last_year_value",
        "target_value",
        "attainment",
        "pace",
        "benchmark_value",
        "benchmark_rank",
        "status",
        "trend",
        "data_status",
    ),
    expectations=(
        unique(
            "kpi_id",
            "period_grain",
            "dimension",
            "segment",
            owner="data",
            sentence="A KPI stands twice on the scorecard.",
        ),
        not_null(
            "status",
            owner="data",
            sentence="A KPI on the scorecard has no status.",
        ),
        one_of(
            "status",
            ("on_track", "at_risk", "off_track", "no_target", "no_data"),
            owner="data",
            sentence="A KPI has a status that the scorecard does not know.",
        ),
        one_of(
            "data_status",
            ("fresh", "quarantined", "stale", "missing"),
            owner="data",
            sentence="It is not said whether a KPI's data are complete and recent.",
        ),
        never(
            "status in ('on_track', 'at_risk', 'off_track') and target_value is null",
            name="a judged KPI has a target",
            owner="data",
            sentence="A KPI is judged that has no target.",
        ),
        never(
            "value is null and status <> 'no_data'",
            owner="data",
            sentence="A KPI without a value is judged.",
        ),
    ),
)
