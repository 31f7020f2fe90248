"""Builds the files of a candidate release: one database of the published tables, and Parquet."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.lib import points
from orchestration.lib.ingestion import sql

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class PublishedColumn:
    """One column of a published table; `data_type` is DuckDB's name of its contract type."""

    name: str
    data_type: str
    description: str = ""


@dataclass(frozen=True)
class PublishedTable:
    """One table to publish and where its rows come from.

    `relation` is what stands after SQL's `from`, in a connection where the work database, if there
    is one, is attached as `warehouse`: `warehouse.core.fct_orders`, or `read_parquet('...')`.
    """

    schema: str
    name: str
    relation: str
    description: str
    columns: tuple[PublishedColumn, ...]

    @property
    def full_name(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class TableContent:
    """What one published table holds: its row count and a hash of its rows in any order."""

    table: str
    rows: int
    content_hash: str


def build_files(
    directory: Path,
    tables: Sequence[PublishedTable],
    warehouse: Path | None,
    settings: Mapping[str, str],
) -> list[TableContent]:
    """Writes `published.duckdb` and `parquet/<schema>/<table>.parquet` into an empty directory.

    `warehouse` is attached read-only; `settings` are DuckDB's (`memory_limit`, `threads`). The
    database is checkpointed, closed and on disk on return.
    """
    database = directory / "published.duckdb"
    # The order of rows is nobody's contract, and keeping it costs memory and a sixth of the time.
    config: dict[str, str | bool | int | float | list[str]] = {
        "preserve_insertion_order": "false",
        **settings,
    }
    with duckdb.connect(":memory:", config=config) as connection:
        connection.execute("set TimeZone = 'UTC'")
        if warehouse is not None:
            connection.execute(f"attach {sql.literal(str(warehouse))} as warehouse (read_only)")
        connection.execute(f"attach {sql.literal(str(database))} as candidate")
        contents = []
        for table in tables:
            _copy_table(connection, table)
            _write_parquet(connection, table, directory / "parquet")
            contents.append(read_content(connection, "candidate", table.schema, table.name))
            points.reached("table copied")
        connection.execute("checkpoint candidate")
        connection.execute("detach candidate")
    points.reached("database closed")
    leftover = database.with_name(database.name + ".wal")
    if leftover.exists():
        raise RuntimeError(f"{leftover} is left after a checkpoint; the candidate is incomplete.")
    return contents


def read_content(
    connection: duckdb.DuckDBPyConnection, catalog: str, schema: str, table: str
) -> TableContent:
    """Row count and content hash of a table; equal rows give equal hashes, in whatever order.

    Each row is hashed by DuckDB (64 bits); the sum of these hashes tells repeated rows apart, their
    exclusive or guards the sum, and the columns' names and types are hashed along. Hashes compare
    between files that the same DuckDB version reads.
    """
    relation = ".".join(map(sql.identifier, (catalog, schema, table)))
    columns = connection.execute(f"describe {relation}").fetchall()
    found = connection.execute(
        f"select count(*), sum(hash(r)::hugeint), bit_xor(hash(r)) from {relation} as r"
    ).fetchone()
    if found is None:
        raise RuntimeError(f"{schema}.{table}: an aggregate returned no row.")
    header = [(name, data_type) for name, data_type, *_ in columns]
    digest = hashlib.sha256(repr((header, found)).encode()).hexdigest()
    return TableContent(f"{schema}.{table}", int(found[0]), digest)


def fingerprint(file: Path) -> str:
    """The SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _copy_table(connection: duckdb.DuckDBPyConnection, table: PublishedTable) -> None:
    target = f"candidate.{sql.identifier(table.schema)}.{sql.identifier(table.name)}"
    columns = ", ".join(
        f"cast({sql.identifier(column.name)} as {column.data_type}) "
        f"as {sql.identifier(column.name)}"
        for column in table.columns
    )
    connection.execute(f"create schema if not exists candidate.{sql.identifier(table.schema)}")
    connection.execute(f"create table {target} as select {columns} from {table.relation}")
    connection.execute(f"comment on table {target} is {sql.literal(table.description)}")
    for column in table.columns:
        if column.description:
            connection.execute(
                f"comment on column {target}.{sql.identifier(column.name)} "
                f"is {sql.literal(column.description)}"
            )


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, table: PublishedTable, directory: Path
) -> None:
    file = directory / table.schema / f"{table.name}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"copy candidate.{sql.identifier(table.schema)}.{sql.identifier(table.name)} "
        f"to {sql.literal(str(file))} (format parquet, compression zstd)"
    )
