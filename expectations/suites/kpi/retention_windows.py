"""How many customers come back in each window since their own first order."""

from expectations.suite import Suite, between, never, quotients, unique

SUITE = Suite(
    name="kpi.retention_windows",
    table="kpi.retention_windows",
    columns=(
        "cohort_month",
        "window_number",
        "is_mature",
        "customers",
        "mature_customers",
        "active",
        "retention",
        "revenue",
        "cumulative_revenue_per_customer",
        "cumulative_margin_per_customer",
    ),
    expectations=(
        unique(
            "cohort_month",
            "window_number",
            owner="data",
            sentence="A cohort appears twice for the same window.",
        ),
        between(
            "retention",
            0,
            1,
            owner="sales",
            sentence="A retention rate is not between 0 and 100 percent.",
        ),
        never(
            "mature_customers > customers or active > mature_customers",
            owner="sales",
            sentence="More customers of a cohort came back than it has.",
        ),
        never(
            "(mature_customers = 0) <> (retention is null)",
            owner="sales",
            sentence="A window that is over for nobody has a rate, or one that is over has none.",
        ),
        never(
            "window_number = 0 and retention < 1",
            owner="sales",
            sentence="A customer is not there in the window that the first order begins.",
        ),
        quotients(
            {
                "retention": ("active", "mature_customers"),
                "cumulative_revenue_per_customer": ("cumulative_revenue", "mature_customers"),
                "cumulative_margin_per_customer": ("cumulative_margin", "mature_customers"),
            },
            owner="sales",
            sentence="A rate or a mean of a cohort is not what its parts make, or is missing.",
        ),
    ),
)
