"""How many customers of a month come back in each month after."""

from expectations.suite import Suite, between, never, quotients, unique

SUITE = Suite(
    name="kpi.retention_cohorts",
    table="kpi.retention_cohorts",
    columns=(
        "cohort_month",
        "months_since",
        "customers",
        "active",
        "retention",
        "revenue",
        "cumulative_revenue",
        "cumulative_revenue_per_customer",
        "repeat_rate",
        "cumulative_margin_per_customer",
    ),
    expectations=(
        unique(
            "cohort_month",
            "months_since",
            owner="data",
            sentence="A cohort appears twice for the same month.",
        ),
        between(
            "retention",
            0,
            1,
            owner="sales",
            sentence="A retention rate is not between 0 and 100 percent.",
        ),
        never(
            "active > customers or active < 0",
            owner="sales",
            sentence="More customers of a cohort came back than it has.",
        ),
        never(
            "months_since = 0 and active <> customers",
            owner="sales",
            sentence="A cohort is not whole in the month that defines it.",
        ),
        never(
            "repeat_customers > customers",
            owner="sales",
            sentence="More customers of a cohort ordered a second time than it has.",
        ),
        never(
            "months_since < 0",
            owner="sales",
            sentence="A cohort buys before its first purchase.",
        ),
        quotients(
            {
                "retention": ("active", "customers"),
                "repeat_rate": ("repeat_customers", "customers"),
                "cumulative_revenue_per_customer": ("cumulative_revenue", "customers"),
                "cumulative_margin_per_customer": ("cumulative_margin", "customers"),
            },
            owner="sales",
            sentence="A rate or a mean of a cohort is not what its parts make, or is missing.",
        ),
    ),
)
