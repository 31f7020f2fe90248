"""A line whose order is not there counts nowhere: it is told of, not lost without a word."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.order_lines_have_orders",
    table="core.fct_orders",
    read="counts",
    needs_sources=True,
    query="""
        select
            lines._source as source_name,
            count(*) as lines,
            count(*) filter (where orders.order_key is null) as lines_without_order
        from sources.raw.shop_order_items as lines
        left join core.fct_orders as orders
            on lines._source = orders.source_name and trim(lines.order_id) = orders.order_id
        group by lines._source
    """,
    expectations=(
        never(
            "lines_without_order > 0",
            name="every line has its order",
            owner="sales",
            sentence="Order lines of a source name orders that it never delivered or that are held"
            " back; they count nowhere. Deliver the orders, mend those in ops.quarantine, or"
            " deliver the lines in the source of their shop.",
        ).as_warning(),
    ),
)
