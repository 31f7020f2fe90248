"""Refunds, each on its own day."""

from expectations.suite import Suite, keeps_rows, never, not_null, refers_to, unique

SUITE = Suite(
    name="core.fct_refunds",
    table="core.fct_refunds",
    read="counts",
    columns=(
        "refund_key",
        "refund_id",
        "order_key",
        "refunded_at",
        "refund_date",
        "is_revenue",
        "refunded",
    ),
    expectations=(
        unique(
            "refund_key",
            owner="data",
            sentence="A refund appears twice, so revenue is understated.",
        ),
        not_null(
            "refund_date",
            owner="finance",
            sentence="A refund has no date and is missing from every period.",
        ),
        not_null(
            "refunded",
            owner="finance",
            sentence="A refund has no amount, so revenue is overstated: the seed finance/fx_rates"
            " has no rate from its currency into the reporting one.",
        ).telling("currency"),
        not_null(
            "is_revenue",
            owner="finance",
            sentence="It is not said whether a refund takes revenue back.",
        ),
        never(
            "refunded < 0",
            owner="finance",
            sentence="A refund is negative and would add to revenue.",
        ),
        refers_to(
            "order_key",
            "core.fct_orders",
            "order_key",
            owner="data",
            sentence="A refund belongs to an order that is not in the list of orders.",
        ),
        never(
            "refunded_at > getvariable('as_of') + interval 1 day",
            owner="finance",
            sentence="A refund lies in the future.",
        ),
        keeps_rows(
            0.5,
            table="core.fct_refunds",
            owner="data",
            sentence="Half of the refunds of the previous release are gone.",
        ),
    ),
)
