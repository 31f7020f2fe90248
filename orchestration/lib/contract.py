"""The input contract: which raw tables exist, read from the dbt sources files that define it.

The sources files are the only definition: `_<system>__sources.yml` below the staging models names
every raw table with its columns, types, key and marks; ingestion, the demo company and the checks
read it through `load_contract`.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from orchestration.lib.mendable import MendableError

RAW_SCHEMA = "raw"
OPS_SCHEMA = "ops"

# Columns that ingestion adds to every raw table, after the contract's.
HOUSEKEEPING: tuple[tuple[str, str], ...] = (
    ("_source", "varchar"),
    ("_source_file", "varchar"),
    ("_row_number", "bigint"),
    ("_loaded_at", "timestamp"),
    ("_batch_id", "bigint"),
)

OPS_TABLES: dict[str, tuple[tuple[str, str], ...]] = {
    "ledger": (
        ("batch_id", "bigint"),
        ("source", "varchar"),
        ("table_name", "varchar"),
        ("file_name", "varchar"),
        ("content_hash", "varchar"),
        ("bytes", "bigint"),
        ("rows_read", "bigint"),
        ("rows_loaded", "bigint"),
        ("rows_quarantined", "bigint"),
        ("rows_repeated", "bigint"),
        ("status", "varchar"),
        ("reason", "varchar"),
        ("loaded_at", "timestamp"),
    ),
    "quarantine": (
        ("batch_id", "bigint"),
        ("source", "varchar"),
        ("table_name", "varchar"),
        ("file_name", "varchar"),
        ("row_number", "bigint"),
        ("line_number", "bigint"),
        ("column_name", "varchar"),
        ("reason_code", "varchar"),
        ("remedy", "varchar"),
        ("raw_value", "varchar"),
    ),
    "statements": (
        ("kpi_id", "varchar"),
        ("period_grain", "varchar"),
        ("period_start", "date"),
        ("statement_number", "bigint"),
        ("stated_at", "timestamp"),
        ("numerator", "decimal(28,4)"),
        ("denominator", "decimal(28,4)"),
        ("value", "double"),
        ("sample", "bigint"),
        ("definition", "varchar"),
        ("cause", "varchar"),
        ("late_rows", "bigint"),
        ("late_refunds", "bigint"),
        ("last_batch_id", "bigint"),
        ("are_rules_changed", "boolean"),
        ("are_rates_changed", "boolean"),
        ("merged_identifiers", "bigint"),
    ),
    "stated_days": (
        ("raw_table", "varchar"),
        ("date_day", "date"),
        ("from_day", "date"),
        ("row_count", "bigint"),
    ),
}

# Those that each refresh fills anew from the current release: their columns may change.
CARRIED_TABLES = ("statements", "stated_days")

# Tables beside them that only ingestion reads: no model, no release.
INTERNAL_TABLES: dict[str, tuple[tuple[str, str], ...]] = {
    "settings": (("name", "varchar"), ("value", "varchar")),
    "suppressions": (("kind", "varchar"), ("pseudonym", "varchar")),
    "rewritten_files": (("content_hash", "varchar"), ("kept_hash", "varchar")),
}

DATA_TYPES = (
    "varchar",
    "bigint",
    "decimal(18,4)",
    "double",
    "boolean",
    "timestamp",
    "date",
)
PERSONAL_KINDS = ("email", "identifier", "text")


class ContractError(MendableError, ValueError):
    """The sources files contradict themselves; the message names file, table, column and fix."""


@dataclass(frozen=True)
class Column:
    """One contract column.

    `required`: never null. `optional`: a file may come without it. `personal`: `email` and
    `identifier` are stored as keyed hashes, `text` only where a source opts in. `url`: an address,
    reduced to what cannot identify a person. `accepted`: the closed list of values, empty when
    open.
    """

    name: str
    data_type: str
    required: bool = False
    optional: bool = False
    personal: str | None = None
    url: bool = False
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One raw table; `key` is unique within a source, `columns` in contract order."""

    name: str
    system: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    description: str = ""

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The contract's column names, without the housekeeping columns."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class Contract:
    """All raw tables by name."""

    tables: Mapping[str, Table]

    def table(self, name: str) -> Table:
        """The table of that name; raises `ContractError` with the nearest name otherwise."""
        if name not in self.tables:
            raise ContractError(
                f"{name!r} is not a table of the contract{did_you_mean(name, self.tables)}"
            )
        return self.tables[name]


def did_you_mean(name: str, known: Iterable[str], otherwise: str = ".") -> str:
    """The end of a sentence such as `; did you mean 'shop_orders'?`, where a name is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else otherwise


def load_contract(models_dir: Path) -> Contract:
    """Reads every `_*__sources.yml` below `models_dir` whose source lives in the raw schema.

    Raises `ContractError` for an unknown type or mark, a key that is no column, or a table
    defined twice.
    """
    tables: dict[str, Table] = {}
    for path in sorted(models_dir.rglob("_*__sources.yml")):
        for table in _tables_of(path):
            if table.name in tables:
                raise ContractError(f"{path}: table {table.name!r} is defined a second time.")
            tables[table.name] = table
    if not tables:
        raise ContractError(f"{models_dir}: no _<system>__sources.yml defines a raw table.")
    return Contract(tables)


def _tables_of(path: Path) -> list[Table]:
    # The C loader: these files are read at every start, and the other takes half a second.
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}
    return [
        _table(path, str(source["name"]), table)
        for source in content.get("sources") or []
        if source.get("schema", source["name"]) == RAW_SCHEMA
        for table in source.get("tables") or []
    ]


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = (node.get("config") or {}).get("meta") or {}
    return dict(meta)


def _table(path: Path, system: str, node: Mapping[str, Any]) -> Table:
    name = str(node["name"])
    columns = tuple(_column(path, name, column) for column in node.get("columns") or [])
    names = [column.name for column in columns]
    key = tuple(str(part) for part in _meta(node).get("key") or ())
    repeated = sorted({column for column in names if names.count(column) > 1})
    if repeated:
        raise ContractError(f"{path}: {name} lists {', '.join(repeated)} twice.")
    unknown = [part for part in key if part not in names]
    if unknown:
        raise ContractError(f"{path}: the key of {name} names {', '.join(unknown)}, no column.")
    description = " ".join(str(node.get("description") or "").split())
    return Table(name, system, key, columns, description)


def _column(path: Path, table: str, node: Mapping[str, Any]) -> Column:
    name = str(node["name"])
    meta = _meta(node)
    data_type = str(node.get("data_type", "")).lower().replace(" ", "")
    if data_type not in DATA_TYPES:
        raise ContractError(
            f"{path}: {table}.{name} has data_type {data_type!r}; use one of "
            f"{', '.join(DATA_TYPES)}."
        )
    personal = meta.get("personal")
    if personal is not None and (personal not in PERSONAL_KINDS or data_type != "varchar"):
        raise ContractError(
            f"{path}: {table}.{name} has personal {personal!r} and type {data_type}; personal "
            f"columns are varchar and one of {', '.join(PERSONAL_KINDS)}."
        )
    return Column(
        name=name,
        data_type=data_type,
        required=bool(meta.get("required", False)),
        optional=bool(meta.get("optional", False)),
        personal=personal,
        url=bool(meta.get("url", False)),
        accepted=tuple(str(value) for value in meta.get("accepted") or ()),
    )
