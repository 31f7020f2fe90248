"""What an order cost the customer is its goods, tax and shipping."""

from expectations.suite import Suite, never

# Some currencies have nothing smaller than one: tax is rounded to it, once for each of its rates.
SUITE = Suite(
    name="audits.orders_add_up",
    table="core.fct_orders",
    read="counts",
    query="""
        select
            order_id,
            total,
            net_revenue + tax + shipping as parts,
            case
                when
                    currency in (
                        'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX',
                        'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'
                    )
                    then 2 * exchange_rate
                else 0.01
            end as rounding
        from core.fct_orders
        where item_count > 0 and total is not null
    """,
    expectations=(
        never(
            "abs(total - parts) > rounding + 0.001 * abs(total)",
            name="an order is the sum of its lines",
            owner="finance",
            sentence="An order's total is not what its lines, tax and shipping add up to.",
        ).as_warning(),
    ),
)
