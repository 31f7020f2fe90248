"""Runs single models, as dbt compiles them for a house, on made-up inputs in memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from orchestration import settings
from orchestration.lib import dbt
from orchestration.lib.refresh import open_refresh
from tests.integration.house import House

SCHEMAS = ("seeds", "staging", "intermediate", "core", "kpi")


class Bench:
    """Tables that a test fills, and the models that are computed from them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, models: dict[str, str]) -> None:
        self._connection = connection
        self._models = models

    def fill(self, table: str, columns: str, rows: Sequence[Sequence[Any]] = ()) -> None:
        """Makes a table (`schema.name`) of these columns with their types, and of these rows."""
        self._connection.execute(f"create or replace table {table} ({columns})")
        if rows:
            places = ", ".join("?" for _ in rows[0])
            self._connection.executemany(f"insert into {table} values ({places})", rows)

    def build(self) -> None:
        """Computes the models in their order."""
        for table, sql in self._models.items():
            self._connection.execute(f"create or replace table {table} as {sql}")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query gives."""
        return self._connection.sql(query).fetchall()


@contextmanager
def bench(house: House, *models: str) -> Iterator[Bench]:
    """A database in memory, named like a house's, and the SQL of these models of it, in order."""
    with settings.environment(house.environment):
        refresh = open_refresh(settings.load())
        project = refresh.dbt_project
        dbt.parse_if_changed(project)
        with project.engine.session():
            dbt.prepare(project)
            compiled = dbt.run(project, ["compile", "--select", *models], refresh.dbt_variables)
    nodes = {result.node.name: result.node for result in compiled.results}
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("use warehouse")
        for schema in SCHEMAS:
            connection.execute(f"create schema {schema}")
        yield Bench(
            connection,
            {f"{nodes[name].schema}.{name}": nodes[name].compiled_code for name in models},
        )
