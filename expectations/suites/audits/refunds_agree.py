"""What an order says was refunded is what its refunds say."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.refunds_agree",
    table="core.fct_orders",
    read="counts",
    query="""
        select orders.refunded, coalesce(refunds.refunded, 0) as paid_back
        from core.fct_orders as orders
        left join (
            select order_key, sum(refunded) as refunded
            from core.fct_refunds
            group by order_key
        ) as refunds
            on orders.order_key = refunds.order_key
    """,
    expectations=(
        never(
            "coalesce(refunded, 0) <> paid_back",
            name="refunds agree",
            owner="finance",
            sentence="The refunds of an order are not what the order says was refunded.",
        ),
    ),
)
