"""No published table is suddenly a multiple of what it was, or nearly empty."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.tables_keep_their_size",
    table="core.source_health",
    read="counts",
    is_about_sizes=True,
    query="""
        select
            tables.schema_name || '.' || tables.table_name as table_name,
            before.estimated_size as rows_before,
            tables.estimated_size as rows_now
        from duckdb_tables() as tables
        inner join duckdb_tables() as before
            on
                tables.schema_name = before.schema_name
                and tables.table_name = before.table_name
        where
            tables.database_name = 'release'
            and before.database_name = 'earlier_release'
            -- Of an empty company only the calendar was published.
            and exists (select 1 from earlier.core.source_health where row_count > 0)
    """,
    expectations=(
        never(
            "table_name = {table_name} and rows_before >= 100 and rows_now >= 2 * rows_before",
            name="no table doubles",
            owner="data",
            sentence="Twice the rows of the previous release or more.",
        ).about_the_past(),
        never(
            "table_name = {table_name} and rows_before >= 100 and rows_now <= 0.5 * rows_before",
            name="no table loses half",
            owner="data",
            sentence="Half the rows of the previous release or fewer.",
        ).about_the_past(),
    ),
)
