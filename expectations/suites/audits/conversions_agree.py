"""Every sale, a counted order or a won deal, is a conversion of its revenue, and no other is."""

from expectations.suite import Suite, never

# A deal that was won and lost afterwards stays a conversion, with the day of its loss. A deal as a
# conversion has a key of its own, and two sources may give their deals the same id.
SUITE = Suite(
    name="audits.conversions_agree",
    table="attribution.conversion_paths",
    read="counts",
    query="""
        select
            case when orders.order_key is null then 0 else 1 end as sales,
            case when paths.conversion_key is null then 0 else 1 end as conversions,
            orders.net_revenue as sold,
            paths.revenue
        from (select * from core.fct_orders where is_revenue) as orders
        full join (
            select * from attribution.conversion_paths where conversion_type = 'order'
        ) as paths
            on orders.order_key = paths.conversion_key

        union all

        select
            coalesce(deals.sales, 0) as sales,
            coalesce(paths.conversions, 0) as conversions,
            deals.sold,
            paths.revenue
        from (
            select opportunity_id, count(*) as sales, coalesce(sum(amount), 0) as sold
            from core.fct_opportunities
            where is_won
            group by opportunity_id
        ) as deals
        full join (
            select conversion_id, count(*) as conversions, sum(revenue) as revenue
            from attribution.conversion_paths
            where conversion_type = 'opportunity' and reversed_date is null
            group by conversion_id
        ) as paths
            on deals.opportunity_id = paths.conversion_id
    """,
    expectations=(
        never(
            "sales > conversions",
            owner="marketing",
            sentence="A sale is missing from the conversions that attribution explains.",
        ),
        never(
            "conversions > sales",
            owner="marketing",
            sentence="Attribution explains a sale that did not take place.",
        ),
        never(
            "sold is distinct from revenue and sales = conversions",
            name="revenue of sale and conversion agree",
            owner="finance",
            sentence="A conversion has another revenue than its sale.",
        ),
    ),
)
