"""Every sale is a conversion, with the same revenue, and only sales are."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.conversions_agree",
    table="attribution.conversion_paths",
    read="counts",
    query="""
        select orders.order_key, paths.conversion_key, orders.net_revenue, paths.revenue
        from (select * from core.fct_orders where is_revenue) as orders
        full join (
            select * from attribution.conversion_paths where conversion_type = 'order'
        ) as paths
            on orders.order_key = paths.conversion_key
    """,
    expectations=(
        never(
            "conversion_key is null",
            owner="marketing",
            sentence="A sale is missing from the conversions that attribution explains.",
        ),
        never(
            "order_key is null",
            owner="marketing",
            sentence="Attribution explains a sale that did not take place.",
        ),
        never(
            "net_revenue is distinct from revenue and order_key = conversion_key",
            name="revenue of sale and conversion agree",
            owner="finance",
            sentence="A conversion has another revenue than its sale.",
        ),
    ),
)
