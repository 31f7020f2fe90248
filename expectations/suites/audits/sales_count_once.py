"""A sale is an order or a deal: where the shop's orders fulfil the deals of the CRM, it is both."""

from expectations.suite import Suite, never

# An order of the deal's person within a month of its closing, alone or with the others of that
# time, is worth what the deal is, give or take a twentieth. Now and then that is chance; where it
# is so for a fifth of the deals of a year, the orders are what was sold by them. Where
# attribution_all_counts names one type alone, nothing is counted twice.
SUITE = Suite(
    name="audits.sales_count_once",
    table="core.fct_opportunities",
    read="counts",
    query="""
        with deals as (
            select opportunity_key, person_key, closed_date, amount
            from core.fct_opportunities
            where
                is_won
                and amount > 0
                and closed_date >= getvariable('as_of')::date - 365
        ),

        compared as (
            select
                deals.opportunity_key,
                bool_or(abs(orders.net_revenue - deals.amount) <= 0.05 * deals.amount)
                or abs(sum(orders.net_revenue) - any_value(deals.amount))
                <= 0.05 * any_value(deals.amount) as is_order_too
            from deals
            inner join core.fct_orders as orders
                on
                    deals.person_key = orders.person_key
                    and orders.order_date
                    between deals.closed_date - 30 and deals.closed_date + 30
            where orders.is_revenue
            group by deals.opportunity_key
        )

        select
            count(*) as deals,
            (select count(*) from compared where is_order_too) as ordered_too,
            coalesce(
                (select bool_and(is_in_all) from attribution.channel_performance), true
            ) as are_added_up
        from deals
    """,
    expectations=(
        never(
            "are_added_up and ordered_too >= 3 and ordered_too >= 0.2 * deals",
            name="deals are not fulfilled by orders",
            owner="sales",
            sentence="Many won deals have an order of the same worth and customer: such a sale"
            " counts twice where orders and deals are added up (return on advertising,"
            " attribution of type all, budgets). Let attribution_all_counts name one of them.",
        ).as_warning(),
    ),
)
