"""What was taken back by product is what was refunded: lines share a refund, and nothing else."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.refund_items_add_up",
    table="core.fct_refund_items",
    read="counts",
    query="""
        with lines as (
            select refund_key, sum(refunded) as refunded
            from core.fct_refund_items
            group by refund_key
        )

        select refunds.refund_id, refunds.refunded, lines.refunded as lines_refunded
        from core.fct_refunds as refunds
        left join lines on refunds.refund_key = lines.refund_key
    """,
    expectations=(
        never(
            "lines_refunded is distinct from refunded",
            name="lines add up to their refund",
            owner="finance",
            sentence="The lines that a refund takes back do not add up to it.",
        ),
    ),
)
