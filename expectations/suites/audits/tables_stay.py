"""What readers found in the release before is still there, table by table."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.tables_stay",
    table="core.source_health",
    read="counts",
    query="""
        select before.schema_name || '.' || before.table_name as published_table
        from duckdb_tables() as before
        anti join duckdb_tables() as tables
            on
                before.schema_name = tables.schema_name
                and before.table_name = tables.table_name
                and tables.database_name = 'release'
        where before.database_name = 'earlier_release'
    """,
    expectations=(
        never(
            "published_table is not null",
            name="no table is gone",
            owner="data",
            sentence="A table of the release before is not published any more; reports that read"
            " it will fail.",
        )
        .about_the_past()
        .telling("published_table"),
    ),
)
