"""Why each KPI moved: one row per effect of a segment."""

from expectations.suite import Suite, never, not_null, one_of, unique

SUITE = Suite(
    name="kpi.kpi_change_drivers",
    table="kpi.kpi_change_drivers",
    read="counts",
    columns=(
        "kpi_id",
        "period_grain",
        "period_start",
        "compared_with",
        "base_period_start",
        "dimension",
        "segment",
        "effect_kind",
        "base_kpi_value",
        "kpi_value",
        "change",
        "effect",
        "explained_share",
        "rank",
    ),
    expectations=(
        unique(
            "kpi_id",
            "period_grain",
            "period_start",
            "compared_with",
            "dimension",
            "segment",
            "effect_kind",
            owner="data",
            sentence="A segment's effect on a KPI is told twice.",
        ),
        not_null("effect", owner="data", sentence="A segment's effect on a KPI is unknown."),
        one_of(
            "compared_with",
            ("previous_period", "last_year"),
            owner="data",
            sentence="A change is explained against a period that nobody asked for.",
        ),
        one_of(
            "effect_kind",
            ("contribution", "rate", "mix", "difference"),
            owner="data",
            sentence="A KPI moved by an effect that has no definition.",
        ),
        never(
            "base_period_start >= period_start",
            owner="data",
            sentence="A period is compared with itself, or with a later one.",
        ),
        never(
            "abs(change - (kpi_value - base_kpi_value))"
            " > 1e-8 * greatest(1, abs(kpi_value), abs(base_kpi_value))",
            name="the change is that of the values",
            owner="data",
            sentence="A change is explained that did not happen.",
        ),
    ),
)
