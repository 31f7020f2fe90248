"""Reads what a driver step is computed from, and keeps what it gives, in the work database.

The work database holds the derived tables whatever the engine, like the raw tables.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.lib import catalog
from orchestration.lib.engines import Engine
from orchestration.lib.ingestion import sql
from orchestration.lib.steps.plan import DERIVED_SCHEMA, DerivedTable
from orchestration.lib.steps.step import Computation, Step, Update


class StepError(RuntimeError):
    """A driver step gave something else than its table's description says."""


class Inputs(Mapping[str, pa.Table]):
    """The tables that a step is computed from, each read when it is asked for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
        self._connection = connection
        self._names = tuple(names)

    def __getitem__(self, name: str) -> pa.Table:
        """The whole table of that model."""
        if name not in self._names:
            raise KeyError(f"{name} is not among the inputs: {', '.join(self._names)}.")
        return self._connection.execute(f'from "{name}"').to_arrow_table()

    def __iter__(self) -> Iterator[str]:
        """The models' names."""
        return iter(self._names)

    def __len__(self) -> int:
        """How many models there are."""
        return len(self._names)


def create_missing(engine: Engine, tables: Iterable[DerivedTable]) -> None:
    """Creates, empty, each derived table that is not there or has other columns than described.

    Models read a derived table before its step ran only where somebody builds a part of the
    project; they must find the table.
    """
    wanted = list(tables)
    if not wanted:
        return
    with duckdb.connect(str(engine.settings.database)) as connection:
        connection.execute(f"create schema if not exists {DERIVED_SCHEMA}")
        present = catalog.columns(connection)
        for one in wanted:
            there = present.get((DERIVED_SCHEMA, one.name), {})
            if list(there.items()) != list(one.columns.items()):
                columns = ", ".join(
                    f"{sql.identifier(name)} {kind}" for name, kind in one.columns.items()
                )
                connection.execute(f"create or replace table {_relation(one)} ({columns})")


def run_step(engine: Engine, table: DerivedTable, step: Step, variables: Mapping[str, Any]) -> int:
    """Computes one derived table and puts it in the place of its predecessor; gives its rows.

    The change is one transaction: a step that fails leaves the table as it was. Raises `StepError`
    where the result is not what the table's description says.
    """
    relation = f"warehouse.{_relation(table)}"
    with _inputs_of(engine, table) as connection:
        if isinstance(step, Update):
            connection.begin()
            step.apply(connection, relation)
            connection.commit()
        else:
            _replace(connection, table, relation, step, variables)
        (rows,) = connection.execute(f"select count(*) from {relation}").fetchall()
    return int(rows[0])


def _replace(
    connection: duckdb.DuckDBPyConnection,
    table: DerivedTable,
    relation: str,
    compute: Computation,
    variables: Mapping[str, Any],
) -> None:
    result = compute(Inputs(connection, [one.name for one in table.inputs]), variables)
    columns = _selected(table, result)
    connection.register("computed", result)
    try:
        connection.execute(f"create or replace table {relation} as select {columns} from computed")
    except duckdb.ConversionException:
        # DuckDB's own message quotes the value.
        raise StepError(
            f"The step {table.name} gave a value that does not fit its column's type:"
            f" {dict(table.columns)}."
        ) from None


@contextmanager
def _inputs_of(engine: Engine, table: DerivedTable) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with each input as a view of the model's name, alike on every engine."""
    settings = engine.settings
    with duckdb.connect(
        config={**settings.limits, "temp_directory": str(settings.spill)}
    ) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {sql.literal(str(settings.database))} as warehouse")
        for one in table.inputs:
            relation = engine.relation(one.schema, one.name)
            # Spark writes instants with their timezone, DuckDB's models hold them as UTC without.
            instants = [
                f'timezone(\'UTC\', "{column}") as "{column}"'
                for column, data_type, *_ in connection.execute(
                    f"describe from {relation}"
                ).fetchall()
                if data_type == "TIMESTAMP WITH TIME ZONE"
            ]
            replaced = f" replace ({', '.join(instants)})" if instants else ""
            connection.execute(f'create view "{one.name}" as select *{replaced} from {relation}')
        yield connection


def _selected(table: DerivedTable, result: pa.Table) -> str:
    missing = [name for name in table.columns if name not in result.column_names]
    surplus = [name for name in result.column_names if name not in table.columns]
    if missing or surplus:
        raise StepError(
            f"The step {table.name} gave other columns than its source describes:"
            f" missing {missing}, surplus {surplus}."
        )
    return ", ".join(
        f'cast("{name}" as {kind}) as "{name}"' for name, kind in table.columns.items()
    )


def _relation(table: DerivedTable) -> str:
    return f'{DERIVED_SCHEMA}."{table.name}"'
