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
            count(distinct segment) filter (where not is_holidays) as spellings,
            count(distinct segment) as spellings_with_holidays
        from (
            select dimension, segment, false as is_holidays
            from kpi.kpi_values
            union all
            select 'country' as dimension, country as segment, true as is_holidays
            from core.dim_business_days
        )
        group by dimension, lower(segment)
    """,
    expectations=(
        *(
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
        never(
            "dimension = 'country' and spellings_with_holidays > greatest(spellings, 1)",
            name="holidays spell countries as the sources do",
            owner="data",
            sentence="A country differs from one of calendar/holidays only by capital and small"
            " letters, so that its business days are those of the home country.",
        ).as_warning(),
    ),
)
