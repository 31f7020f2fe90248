"""What was loaded, refused or superseded: one row per table, file and content."""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from orchestration.lib.contract import (
    HOUSEKEEPING,
    OPS_SCHEMA,
    OPS_TABLES,
    RAW_SCHEMA,
    Contract,
)
from orchestration.lib.ingestion import sql
from orchestration.lib.ingestion.files import natural_order


class RawTableMismatchError(ValueError):
    """A stored table no longer has the contract's columns; the message names table and remedy."""


@dataclass(frozen=True)
class Entry:
    """A ledger row of one table's file."""

    batch_id: int
    file_name: str
    content_hash: str
    status: str
    reason: str | None
    rows_loaded: int
    rows_repeated: int


@dataclass(frozen=True)
class Counts:
    """Rows of one file: read = loaded + quarantined + repeated, always."""

    read: int = 0
    loaded: int = 0
    quarantined: int = 0
    repeated: int = 0

    def __post_init__(self) -> None:
        if self.read != self.loaded + self.quarantined + self.repeated:
            raise AssertionError(f"rows are not accounted for: {self}")


def create_tables(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Creates missing raw and ops tables; raises `RawTableMismatchError` for a changed one."""
    wanted = {
        (RAW_SCHEMA, table.name): (
            *((column.name, column.data_type) for column in table.columns),
            *HOUSEKEEPING,
        )
        for table in contract.tables.values()
    } | {(OPS_SCHEMA, name): columns for name, columns in OPS_TABLES.items()}
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, table, column, data_type in connection.execute(
        "select schema_name, table_name, column_name, lower(data_type) from duckdb_columns() "
        "where database_name = current_database() order by schema_name, table_name, column_index"
    ).fetchall():
        found.setdefault((schema, table), []).append((column, data_type))
    for schema in (RAW_SCHEMA, OPS_SCHEMA):
        connection.execute(f"create schema if not exists {schema}")
    for (schema, table), columns in wanted.items():
        stored = found.get((schema, table))
        if stored is None:
            body = ", ".join(f"{sql.identifier(name)} {data_type}" for name, data_type in columns)
            connection.execute(f"create table {schema}.{sql.identifier(table)} ({body})")
        elif stored != list(columns):
            raise RawTableMismatchError(_mismatch(f"{schema}.{table}", stored, columns))


def _mismatch(
    table: str, stored: list[tuple[str, str]], wanted: tuple[tuple[str, str], ...]
) -> str:
    gone = [" ".join(column) for column in stored if column not in wanted]
    new = [" ".join(column) for column in wanted if column not in stored]
    return (
        f"{table} in warehouse.duckdb has other columns than the contract (only stored: "
        f"{', '.join(gone) or 'none'}; only in the contract: {', '.join(new) or 'none'}; or "
        "another order). Move warehouse.duckdb away and refresh: it is built again from landing."
    )


def entries(connection: duckdb.DuckDBPyConnection, source: str, table: str) -> tuple[Entry, ...]:
    """The ledger rows of a source's table, oldest first."""
    rows = connection.execute(
        f"select batch_id, file_name, coalesce(content_hash, ''), status, reason, rows_loaded, "
        "rows_repeated "
        f"from {OPS_SCHEMA}.ledger where source = ? and table_name = ? order by batch_id",
        [source, table],
    ).fetchall()
    return tuple(Entry(*row) for row in rows)


def next_batch_id(connection: duckdb.DuckDBPyConnection) -> int:
    """One more than the highest batch so far."""
    row = connection.execute(
        f"select coalesce(max(batch_id), 0) + 1 from {OPS_SCHEMA}.ledger"
    ).fetchone()
    return int(row[0]) if row else 1


def write(
    connection: duckdb.DuckDBPyConnection,
    *,
    batch_id: int,
    source: str,
    table: str,
    file_name: str,
    content_hash: str | None,
    size: int | None,
    counts: Counts,
    status: str,
    reason: str | None,
    loaded_at: datetime,
) -> None:
    """Adds a ledger row."""
    connection.execute(
        f"insert into {OPS_SCHEMA}.ledger values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            batch_id,
            source,
            table,
            file_name,
            content_hash,
            size,
            counts.read,
            counts.loaded,
            counts.quarantined,
            counts.repeated,
            status,
            reason,
            loaded_at,
        ],
    )


