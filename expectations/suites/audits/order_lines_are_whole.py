"""An order's goods are the lines that its shop delivered, to the cent."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.order_lines_are_whole",
    table="core.fct_orders",
    read="counts",
    needs_sources=True,
    query="""
        with lines as (
            select
                _source as source_name,
                trim(order_id) as order_id,
                count(*) as lines,
                sum((quantity::decimal(19, 4) * unit_price)::decimal(18, 4)) as goods,
                count(*) <> count(distinct trim(order_item_id)) as has_versions
            from sources.raw.shop_order_items
            group by all
        )

        select
            orders.order_id,
            orders.item_count,
            lines.lines,
            orders.gross_revenue,
            (lines.goods::decimal(19, 4) * orders.exchange_rate::decimal(18, 8))::decimal(18, 4)
                as goods
        from core.fct_orders as orders
        inner join lines
            on orders.source_name = lines.source_name and orders.order_id = lines.order_id
        -- Of a line that came in several versions, staging says which one counts.
        where not lines.has_versions
    """,
    expectations=(
        never(
            "item_count <> lines",
            owner="sales",
            sentence="An order has more or fewer lines than its shop delivered.",
        ),
        never(
            "gross_revenue <> goods",
            owner="finance",
            sentence="An order's revenue is not what its lines add up to.",
        ),
    ),
)
