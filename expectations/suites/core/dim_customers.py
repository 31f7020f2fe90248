"""One row per customer: who buys, since when, and how much."""

from expectations.suite import Suite, keeps_rows, never, not_null, unique

SUITE = Suite(
    name="core.dim_customers",
    table="core.dim_customers",
    read="counts",
    columns=(
        "customer_key",
        "customer_id",
        "first_order_at",
        "first_touch_channel",
        "acquisition_channel",
        "country",
        "segment",
        "lifetime_revenue",
        "orders",
        "rfm_segment",
        "is_identified",
    ),
    expectations=(
        unique(
            "customer_key",
            owner="data",
            sentence="A customer is listed twice, so customers and revenue would be overcounted.",
        ),
        not_null(
            "customer_key",
            owner="data",
            sentence="A customer has no key and cannot be linked to any order.",
        ),
        never(
            "orders < 0",
            owner="sales",
            sentence="A customer has fewer than no orders.",
        ),
        never(
            "(orders > 0) <> (first_order_at is not null)",
            owner="sales",
            sentence="A customer's number of orders and date of the first order contradict.",
        ),
        never(
            "first_order_at > getvariable('as_of') + interval 1 day",
            owner="sales",
            sentence="A customer's first order lies in the future.",
        ),
        keeps_rows(
            0.5,
            table="core.dim_customers",
            owner="data",
            sentence="Half of the customers of the previous release are gone.",
        ),
    ),
)
