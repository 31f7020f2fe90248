"""Models as dbt compiles them for the embedded engine, run on rows that a test makes up.

    models = CompiledModels(directory, ["int_sessions__sessions_combined"])
    tables = models.run({"web_events": rows})

The project is compiled once, in the constructor, which takes as long as dbt takes to parse it; each
run builds the wanted models and all that they read in a database of its own, in memory.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from dbt.cli.main import dbtRunner

from orchestration.settings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
# What ingestion adds to the contract's columns of a raw table.
ADDED_COLUMNS = {
    "_source": "varchar",
    "_source_file": "varchar",
    "_row_number": "bigint",
    "_loaded_at": "timestamp",
    "_batch_id": "bigint",
}

Row = dict[str, Any]


class CompiledModels:
    """Some models and everything above them, with the vars of dbt_project.yml or `variables`."""

    def __init__(
        self, directory: Path, wanted: Sequence[str], variables: Mapping[str, Any] | None = None
    ) -> None:
        """Compiles; dbt's artifacts stay in `directory`."""
        self.wanted = tuple(wanted)
        options = {
            "--project-dir": DBT_PROJECT,
            "--profiles-dir": DBT_PROJECT,
            "--target-path": directory,
            "--log-path": directory,
            "--vars": json.dumps(dict(variables or {})),
            "--indirect-selection": "empty",
        }
        outcome = dbtRunner().invoke(
            [
                *("--log-level", "none", "compile", "--no-introspect", "--no-populate-cache"),
                *(str(part) for option in options.items() for part in option),
                *("--select", *(f"+{name}" for name in wanted)),
            ]
        )
        assert outcome.success, f"dbt cannot compile {wanted}: {outcome.exception}"
        manifest = json.loads((directory / "manifest.json").read_text())
        self._nodes: dict[str, dict[str, Any]] = {**manifest["nodes"], **manifest["sources"]}

    def run(self, given: Mapping[str, Sequence[Row] | pa.Table]) -> dict[str, list[Row]]:
        """The rows of the wanted models, made from the given tables.

        A source or seed is given as rows, which get the types of its contract, a missing value
        being null; a model is given as an Arrow table, and is not built then. A source that is not
        given is empty, a seed has its shipped rows. Raises `KeyError` for a name that no wanted
        model reads.
        """
        order = list(self._in_order(given))
        unread = set(given) - {node["name"] for node in order}
        if unread:
            raise KeyError(f"No wanted model reads {sorted(unread)}.")
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            for node in order:
                _build(connection, node, given.get(node["name"]))
            relations = {node["name"]: node["relation_name"] for node in order}
            return {
                name: connection.sql(f"from {relations[name]}").to_arrow_table().to_pylist()
                for name in self.wanted
            }

    def _in_order(self, given: Mapping[str, object]) -> Iterator[dict[str, Any]]:
        """The wanted nodes, each after those that it reads; a given one reads nothing."""
        seen: set[str] = set()

        def visit(identifier: str) -> Iterator[dict[str, Any]]:
            if identifier in seen:
                return
            seen.add(identifier)
            node = self._nodes[identifier]
            if node["name"] not in given:
                for upstream in node.get("depends_on", {}).get("nodes", []):
                    yield from visit(upstream)
            yield node

        for name in self.wanted:
            yield from visit(f"model.kpi_warehouse.{name}")


def _build(
    connection: duckdb.DuckDBPyConnection,
    node: Mapping[str, Any],
    given: Sequence[Row] | pa.Table | None,
) -> None:
    relation = node["relation_name"]
    connection.execute(f'create schema if not exists "{node["schema"]}"')
    if isinstance(given, pa.Table):
        connection.register("given", given)
        connection.execute(f"create table {relation} as from given")
        return
    if node["resource_type"] == "model":
        assert given is None, f"{node['name']} is a model: give it as an Arrow table."
        connection.execute(f"create table {relation} as {node['compiled_code']}")
        return
    if node["resource_type"] == "seed":
        types = node["config"]["column_types"]
        rows = _shipped(node) if given is None else given
    else:
        columns = {name: column["data_type"] for name, column in node["columns"].items()}
        types = {**columns, **ADDED_COLUMNS}
        rows = given or []
    declared = ", ".join(f'"{name}" {data_type}' for name, data_type in types.items())
    connection.execute(f"create table {relation} ({declared})")
    if rows:
        # Values that dbt would read from a CSV, or a test writes, as text; the table casts them.
        columns_given = {
            name: pa.array(
                [None if row.get(name) is None else str(row[name]) for row in rows], pa.string()
            )
            for name in types
        }
        connection.register("given", pa.table(columns_given))
        connection.execute(f"insert into {relation} by name from given")


def _shipped(seed: Mapping[str, Any]) -> list[Row]:
    path = DBT_PROJECT / seed["original_file_path"]
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: text or None for name, text in row.items()} for row in csv.DictReader(file)]
