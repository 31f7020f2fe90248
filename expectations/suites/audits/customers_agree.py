"""What a customer has ordered is the customer's orders, and cohorts are made of all buyers."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.customers_agree",
    table="core.dim_customers",
    read="counts",
    query="""
        select
            coalesce(customers.orders, 0) as orders_shown,
            coalesce(orders.orders, 0) as orders_booked,
            customers.lifetime_revenue as revenue_shown,
            coalesce(orders.net_revenue, 0) - coalesce(refunds.refunded, 0) as revenue_booked,
            orders.first_orders
        from core.dim_customers as customers
        left join (
            select
                customer_key,
                count(*) as orders,
                sum(net_revenue) as net_revenue,
                count(*) filter (where is_first_order) as first_orders
            from core.fct_orders
            where is_revenue
            group by customer_key
        ) as orders
            on customers.customer_key = orders.customer_key
        left join (
            select customer_key, sum(refunded) as refunded
            from core.fct_refunds
            where is_revenue
            group by customer_key
        ) as refunds
            on customers.customer_key = refunds.customer_key
    """,
    expectations=(
        never(
            "orders_shown <> orders_booked",
            owner="sales",
            sentence="A customer is shown with another number of orders than were placed.",
        ),
        never(
            "revenue_shown <> revenue_booked",
            owner="finance",
            sentence="A customer is shown with another revenue than that of the orders.",
        ),
        never(
            "first_orders <> 1",
            owner="sales",
            sentence="A buyer has no first order, or several.",
        ),
    ),
)
