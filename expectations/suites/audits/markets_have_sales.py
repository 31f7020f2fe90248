"""A market is a country in which something was sold, under the name that orders have for it."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.markets_have_sales",
    table="kpi.kpi_values",
    read="counts",
    query="""
        select segment as country, sum(abs(coalesce(numerator, 0))) as sold
        from kpi.kpi_values
        where kpi_id = 'market_share' and dimension = 'country' and denominator is not null
        group by segment
    """,
    expectations=(
        never(
            "sold = 0",
            name="every market has sales",
            owner="data",
            sentence="In a country of market_size nothing was ever sold; its name there may not be"
            " the one that orders have.",
        ).as_warning(),
    ),
)
