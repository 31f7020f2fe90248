"""The drivers add up to the change of revenue, and the tree makes the revenue that is shown."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.driver_trees_add_up",
    table="kpi.kpi_driver_tree",
    read="counts",
    query="""
        with explained as (
            select
                tree,
                period_grain,
                period_start,
                dimension,
                segment,
                min(revenue_change) as revenue_change,
                min(revenue) as revenue,
                sum(effect) as effects
            from kpi.kpi_driver_tree
            group by tree, period_grain, period_start, compared_with, dimension, segment
        )

        select
            explained.revenue_change,
            explained.effects,
            explained.tree,
            explained.revenue,
            kpi_values.numerator as shown
        from explained
        left join kpi.kpi_values
            on
                kpi_values.kpi_id = 'revenue'
                and explained.period_grain = kpi_values.period_grain
                and explained.period_start = kpi_values.period_start
                and explained.dimension = kpi_values.dimension
                and explained.segment = kpi_values.segment
    """,
    expectations=(
        never(
            "effects <> revenue_change",
            owner="finance",
            sentence="The drivers of revenue do not add up to its change.",
        ),
        never(
            "tree = 'revenue' and revenue <> shown",
            owner="finance",
            sentence="The driver tree makes another revenue than the KPI shows.",
        ),
    ),
)
