"""What a DuckDB database holds."""

import duckdb

Columns = dict[str, str]


def columns(
    connection: duckdb.DuckDBPyConnection, database: str | None = None
) -> dict[tuple[str, str], Columns]:
    """Columns and their types, in small letters, by schema and table; all of it in order.

    `database` is the name of an attached one, by default the one that is in use.
    """
    found: dict[tuple[str, str], Columns] = {}
    for schema, table, column, data_type in connection.execute(
        "select schema_name, table_name, column_name, lower(data_type) from duckdb_columns() "
        "where database_name = coalesce($1, current_database()) "
        "order by schema_name, table_name, column_index",
        [database],
    ).fetchall():
        found.setdefault((schema, table), {})[column] = data_type
    return found
