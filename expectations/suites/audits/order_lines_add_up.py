"""Revenue by product is the revenue: the lines of an order share it out, and nothing else."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.order_lines_add_up",
    table="core.fct_order_items",
    read="counts",
    query="""
        with lines as (
            select
                order_key,
                sum(gross_revenue) as gross_revenue,
                sum(net_revenue) as net_revenue
            from core.fct_order_items
            group by order_key
        )

        select
            orders.order_id,
            orders.gross_revenue,
            orders.net_revenue,
            lines.gross_revenue as lines_gross,
            lines.net_revenue as lines_net
        from core.fct_orders as orders
        left join lines on orders.order_key = lines.order_key
        where orders.item_count > 0
    """,
    expectations=(
        never(
            "lines_gross is distinct from gross_revenue or lines_net is distinct from net_revenue",
            name="lines add up to their order",
            owner="finance",
            sentence="The lines of an order do not add up to its revenue.",
        ),
    ),
)
