"""A release in a PostgreSQL database, for tools that want a server: whole, or still the last one.

The tables are copied into schemas of their own beside the published ones, which readers keep using.
Then one short transaction gives them the published names. The schemas' comments name the release
and its bytes, so that the same one is not copied twice. A role that may only read is made where it
is missing.

Dropping the old tables waits for readers that are in a transaction, and whoever comes then waits
behind it. So it waits for moments only, and lets them pass in between. Renaming the old schemas
would wait for nobody, but show such a transaction tables whose rows are too new for it: none.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from orchestration.lib import points
from orchestration.lib.ingestion import extensions, sql
from orchestration.lib.publishing.releases import Release, ReleaseError
from orchestration.settings import PostgresSettings

NEXT = "__next"
# How long new readers may have to wait, and the pauses, in seconds, after which it is tried again.
LOCK_WAIT = "2s"
PAUSES = (1.0, 5.0, 15.0, 30.0, 60.0)
_LOCKED = "lock timeout"
# PostgreSQL cuts longer names off.
_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def publish_to_postgres(release: Release, settings: PostgresSettings, memory_limit: str) -> bool:
    """Makes PostgreSQL show a release; returns whether it had to: False where it does already.

    Raises `ReleaseError` where the server cannot be reached or refuses; it then still shows what it
    showed before.
    """
    if not _ROLE.fullmatch(settings.reader):
        raise ReleaseError(
            f"WAREHOUSE_POSTGRES_READER={settings.reader!r} is no plain role name; use small "
            "letters, digits and underscores."
        )
    schemas = sorted({table.table.split(".")[0] for table in release.manifest.tables})
    label = f"{release.id} {release.manifest.fingerprint[:16]}"
    try:
        with _connected(release, settings, memory_limit) as connection:
            if _shown(connection, schemas) == {(schema, label) for schema in schemas}:
                return False
            _run(connection, [f"drop schema if exists {name}{NEXT} cascade" for name in schemas])
            _run(connection, [f"create schema {name}{NEXT}" for name in schemas])
            for table in release.manifest.tables:
                schema, name = table.table.split(".")
                connection.execute(
                    f"create table server.{schema}{NEXT}.{sql.identifier(name)} as "
                    f"from release.{schema}.{sql.identifier(name)}"
                )
            points.reached("postgres copied")
            _run_between_readers(connection, _swap(schemas, label, settings.reader))
            points.reached("postgres swapped")
            return True
    except duckdb.Error as error:
        raise ReleaseError(
            f"Release {release.id} is not in PostgreSQL ({_reason(error)}). The server still shows "
            "the release before; mend it, then refresh."
        ) from None


def _swap(schemas: list[str], label: str, reader: str) -> list[str]:
    statements = [
        f"set local lock_timeout = {sql.literal(LOCK_WAIT)}",
        "do $$ begin if not exists (select from pg_roles where rolname = "
        f"{sql.literal(reader)}) then create role {reader} nologin; end if; end $$",
    ]
    for schema in schemas:
        statements += [
            f"drop schema if exists {schema} cascade",
            f"alter schema {schema}{NEXT} rename to {schema}",
            f"comment on schema {schema} is {sql.literal(label)}",
            f"grant usage on schema {schema} to {reader}",
            f"grant select on all tables in schema {schema} to {reader}",
        ]
    return statements


def _run(connection: duckdb.DuckDBPyConnection, statements: list[str]) -> None:
    """Runs statements of PostgreSQL's own in one transaction of its own."""
    connection.execute("call postgres_execute('server', ?)", [";\n".join(statements)])


def _run_between_readers(connection: duckdb.DuckDBPyConnection, statements: list[str]) -> None:
    """The same, again and again while a reader's transaction is in the way."""
    for pause in (*PAUSES, None):
        try:
            _run(connection, statements)
            return
        except duckdb.Error as error:
            if pause is None or _LOCKED not in str(error):
                raise
        time.sleep(pause)


def _shown(connection: duckdb.DuckDBPyConnection, schemas: list[str]) -> set[tuple[str, str]]:
    names = ", ".join(sql.literal(schema) for schema in schemas)
    query = (
        "select nspname::text, obj_description(oid, 'pg_namespace') from pg_namespace "
        f"where nspname in ({names})"
    )
    rows = connection.execute("from postgres_query('server', ?)", [query]).fetchall()
    return {(schema, label) for schema, label in rows}


@contextmanager
def _connected(
    release: Release, settings: PostgresSettings, memory_limit: str
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release, read-only, and the server side by side, in a database in memory."""
    connection = extensions.side_connection("postgres_scanner", release.directory, memory_limit)
    try:
        connection.execute(f"attach {sql.literal(str(release.database))} as release (read_only)")
        connection.execute(f"attach {sql.literal(settings.connection)} as server (type postgres)")
        yield connection
    finally:
        connection.close()


def _reason(error: duckdb.Error) -> str:
    """What PostgreSQL said, without the connection string that DuckDB puts into its messages."""
    if _LOCKED in str(error):
        return "a reader has held its tables in an open transaction all the while"
    found = re.search(r"(FATAL|ERROR):\s*([^\n]*)", str(error))
    return found[2].strip() if found else type(error).__name__
