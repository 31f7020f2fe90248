"""Orders: what revenue is made of."""

from expectations.suite import Suite, keeps_rows, never, not_null, refers_to, unique

SUITE = Suite(
    name="core.fct_orders",
    table="core.fct_orders",
    read="counts",
    columns=(
        "order_key",
        "order_id",
        "customer_key",
        "ordered_at",
        "order_date",
        "status",
        "is_revenue",
        "exchange_rate",
        "gross_revenue",
        "discount",
        "net_revenue",
        "refunded",
        "margin",
        "is_first_order",
        "channel",
    ),
    expectations=(
        unique(
            "order_key",
            owner="data",
            sentence="An order appears twice, so revenue is overstated.",
        ),
        not_null(
            "order_date",
            owner="sales",
            sentence="An order has no date and is missing from every period.",
        ),
        never(
            "is_revenue and channel is null",
            owner="marketing",
            sentence="A sale has no channel, not even the one for unknown origin.",
        ),
        refers_to(
            "customer_key",
            "core.dim_customers",
            "customer_key",
            owner="data",
            sentence="An order belongs to a customer who is not in the customer list.",
        ),
        never(
            "net_revenue <> gross_revenue - discount",
            owner="finance",
            sentence="An order's net revenue is not its gross revenue less its discount.",
        ),
        never(
            "is_revenue and gross_revenue < 0",
            owner="finance",
            sentence="A sale has a negative amount; money paid back belongs into refunds.",
        ).as_warning(),
        never(
            "is_revenue and net_revenue is null and exchange_rate is null",
            owner="finance",
            sentence="A sale has no amount and is missing from revenue: the seed finance/fx_rates"
            " has no rate from its currency into the reporting one.",
        ).telling("currency"),
        never(
            "is_revenue and net_revenue is null and exchange_rate is not null",
            owner="sales",
            sentence="A sale has neither lines nor a total, and its amount is missing from revenue."
            " Deliver its lines, or mend those that were refused; else deliver its total.",
        ).telling("order_id"),
        never(
            "discount < 0 or discount > gross_revenue and gross_revenue > 0",
            owner="finance",
            sentence="An order's discount is negative or larger than the order.",
        ).as_warning(),
        never(
            "refunded < 0",
            owner="finance",
            sentence="An order has a negative refund.",
        ),
        # The rate of a refund's day may differ from that of the order's.
        never(
            "is_revenue and refunded > 1.1 * greatest(net_revenue, 0)",
            name="refunds are no larger than their order",
            owner="finance",
            sentence="More was refunded than an order brought. Revenue is without tax and shipping:"
            " refunds have to be so too.",
        ).as_warning(),
        never(
            "ordered_at > getvariable('as_of') + interval 1 day",
            owner="sales",
            sentence="An order lies in the future.",
        ),
        keeps_rows(
            0.5,
            table="core.fct_orders",
            owner="data",
            sentence="Half of the orders of the previous release are gone.",
        ),
    ),
)
