"""A release in a PostgreSQL database, for tools that want a server: whole, or still the last one.

The tables are copied into schemas of their own beside the published ones, which readers keep using.
Then one short transaction gives them the published names. The schemas' comments name the release
and its bytes, so that the same one is not copied twice unless somebody dropped a table of it,
changed its columns or number of rows or took the reader's rights, and a schema that is not ours is
left alone. A role that may only read is made where it is missing.

One process of a home copies at a time, and never a release that a rollback has left meanwhile.

Dropping the old tables waits for readers that are in a transaction, and whoever comes then waits
behind it. So it waits for moments only, and lets them pass in between. Renaming the old schemas
would wait for nobody, but show such a transaction tables whose rows are too new for it: none.
"""

import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import duckdb

from orchestration.lib import catalog, points, sentences
from orchestration.lib.ingestion import extensions, sql
from orchestration.lib.publishing.releases import ID_PATTERN, Release, ReleaseError, ReleaseStore
from orchestration.settings import PostgresSettings, environment

NEXT = "__next"
# How long new readers may have to wait, and the pauses, in seconds, after which it is tried again.
LOCK_WAIT = "2s"
PAUSES = (1.0, 5.0, 15.0, 30.0, 60.0)
# A server that takes a connection and says nothing would be waited for for ever.
CONNECT_SECONDS = "30"
_LOCKED = "lock timeout"
_UNREACHED = {
    "could not translate host name": "its host name is not known",
    "Unable to connect to Postgres": "WAREHOUSE_POSTGRES is no connection string that can be read",
}
# What the comment of a schema of ours says: a release, its bytes, and which copy while it is made.
_LABEL = re.compile(rf"{ID_PATTERN.pattern} [0-9a-f]{{16}}( [0-9a-f]{{32}})?")
# PostgreSQL cuts longer names off.
_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class _LeftError(Exception):
    """Another release has become current meanwhile."""


def publish_to_postgres(
    store: ReleaseStore, settings: PostgresSettings, memory_limit: str
) -> tuple[str, bool]:
    """Makes PostgreSQL show the current release; returns its id and whether it had to be copied.

    Waits for another process that does so. Raises `ReleaseError` where nothing is published, the
    server cannot be reached or refuses, or holds what is not ours; it then still shows what it
    showed before.
    """
    if not _ROLE.fullmatch(settings.reader):
        raise ReleaseError(
            f"WAREHOUSE_POSTGRES_READER={settings.reader!r} is no plain role name; use small "
            "letters, digits and underscores."
        )
    with store.alone("postgres"):
        while True:
            release = store.current()
            if release is None:
                raise ReleaseError("Nothing is published that PostgreSQL could show.")
            try:
                with environment({"PGCONNECT_TIMEOUT": CONNECT_SECONDS}):
                    return release.id, _show(store, release, settings, memory_limit)
            except _LeftError:
                continue
            except (duckdb.Error, extensions.ExtensionMissingError) as error:
                raise ReleaseError(
                    f"Release {release.id} is not in PostgreSQL ({_reason(error)}). The server "
                    "still shows what it did before; mend it, then refresh."
                ) from None


def _show(
    store: ReleaseStore, release: Release, settings: PostgresSettings, memory_limit: str
) -> bool:
    def require_current() -> None:
        if store.current_id() != release.id:
            raise _LeftError

    tables = release.manifest.tables
    schemas, label = _schemas(release), _label(release)
    copy = f"{label} {uuid.uuid4().hex}"
    with _connected(release, settings, memory_limit) as connection:
        there = _labels(connection, release)
        if others := sorted(name for name in there if not _LABEL.fullmatch(there[name] or "")):
            raise ReleaseError(
                f"Release {release.id} is not in PostgreSQL: {', '.join(others)} in that database "
                "was not made by this warehouse, which would replace it. Rename that schema, or "
                "give WAREHOUSE_POSTGRES a database of its own."
            )
        if unfinished := sorted(name for name in there if name.endswith(NEXT)):
            _run(connection, [f"drop schema {name} cascade" for name in unfinished])
        left = sorted(there.keys() - {*schemas, *unfinished})
        if _is_shown(release, there) and not _changed(connection, release, settings):
            return False
        _run(
            connection,
            [
                f"create schema {name}{NEXT}; comment on schema {name}{NEXT} is {sql.literal(copy)}"
                for name in schemas
            ],
        )
        for table in tables:
            require_current()
            schema, name = table.table.split(".")
            connection.execute(
                f"create table server.{schema}{NEXT}.{sql.identifier(name)} as "
                f"from release.{schema}.{sql.identifier(name)}"
            )
        points.reached("postgres copied")
        _run_between_readers(
            connection,
            [
                _require_whole(schemas, copy, len(tables)),
                *_swap(schemas, label, settings.reader),
                *(f"drop schema {sql.identifier(name)} cascade" for name in left),
            ],
            require_current,
        )
        points.reached("postgres swapped")
        return True


def shown_in_postgres(store: ReleaseStore, settings: PostgresSettings, memory_limit: str) -> str:
    """What PostgreSQL shows of the current release, as a phrase; nothing is changed there."""
    release = store.current()
    if release is None:
        return "nothing is published that it could show"
    try:
        with _connected(release, settings, memory_limit) as connection:
            is_shown = _is_shown(release, _labels(connection, release))
            changed = _changed(connection, release, settings) if is_shown else []
    except (duckdb.Error, extensions.ExtensionMissingError) as error:
        return f"not known ({_reason(error)})"
    if not is_shown:
        return f"does not show {release.id}; `make refresh` brings it there"
    if changed:
        told = sentences.few(changed)
        return f"no longer shows {told} as in {release.id}; `make refresh` restores it"
    return f"shows {release.id}"


