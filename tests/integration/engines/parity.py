"""Compares two releases table by table: keys, money, dates and texts exactly, doubles to 1e-9."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

# Sums of doubles depend on the order of the rows, which no engine promises.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class KeyedTable:
    """A published table and the columns that dbt tests as its key."""

    schema: str
    name: str
    key: tuple[str, ...]


def keyed_tables(manifest: Mapping[str, Any]) -> list[KeyedTable]:
    """Every published model of the manifest; one without a tested key is an error."""
    keys: dict[str, tuple[str, ...]] = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata")
        if test and test["name"] == "unique":
            keys.setdefault(node["attached_node"], (node["column_name"],))
        if test and test["name"] == "unique_combination":
            keys.setdefault(node["attached_node"], tuple(test["kwargs"]["columns"]))
    return [
        KeyedTable(node["schema"], node["name"], keys[node["unique_id"]])
        for node in sorted(manifest["nodes"].values(), key=lambda node: str(node["unique_id"]))
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    ]


def differences(
    left: Path, right: Path, tables: Sequence[KeyedTable], names: tuple[str, str]
) -> list[str]:
    """One sentence per table or column that differs between two directories of Parquet files.

    `left` and `right` hold `<schema>/<table>.parquet`; `names` is how the sentences call them.
    """
    found = []
    with duckdb.connect(config={"threads": "2"}) as connection:
        for table in tables:
            for side, directory in (("l", left), ("r", right)):
                file = directory / table.schema / f"{table.name}.parquet"
                connection.execute(f"create or replace view {side} as from '{file}'")
            found += [
                f"{table.schema}.{table.name}{problem}"
                for problem in _table_differences(connection, table.key, names)
            ]
    return found


def _table_differences(
    connection: duckdb.DuckDBPyConnection, key: tuple[str, ...], names: tuple[str, str]
) -> list[str]:
    columns = _columns(connection, "l")
    if columns != _columns(connection, "r"):
        return [f": columns {columns} on {names[0]}, {_columns(connection, 'r')} on {names[1]}"]
    counts = [_number(connection, f"select count(*) from {side}") for side in "lr"]
    problems = []
    if counts[0] != counts[1]:
        problems.append(f": {counts[0]} rows on {names[0]}, {counts[1]} on {names[1]}")
    on_key = " and ".join(f"l.{column} is not distinct from r.{column}" for column in key)
    for here, there, name in (("l", "r", names[0]), ("r", "l", names[1])):
        missing = _number(
            connection,
            f"select count(*) from {here} where not exists (select 1 from {there} where {on_key})",
        )
        if missing:
            problems.append(f": {missing} keys ({', '.join(key)}) only on {name}")
    for column, data_type in columns:
        differs = _differs(column, data_type)
        example = connection.execute(
            f"select count(*) over (), l.{column}::varchar, r.{column}::varchar,"
            f" {', '.join(f'l.{part}::varchar' for part in key)}"
            f" from l inner join r on {on_key} where {differs} order by all limit 1"
        ).fetchone()
        if example:
            count, one, other, *values = example
            where = ", ".join(f"{part}={value}" for part, value in zip(key, values, strict=True))
            problems.append(
                f".{column}: {count} of {counts[0]} rows differ; {names[0]} {one!r},"
                f" {names[1]} {other!r} at {where}"
            )
    return problems


def _columns(connection: duckdb.DuckDBPyConnection, view: str) -> list[tuple[str, str]]:
    described = connection.execute(f"describe {view}").fetchall()
    return [(name, data_type) for name, data_type, *_ in described]


def _differs(column: str, data_type: str) -> str:
    if data_type != "DOUBLE":
        return f"l.{column} is distinct from r.{column}"
    scale = f"greatest(1, abs(l.{column}), abs(r.{column}))"
    return (
        f"coalesce(abs(l.{column} - r.{column}) > {TOLERANCE} * {scale},"
        f" l.{column} is distinct from r.{column})"
    )


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
