"""Models as dbt compiles them, run in memory on rows that a test makes up.

Step by step, where the test fills what a few models read, perhaps hundreds of times:

    sql = compile_models(["int_core__periods"], {"business_timezone": "UTC"})
    connection = memory_warehouse()
    fill(connection, "staging.stg_days", {"day": "date"}, [(date(2026, 1, 1),)])
    build(connection, sql)

Or with everything above the wanted models, from the raw tables on:

    models = CompiledModels(["int_sessions__sessions_combined"])
    tables = models.run({"web_events": rows})

The SQL is that of a home without data: a process has one, in which nothing is ever built.
"""

import csv
import functools
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from orchestration import settings
from orchestration.lib import dbt
from orchestration.lib.refresh import open_refresh
from tests.integration.house import House

# What ingestion adds to the contract's columns of a raw table.
ADDED_COLUMNS = {
    "_source": "varchar",
    "_source_file": "varchar",
    "_row_number": "bigint",
    "_loaded_at": "timestamp",
    "_batch_id": "bigint",
}

Row = dict[str, Any]


def compile_models(
    names: Sequence[str],
    variables: Mapping[str, Any] | None = None,
    *,
    built: Collection[str] = (),
) -> dict[str, str]:
    """The SQL of some models by name, with dbt vars that differ from the demo company's.

    `built` are intermediate models whose tables are there already: what follows changes compiles
    to other SQL then.
    """
    _, compiled = _compile(names, variables or {}, built)
    by_name = {identifier.rpartition(".")[2]: sql for identifier, sql in compiled.items()}
    return {name: by_name[name] for name in names}


def memory_warehouse(schemas: Iterable[str] = ("intermediate", "seeds")) -> Any:
    """A DuckDB in memory whose catalog and schemas are named like the work database's."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("attach ':memory:' as warehouse")
    for schema in schemas:
        connection.execute(f"create schema warehouse.{schema}")
    return connection


def fill(connection: Any, table: str, columns: Mapping[str, str], rows: Sequence[Any] = ()) -> None:
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


def empty(**columns: pa.DataType) -> pa.Table:
    """A model without rows, by the types of its columns."""
    return pa.schema(list(columns.items())).empty_table()


# Nothing is known of how far tables span: periods are as complete as the calendar says.
NO_EXTENTS = empty(
    component=pa.string(),
    known_from=pa.date32(),
    known_until=pa.date32(),
    data_until=pa.date32(),
    needed_from=pa.date32(),
    rests_on_web=pa.bool_(),
)


class CompiledModels:
    """Some models and everything above them, compiled once; each run builds them anew."""

    def __init__(self, wanted: Sequence[str], variables: Mapping[str, Any] | None = None) -> None:
        self.wanted = tuple(wanted)
        manifest, self._sql = _compile([f"+{name}" for name in wanted], variables or {})
        self._nodes: dict[str, dict[str, Any]] = {**manifest["nodes"], **manifest["sources"]}

    def run(self, given: Mapping[str, Sequence[Row] | pa.Table]) -> dict[str, list[Row]]:
        """The rows of the wanted models, made from the given tables.

        A source or seed is given as rows, which get the types of its contract, a missing value
        being null; a model is given as an Arrow table, and is not built then. A source that is not
        given is empty, a seed has its shipped rows. Raises `KeyError` for a name that no wanted
        model reads.
        """
        order = list(self._in_order(given))
        nodes = {identifier: self._nodes[identifier] for identifier in order}
        unread = set(given) - {node["name"] for node in nodes.values()}
        if unread:
            raise KeyError(f"No wanted model reads {sorted(unread)}.")
        with memory_warehouse(sorted({node["schema"] for node in nodes.values()})) as connection:
            for identifier, node in nodes.items():
                rows = given.get(node["name"])
                if isinstance(rows, pa.Table):
                    connection.register("given", rows)
                    connection.execute(f"create table {node['relation_name']} as from given")
                elif node["resource_type"] == "model":
                    assert rows is None, f"{node['name']} is a model: give it as an Arrow table."
                    build(connection, {node["name"]: self._sql[identifier]}, node["schema"])
                else:
                    _fill_declared(connection, node, rows)
            relations = {node["name"]: node["relation_name"] for node in nodes.values()}
            return {
                name: connection.sql(f"from {relations[name]}").to_arrow_table().to_pylist()
                for name in self.wanted
            }

    def _in_order(self, given: Mapping[str, object]) -> Iterator[str]:
        """The nodes above the wanted ones and these, in order; a given one reads nothing."""
        seen: set[str] = set()

        def visit(identifier: str) -> Iterator[str]:
            if identifier in seen:
                return
            seen.add(identifier)
            node = self._nodes[identifier]
            if node["name"] not in given:
                for upstream in node.get("depends_on", {}).get("nodes", []):
                    yield from visit(upstream)
            yield identifier

        for name in self.wanted:
            yield from visit(f"model.kpi_warehouse.{name}")


@functools.cache
def _home() -> TemporaryDirectory[str]:
    """The home for which models are compiled; it goes with the process."""
    return TemporaryDirectory()


def _compile(
    selected: Sequence[str], variables: Mapping[str, Any], built: Collection[str] = ()
) -> tuple[dict[str, Any], dict[str, str]]:
    """The manifest, and the SQL of the selected models by their identifiers."""
    house = House(Path(_home().name))
    with duckdb.connect(str(house.home / "warehouse.duckdb")) as connection:
        connection.execute("drop schema if exists intermediate cascade; create schema intermediate")
        for name in built:
            connection.execute(f"create table intermediate.{name} (change_number bigint)")
    with settings.environment(house.environment):
        refresh = open_refresh(settings.load())
        project = refresh.dbt_project
        manifest = dbt.parse_if_changed(project)
        with project.engine.session():
            outcome = dbt.run(
                project,
                ["compile", "--indirect-selection", "empty", "--select", *selected],
                {**refresh.dbt_variables, **variables},
            )
    return manifest, {
        result.node.unique_id: result.node.compiled_code for result in outcome.results
    }


def _fill_declared(connection: Any, node: Mapping[str, Any], given: Sequence[Row] | None) -> None:
    """A source or a seed with the types that it declares."""
    if node["resource_type"] == "seed":
        types = node["config"]["column_types"]
        rows = _shipped(node) if given is None else given
    else:
        columns = {name: column["data_type"] for name, column in node["columns"].items()}
        types = {**columns, **ADDED_COLUMNS}
        rows = given or []
    fill(connection, f"{node['schema']}.{node['name']}", {f'"{n}"': t for n, t in types.items()})
    if rows:
        # Values that dbt would read from a CSV, or a test writes, as text; the table casts them.
        texts = {
            name: pa.array(
                [None if row.get(name) is None else str(row[name]) for row in rows], pa.string()
            )
            for name in types
        }
        connection.register("given", pa.table(texts))
        connection.execute(f"insert into {node['relation_name']} by name from given")


def _shipped(seed: Mapping[str, Any]) -> list[Row]:
    path = settings.PROJECT_ROOT / seed["original_file_path"]
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: text or None for name, text in row.items()} for row in csv.DictReader(file)]
