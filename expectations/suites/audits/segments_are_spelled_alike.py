"""What a KPI is cut by has one spelling each: smb and SMB, or us and US, are two to every table."""

from expectations.suite import Suite, never

_COLUMNS = ("country", "segment", "product_category", "team")

SUITE = Suite(
    name="audits.segments_are_spelled_alike",
    table="kpi.kpi_values",
    read="counts",
    query="""
        select
            dimension,
            lower(segment) as folded,
            count(distinct segment) as spellings
        from kpi.kpi_values
        group by dimension, lower(segment)
    """,
    expectations=tuple(
        never(
            f"dimension = '{column}' and spellings > 1",
            name=f"{column} has one spelling",
            owner="data",
            sentence=f"Values of {column} differ only by capital and small letters, so that"
            " each has a part of the figures. Deliver them in one spelling, and write targets"
            " in it.",
        ).as_warning()
        for column in _COLUMNS
    ),
)
