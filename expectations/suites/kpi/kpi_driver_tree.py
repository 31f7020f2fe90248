"""What moved revenue: one row per driver of a tree."""

from expectations.suite import Suite, never, not_null, one_of, unique

SUITE = Suite(
    name="kpi.kpi_driver_tree",
    table="kpi.kpi_driver_tree",
    read="counts",
    columns=(
        "tree",
        "period_grain",
        "period_start",
        "compared_with",
        "base_period_start",
        "dimension",
        "segment",
        "driver",
        "base_driver_value",
        "driver_value",
        "base_revenue",
        "revenue",
        "revenue_change",
        "effect",
        "rank",
    ),
    expectations=(
        unique(
            "tree",
            "period_grain",
            "period_start",
            "compared_with",
            "dimension",
            "segment",
            "driver",
            owner="data",
            sentence="A driver of revenue is told twice.",
        ),
        not_null("effect", owner="data", sentence="A driver's effect on revenue is unknown."),
        one_of(
            "driver",
            (
                "sessions",
                "conversion",
                "orders",
                "order_value",
                "refunds",
                "leads",
                "win_rate",
                "won_deals",
                "deal_size",
            ),
            owner="data",
            sentence="Revenue moved by a driver that no tree has.",
        ),
        never(
            "revenue_change <> revenue - base_revenue",
            owner="finance",
            sentence="A change of revenue is explained that did not happen.",
        ),
        never(
            "base_period_start >= period_start",
            owner="data",
            sentence="A period is compared with itself, or with a later one.",
        ),
    ),
)
