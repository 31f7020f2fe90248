"""Compares the published tables of two companies as a relation has it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import duckdb

from orchestration.lib.publishing.releases import ReleaseStore
from tests.integration.house import House
from tests.integration.relations import units
from tests.integration.relations.companies import MARK
from tests.integration.relations.relations import Relation

# What roundings may add up to: of money to four decimals, and of the rest.
ROUNDED, EXACT, RELATIVE = 2e-3, 2e-5, 1e-5


@dataclass(frozen=True)
class Table:
    """A published table: the type of each column but keys, and what its rows are known by."""

    name: str
    columns: Mapping[str, str]
    known_by: tuple[str, ...]

    @property
    def is_counted(self) -> bool:
        """Whether its rows are known by a key alone."""
        return self.name in units.COUNTED

    @property
    def about_one(self) -> str:
        """SQL: whether a row is about one thing that has an identifier."""
        if self.name in units.THINGS:
            return "true"
        if "rep" in self.columns:
            return "rep <> '(unknown)'"
        if "dimension" in self.columns:
            return "dimension in ('rep', 'assignee') and segment <> '(unknown)'"
        return "false"


def compare(base: House, other: House, relation: Relation) -> list[str]:
    """Where the other company's tables are not as the relation makes them of the base's.

    What the relation sets apart has to be: one that is as any other is a difference, too.
    """
    with duckdb.connect() as connection:
        for name, house in (("base", base), ("other", other)):
            database = ReleaseStore(house.home).releases()[-1].database
            connection.execute(f"attach '{database}' as {name} (read_only)")
        needed: set[str] = set()
        differences = [
            difference
            for table in _tables(connection, _tested_keys(base))
            for difference in _Comparison(connection, table, relation, needed).differences()
        ]
    apart = {columns for one in relation.apart for columns in one.columns.split()}
    return differences + [f"{columns}: set apart for nothing" for columns in sorted(apart - needed)]


def _tested_keys(house: House) -> dict[str, tuple[str, ...]]:
    """By which columns dbt tests that each published row is told from the others."""
    manifest = json.loads((house.home / "build/dbt/target/manifest.json").read_text())
    keys = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata") or {"name": ""}
        if test["name"] in ("unique", "unique_combination") and node["attached_node"]:
            model = manifest["nodes"].get(node["attached_node"], {"path": ""})
            path = Path(model["path"])
            arguments = test["kwargs"]
            columns = arguments.get("columns") or [arguments["column_name"]]
            keys[f"{path.parent.name}.{path.stem}"] = tuple(columns)
    return keys


def _tables(
    connection: duckdb.DuckDBPyConnection, keys: Mapping[str, tuple[str, ...]]
) -> Iterator[Table]:
    for (name,) in connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where database_name = 'base' order by all"
    ).fetchall():
        columns = dict(
            connection.execute(
                f"select column_name, column_type from (describe base.{name}) "
                f"where not regexp_full_match(column_name, '{units.OPAQUE}')"
            ).fetchall()
        )
        if name in units.COUNTED:
            said = [one for one, kind in columns.items() if not kind.startswith("DECIMAL")]
            yield Table(name, columns, tuple(said))
        else:
            told = units.THINGS.get(name) or units.KNOWN_BY.get(name)
            yield Table(name, columns, tuple(told.split()) if told else keys[name])


def _expression(expressions: Mapping[str, str], name: str, kind: str) -> str:
    return expressions.get(name) or expressions.get(kind, "{0}")


@dataclass(frozen=True)
class _Comparison:
    connection: duckdb.DuckDBPyConnection
    table: Table
    relation: Relation
    # The columns of `apart` that were found to be.
    needed: set[str]

    def differences(self) -> Iterator[str]:
        """What differs, column by column, with one place where it does."""
        known_by = (*self.table.known_by, "is_renamed")
        key = ", ".join(known_by)
        self._make("base", self.relation.told)
        self._make("other", self.relation.read)
        for one in ("base", "other"):
            if repeated := self._first(f"from {one}_rows group by {key} having count(*) > 1", key):
                yield f"{self.table.name}: not known by its columns alone: {repeated}"
                return
        on = " and ".join(
            f"base_rows.{name} is not distinct from other_rows.{name}" for name in known_by
        )
        for one, two in (("base", "other"), ("other", "base")):
            yield from self._told(
                f"{one}_rows anti join {two}_rows on {on}", key, "rows", "true", one
            )
        measures = [name for name in self._measures() if name not in known_by]
        others = "".join(f", other_rows.{name} as told_{name}" for name in measures)
        self.connection.execute(
            "create or replace temp table pairs as "
            f"select base_rows.*{others} from base_rows join other_rows on {on}"
        )
        for name in measures:
            example = f"{key}, {name}, told_{name}"
            yield from self._told("pairs", example, name, self._differs(name))

    def _measures(self) -> dict[str, str]:
        counted = {"row_count": "BIGINT"} if self.table.is_counted else {}
        return {**self.table.columns, **counted}

    def _make(self, side: str, expressions: Mapping[str, str]) -> None:
        """The rows of one side in the terms of both, and which of them have another identifier."""
        is_renamed = "false"
        if self.relation.is_twice and side == "other":
            marked = (f"starts_with({name}::varchar, '{MARK}')" for name in self.table.known_by)
            is_renamed = f"coalesce({' or '.join(marked)}, false)"
        elif self.relation.is_twice:
            both = f"case when {self.table.about_one} then [false, true] else [false] end"
            is_renamed = f"unnest({both})"
        listed = ", ".join(
            f"cast({_expression(expressions, name, kind).format(name)} as {kind}) as {name}"
            for name, kind in self.table.columns.items()
        )
        rows = f"select {listed}, {is_renamed} as is_renamed from {side}.{self.table.name}"
        if self.table.is_counted:
            sums = "".join(
                f", sum({name}) as {name}"
                for name in self.table.columns
                if name not in self.table.known_by
            )
            known_by = ", ".join((*self.table.known_by, "false as is_renamed"))
            rows = f"select {known_by}{sums}, count(*) as row_count from ({rows}) group by all"
        self.connection.execute(f"create or replace temp table {side}_rows as {rows}")

    def _differs(self, name: str) -> str:
        """SQL: whether a column of a pair of rows is not as the relation has it."""
        kind, other = self._measures()[name], f"told_{name}"
        if not (kind in ("BIGINT", "DOUBLE") or kind.startswith("DECIMAL")):
            return f"{name} is distinct from {other}"
        unit = units.unit(self.table.name, name, kind)
        factor = units.factor(unit, self.relation.factors)
        if self.relation.is_twice and unit != "whole":
            factor = f"case when {self.table.about_one} then 1 else {factor} end"
        absolute = ROUNDED if unit in ("money", "price", "numerator", "denominator") else EXACT
        return (
            f"({name} is null) <> ({other} is null) or abs({name} * {factor} - {other}) "
            f"> {absolute} + {RELATIVE} * abs({name} * {factor})"
        )

    def _told(
        self, rows: str, example: str, column: str, differs: str, side: str = ""
    ) -> Iterator[str]:
        name = f"{self.table.name.partition('.')[2]}.{column}"
        excused = "false"
        for apart in self.relation.apart:
            for columns in apart.columns.split():
                if not fnmatchcase(name, columns):
                    continue
                excused = f"{excused} or ({apart.where})"
                if self._first(f"from {rows} where ({differs}) and ({apart.where})", "1"):
                    self.needed.add(columns)
        if found := self._first(
            f"from {rows} where ({differs}) and not ({excused})", f"count(*) over (), {example}"
        ):
            count, *values = found
            yield f"{name}: {count} rows{f' only in {side}' if side else ''}, such as {values}"

    def _first(self, source: str, columns: str) -> tuple[object, ...] | None:
        return self.connection.execute(f"select {columns} {source} limit 1").fetchone()
