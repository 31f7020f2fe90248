"""Customers: what they brought, whether they are gone, and what they may still bring."""

from expectations.suite import Suite, never, refers_to, unique

SUITE = Suite(
    name="kpi.customer_value",
    table="kpi.customer_value",
    read="counts",
    columns=(
        "customer_key",
        "customer_id",
        "orders",
        "recency_score",
        "frequency_score",
        "monetary_score",
        "rfm_segment",
        "lifetime_revenue",
        "lifetime_margin",
        "is_churned",
        "probability_alive",
        "expected_purchases",
        "predicted_revenue",
        "value_basis",
        "value_note",
    ),
    expectations=(
        unique("customer_key", owner="data", sentence="A customer appears twice."),
        refers_to(
            "customer_key",
            "core.dim_customers",
            "customer_key",
            owner="data",
            sentence="A value belongs to a customer who is not in the customer list.",
        ),
        never(
            "(orders > 0) <> (recency_score is not null)",
            owner="sales",
            sentence="A buyer has no scores, or somebody who never bought has some.",
        ),
        never(
            "recency_score not between 1 and 5 or frequency_score not between 1 and 5"
            " or monetary_score not between 1 and 5",
            owner="sales",
            sentence="A score is not between 1 and 5.",
        ),
        never(
            "lifetime_margin > lifetime_revenue",
            owner="finance",
            sentence="A customer's margin is larger than the revenue.",
        ).as_warning(),
        never(
            "probability_alive not between 0 and 1 or expected_purchases < 0",
            owner="sales",
            sentence="A customer is expected to buy less than nothing.",
        ),
        never(
            "purchases > orders or silent_days > age_days or first_order_date > last_order_date"
            " or is_churned <> (churned_on is not null)",
            name="a customer's days are in their order",
            owner="sales",
            sentence="A customer bought last before buying first, or is gone since no day.",
        ),
        never(
            "predicted_revenue < 0 or abs(predicted_revenue - expected_purchases"
            " * expected_purchase_value) > 0.001 + 0.000001 * predicted_revenue",
            name="a prediction is its parts",
            owner="sales",
            sentence="What a customer may still bring is not the purchases to be expected at their"
            " value.",
        ),
        never(
            "(value_basis = 'predicted') <> (predicted_revenue is not null)"
            " or (value_basis = 'historic') <> (value_note is not null)",
            owner="sales",
            sentence="A customer without a prediction has no reason for it, or one with has.",
        ),
    ),
)