def _schemas(release: Release) -> list[str]:
    return sorted({table.table.split(".")[0] for table in release.manifest.tables})


def _label(release: Release) -> str:
    """What the comment of a schema says that shows this release."""
    return f"{release.id} {release.manifest.fingerprint[:16]}"


def _is_shown(release: Release, labels: Mapping[str, str | None]) -> bool:
    shown = {name: label for name, label in labels.items() if not name.endswith(NEXT)}
    return shown == dict.fromkeys(_schemas(release), _label(release))


def _changed(
    connection: duckdb.DuckDBPyConnection, release: Release, settings: PostgresSettings
) -> list[str]:
    """The tables of a release that somebody changed.

    They are gone, have other columns or more or fewer rows, or the reader may not read them.
    """
    # SQL cannot name a table by a value; XML is how PostgreSQL runs a query made of text in one.
    count = (
        "query_to_xml(format('select count(*) as rows from %I.%I', nspname, relname), "
        "false, true, '')"
    )
    may_read = (
        "coalesce((select has_schema_privilege(roles.oid, schemas.oid, 'usage') "
        "and has_table_privilege(roles.oid, pg_class.oid, 'select') from pg_roles as roles "
        f"where rolname = {sql.literal(settings.reader)}), false)"
    )
    query = (
        f"select nspname || '.' || relname, (xpath('/row/rows/text()', {count}))[1]::text::bigint, "
        f"{may_read} from pg_class join pg_namespace as schemas on schemas.oid = relnamespace "
        f"where relkind = 'r' and nspname in {sql.text_list(_schemas(release))}"
    )
    # A table that somebody is emptying is waited for in moments; one transaction is one session.
    connection.begin()
    _run(connection, [f"set local lock_timeout = {sql.literal(LOCK_WAIT)}"])
    rows = connection.execute("from postgres_query('server', ?)", [query]).fetchall()
    connection.commit()
    there = {name: (count, may_read) for name, count, may_read in rows}
    # DuckDB has the same words for the types of both.
    published, shown = (catalog.columns(connection, name) for name in ("release", "server"))
    # What is made there next, by PostgreSQL's own statements, is not in what DuckDB has noted.
    connection.execute("call pg_clear_cache()")
    return [
        one.table
        for one in release.manifest.tables
        if there.get(one.table) != (one.rows, True)
        or _listed(shown, one.table) != _listed(published, one.table)
    ]


def _listed(
    columns: Mapping[tuple[str, str], catalog.Columns], table: str
) -> list[tuple[str, str]]:
    schema, name = table.split(".")
    return list(columns.get((schema, name), {}).items())


def _require_whole(schemas: list[str], copy: str, tables: int) -> str:
    """Fails where the copy is not all there, or another home has begun one in its place."""
    names = sql.text_list([name + NEXT for name in schemas])
    return (
        "do $$ begin if (select count(*) from pg_class join pg_namespace as schemas "
        f"on schemas.oid = relnamespace where relkind = 'r' and nspname in {names} and "
        f"obj_description(schemas.oid, 'pg_namespace') = {sql.literal(copy)}) <> {tables} "
        "then raise exception 'another home publishes to this database too'; end if; end $$"
    )


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


def _run_between_readers(
    connection: duckdb.DuckDBPyConnection, statements: list[str], before: Callable[[], None]
) -> None:
    """The same, again and again while a reader's transaction is in the way; `before` each time."""
    for pause in (*PAUSES, None):
        before()
        try:
            _run(connection, statements)
            return
        except duckdb.Error as error:
            if pause is None or _LOCKED not in str(error):
                raise
        time.sleep(pause)


def _labels(connection: duckdb.DuckDBPyConnection, release: Release) -> dict[str, str | None]:
    """The comment of each schema that is ours, or that has a name which a release needs.

    One of ours may be none of the release's: its last table has left the marts since.
    """
    needed = [name + end for name in _schemas(release) for end in ("", NEXT)]
    query = (
        "select nspname::text, obj_description(oid, 'pg_namespace') from pg_namespace "
        f"where nspname in {sql.text_list(needed)} "
        f"or obj_description(oid, 'pg_namespace') ~ {sql.literal(f'^({_LABEL.pattern})$')}"
    )
    rows = connection.execute("from postgres_query('server', ?)", [query]).fetchall()
    return dict(rows)


@contextmanager
def _connected(
    release: Release, settings: PostgresSettings, memory_limit: str
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release, read-only, and the server side by side, in a database in memory."""
    with extensions.side_connection(
        "postgres_scanner", release.directory, memory_limit
    ) as connection:
        connection.execute(f"attach {sql.literal(str(release.database))} as release (read_only)")
        connection.execute(f"attach {sql.literal(settings.connection)} as server (type postgres)")
        yield connection


def _reason(error: Exception) -> str:
    """What PostgreSQL said, without the connection string that DuckDB puts into its messages."""
    if isinstance(error, extensions.ExtensionMissingError):
        return str(error)
    if _LOCKED in str(error):
        return "a reader has held its tables in an open transaction all the while"
    if found := re.search(r"(FATAL|ERROR):\s*([^\n]*)", str(error)):
        return found[2].strip()
    # What libpq says of a server; of a string that it cannot read it quotes parts.
    if found := re.search(r"connection to server .* failed: ([^\n]*)", str(error)):
        return f"it cannot be reached: {found[1].strip()}"
    known = [meaning for sign, meaning in _UNREACHED.items() if sign in str(error)]
    return known[0] if known else type(error).__name__
