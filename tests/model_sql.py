"""Single models as the SQL that dbt compiles for a home, run step by step by the test itself.

For what `tests.compiled` does not do: other vars per test, a later build of a model that is brought
up to date by its changes, or hundreds of runs of a few models over tables that the test fills.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from orchestration import settings
from orchestration.lib import dbt
from orchestration.lib.refresh import open_refresh
from tests.integration.house import House


def compile_models(
    home: Path, names: Sequence[str], variables: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """The SQL of some models by name, with dbt vars that differ from the shipped ones."""
    with settings.environment(House(home).environment):
        refresh = open_refresh(settings.load())
        project = refresh.dbt_project
        dbt.parse_if_changed(project)
        with project.engine.session():
            outcome = dbt.run(
                project,
                ["compile", "--select", *names],
                {**refresh.dbt_variables, **(variables or {})},
            )
    compiled = {result.node.name: result.node.compiled_code for result in outcome.results}
    return {name: compiled[name] for name in names}


def memory_warehouse(schemas: Iterable[str] = ("intermediate", "seeds")) -> Any:
    """A DuckDB in memory whose catalog and schemas are named like the work database's."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("attach ':memory:' as warehouse")
    for schema in schemas:
        connection.execute(f"create schema warehouse.{schema}")
    return connection


def fill(connection: Any, table: str, columns: Mapping[str, str], rows: Sequence[Any]) -> None:
    """Makes a table of these columns (name to type) anew, with these rows."""
    typed = ", ".join(f"{name} {data_type}" for name, data_type in columns.items())
    connection.execute(f"create or replace table warehouse.{table} ({typed})")
    if rows:
        marks = ", ".join("?" for _ in columns)
        connection.executemany(f"insert into warehouse.{table} values ({marks})", list(rows))


def build(
    connection: Any,
    compiled: Mapping[str, str],
    schema: str = "intermediate",
    views: Container[str] = (),
) -> None:
    """Makes each model's table, or view if it is among `views`, anew, in the order given."""
    for name, sql in compiled.items():
        kind = "view" if name in views else "table"
        connection.execute(f"create or replace {kind} warehouse.{schema}.{name} as {sql}")