def supersede(
    connection: duckdb.DuckDBPyConnection, table: str, batches: tuple[int, ...], successor: int
) -> None:
    """Removes the rows of `batches` and marks their ledger rows."""
    if not batches:
        return
    listed = ", ".join(str(batch) for batch in batches)
    connection.execute(
        f"delete from {RAW_SCHEMA}.{sql.identifier(table)} where _batch_id in ({listed})"
    )
    connection.execute(
        f"update {OPS_SCHEMA}.ledger set status = 'superseded', reason = ? "
        f"where batch_id in ({listed})",
        [f"replaced by batch {successor}"],
    )


def rename(connection: duckdb.DuckDBPyConnection, batches: tuple[int, ...], file_name: str) -> None:
    """Lets the ledger row of an unchanged snapshot carry the name of its latest delivery."""
    for batch in batches:
        connection.execute(
            f"update {OPS_SCHEMA}.ledger set file_name = ?, reason = 'first delivered as ' || "
            "file_name where batch_id = ?",
            [file_name, batch],
        )


def forget_refusals(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    table: str,
    file_name: str,
    content_hash: str | None,
) -> int | None:
    """Removes the refusal of this content (or unreadable name); returns its batch to use again."""
    same = "content_hash = ?" if content_hash else "content_hash is null and file_name = ?"
    batches = connection.execute(
        f"select batch_id from {OPS_SCHEMA}.ledger where source = ? and table_name = ? "
        f"and status = 'refused' and {same} order by batch_id",
        [source, table, content_hash or file_name],
    ).fetchall()
    for (batch,) in batches:
        connection.execute(f"delete from {OPS_SCHEMA}.quarantine where batch_id = ?", [batch])
        connection.execute(f"delete from {OPS_SCHEMA}.ledger where batch_id = ?", [batch])
    return int(batches[0][0]) if batches else None


@dataclass(frozen=True)
class Decision:
    """What to do with a file's content: `load` (replacing `batches`), or an outcome at once.

    `already_loaded` with `batches` is a snapshot that did not change: the ledger row takes its
    name, so that a snapshot named in between is known to be older.
    """

    action: str
    reason: str | None = None
    batches: tuple[int, ...] = ()


def decide(known: tuple[Entry, ...], mode: str, file_name: str, content_hash: str) -> Decision:
    """Compares a file with the ledger of its table.

    Content that is loaded, under any name, is `already_loaded`; so is the version of a name that
    was superseded by another file. A known name with new content is refused for `append`,
    replaces the earlier version for `upsert`, the whole table for `snapshot`. A snapshot whose
    name sorts before the loaded one's comes late: it is `superseded` at once.
    """
    kept = [entry for entry in known if entry.status != "refused"]
    same_name = [entry for entry in kept if entry.file_name == file_name]
    loaded = [entry for entry in kept if entry.status == "loaded"]
    twin = next((entry for entry in loaded if entry.content_hash == content_hash), None)
    if twin:
        is_later = natural_order(file_name) > natural_order(twin.file_name)
        renamed = (twin.batch_id,) if mode == "snapshot" and is_later else ()
        return Decision("already_loaded", f"already loaded as {twin.file_name}", renamed)
    if same_name and same_name[-1].content_hash == content_hash:
        return Decision("already_loaded", same_name[-1].reason)
    if mode == "snapshot":
        later = [e for e in loaded if natural_order(e.file_name) > natural_order(file_name)]
        if later:
            return Decision("superseded", f"{later[-1].file_name} is a later snapshot")
        return Decision("load", batches=tuple(entry.batch_id for entry in loaded))
    earlier = tuple(e.batch_id for e in loaded if e.file_name == file_name)
    if mode == "append" and earlier:
        return Decision(
            "refused",
            "has the name of a loaded file but other content; deliver it under a new name, or "
            "set `load: upsert` if it corrects the earlier one.",
        )
    return Decision("load", batches=earlier)
