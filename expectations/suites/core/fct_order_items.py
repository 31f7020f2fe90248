"""Order lines: what products bring."""

from expectations.suite import Suite, keeps_rows, not_null, refers_to, unique

SUITE = Suite(
    name="core.fct_order_items",
    table="core.fct_order_items",
    read="counts",
    columns=(
        "order_item_key",
        "order_key",
        "product_key",
        "product_category",
        "order_date",
        "is_revenue",
        "quantity",
        "gross_revenue",
        "discount",
        "net_revenue",
        "refunded",
        "margin",
    ),
    expectations=(
        unique(
            "order_item_key",
            owner="data",
            sentence="An order line appears twice, so a product's revenue is overstated.",
        ),
        not_null(
            "product_category",
            owner="data",
            sentence="An order line has no category, not even the unknown one.",
        ),
        refers_to(
            "order_key",
            "core.fct_orders",
            "order_key",
            owner="data",
            sentence="An order line belongs to an order that is not in the list of orders.",
        ),
        refers_to(
            "product_key",
            "core.dim_products",
            "product_key",
            owner="data",
            sentence="An order line sold a product that is not in the list of products.",
        ),
        keeps_rows(
            0.5,
            table="core.fct_order_items",
            owner="data",
            sentence="Half of the order lines of the previous release are gone.",
        ),
    ),
)
