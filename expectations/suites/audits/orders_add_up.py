"""What an order cost the customer is its goods, tax and shipping."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.orders_add_up",
    table="core.fct_orders",
    read="counts",
    query="""
        select
            order_id,
            total,
            net_revenue + tax + shipping as parts
        from core.fct_orders
        where item_count > 0 and total is not null
    """,
    expectations=(
        never(
            "abs(total - parts) > 0.01 + 0.001 * abs(total)",
            name="an order is the sum of its lines",
            owner="finance",
            sentence="An order's total is not what its lines, tax and shipping add up to.",
        ).as_warning(),
    ),
)
