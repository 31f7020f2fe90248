"""Refunds by order line, each on its own day."""

from expectations.suite import Suite, keeps_rows, not_null, refers_to, unique

SUITE = Suite(
    name="core.fct_refund_items",
    table="core.fct_refund_items",
    read="counts",
    columns=(
        "refund_key",
        "order_item_key",
        "product_key",
        "product_category",
        "refund_date",
        "is_revenue",
        "refunded",
    ),
    expectations=(
        unique(
            "refund_key",
            "order_item_key",
            owner="data",
            sentence="A refund takes a line back twice, so a product's revenue is understated.",
        ),
        not_null(
            "product_category",
            owner="data",
            sentence="A refund has no product category, not even the unknown one.",
        ),
        refers_to(
            "order_item_key",
            "core.fct_order_items",
            "order_item_key",
            owner="data",
            sentence="A refund takes back a line that is not in the list of order lines.",
        ),
        keeps_rows(
            0.5,
            table="core.fct_refund_items",
            owner="data",
            sentence="Half of the refunds of the previous release are gone.",
        ),
    ),
)
