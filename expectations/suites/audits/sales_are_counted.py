"""What a status means is every shop's own: revenue_order_statuses says which orders are sales."""

from expectations.suite import Suite, never

# Of some statuses none has to be a sale (drafts, quotes), so a single one is no fault; a shop
# whose orders are never sales has most likely other words for them. So has one that begins to
# write a word that none of its orders had, as after an update; one or two may be an exception.
SUITE = Suite(
    name="audits.sales_are_counted",
    table="core.fct_orders",
    read="counts",
    query="""
        with sources as (
            select
                source_name,
                count(*) filter (where gross_revenue > 0) as orders,
                count(*) filter (where is_revenue) as sales,
                sum(count(*) filter (where is_revenue)) over () as all_sales
            from core.fct_orders
            group by source_name
        ),

        new_words as (
            select
                source_name,
                status as part,
                count(*) filter (where gross_revenue > 0 and not is_revenue) as new_orders
            from core.fct_orders
            where
                source_name in (select source_name from earlier.core.fct_orders)
                and (source_name, status) not in (
                    select distinct (source_name, status) from earlier.core.fct_orders
                )
            group by source_name, status
        )

        from sources
        union all by name
        from new_words
    """,
    expectations=(
        never(
            "orders >= 30 and all_sales = 0",
            name="some order is a sale",
            owner="sales",
            sentence="No order counts as revenue: none has a status that is listed in"
            " revenue_order_statuses of company.yaml. List the shop's own words for a sale.",
        ),
        never(
            "orders >= 30 and sales = 0 and all_sales > 0",
            name="every shop sells",
            owner="sales",
            sentence="Of one source no order counts as revenue: its orders have other statuses"
            " than revenue_order_statuses of company.yaml lists. Add the words it uses.",
        ).as_warning(),
        never(
            "new_orders >= 5",
            name="no status comes up that is no sale",
            owner="sales",
            sentence="Orders came with a status that none of their source had before and that"
            " revenue_order_statuses of company.yaml does not list: they are not in revenue. Add"
            " the word (part) there if it means a sale; this is told once.",
        )
        .telling("source_name", "part")
        .as_warning(),
    ),
)
