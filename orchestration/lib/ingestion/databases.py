"""Batches from PostgreSQL and SQLite: read as text, written to Parquet, loaded like any file.

The database writes every value as text itself, so that amounts keep their digits and every type
passes the same checks as a file's. A batch is archived before it is loaded: a rebuild needs no
database. Its name ends in the highest value of the cursor that it covers, from where the next one
goes on.

The connection string stands in an environment variable only. DuckDB quotes it in its errors, and
the database quotes values: neither text leaves this module, a few known causes are told instead.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from orchestration import settings
from orchestration.lib.contract import did_you_mean
from orchestration.lib.ingestion import extensions, files, sql
from orchestration.lib.ingestion.files import FileRefusedError, StagedFile
from orchestration.lib.ingestion.run import Run, Task
from orchestration.lib.ingestion.transient import UnavailableError, attempt
from orchestration.lib.locations import DatabaseLocation

Mark = datetime | int

_EXTENSIONS = {"postgres": "postgres_scanner", "sqlite": "sqlite_scanner"}
_MEMORY_LIMIT = "256MB"
_NAME = re.compile(r"/(\d{6,})(?:_until_(?:(\d{8}T\d{12})|(-?\d+)))?\.parquet$")
_STAMP = "%Y%m%dT%H%M%S%f"
# How PostgreSQL writes dates here, whatever its session is set to: a pooler takes no settings.
_INSTANT = "YYYY-MM-DD HH24:MI:SS.US"
_ISO = {
    "DATE": "to_char({0}, 'YYYY-MM-DD')",
    "TIMESTAMP": f"to_char({{0}}, '{_INSTANT}')",
    "TIMESTAMP WITH TIME ZONE": f"to_char({{0}} at time zone 'UTC', '{_INSTANT}') || 'Z'",
}
_CONNECT_SECONDS = "10"
# An SQLite text may have any offset: the day before is before it in all of them.
_OFFSETS = timedelta(days=1)
_CLOCK_CHANGE = timedelta(hours=1)

_TRANSIENT = re.compile(
    r"connection refused|timeout expired|timed out|connection reset|closed the connection"
    r"|no route to host|network is unreachable|temporary failure|starting up|shutting down"
    r"|recovery mode|too many clients|remaining connection slots|statement timeout|lock timeout"
    r"|conflict with recovery|database is locked",
    re.IGNORECASE,
)
_CAUSES = (
    (r"password authentication failed|no password supplied|pg_hba\.conf|role \"", "lets nobody in "
     "with that user and password; check the connection string"),
    (r"database \"[^\"]*\" does not exist", "has no database of that name; check the connection "
     "string"),
    (r"could not translate host name", "is on a host that nobody knows; check the connection "
     "string"),
    (r"after \"|invalid (?:connection option|URI|port|integer)|missing \"=\"|unexpected (?:spaces|"
     r"character)|unterminated quoted", "has a connection string that is not valid; write it like "
     "postgresql://user:password@host:5432/database"),
    (r"unable to open database file", "cannot be opened; check path and permissions"),
    (r"file is not a database|malformed|disk image", "is no sound SQLite file; check it"),
    (r"duplicate column name", "gives two columns the same name; name them in the query"),
    (r"syntax error", "does not understand the query; try it in the database's own client"),
    (r"(?i)out of memory", "gives more than fits into memory; read less at a time by a `cursor`"),
    (r"permission denied", "does not let this user read that; grant it select"),
)  # fmt: skip
_NAMED_CAUSES = (
    (r"relation \"([^\"]*)\" does not exist|no such table: (\S+)", "has no table or view {!r}"),
    (r"column \"?([\w.]+)\"? does not exist|no such column: (\S+)", "has no column {!r}"),
)


@dataclass(frozen=True)
class _Source:
    """An attached database: how it is asked, and what its messages call it."""

    connection: duckdb.DuckDBPyConnection
    location: DatabaseLocation

    @property
    def base(self) -> str:
        """The rows to read, in the database's own SQL."""
        if self.location.query:
            return f"({self.location.query.strip().rstrip(';')}\n) as source"
        parts = (self.location.table or "").split(".")
        return f"(select * from {'.'.join(sql.identifier(part) for part in parts)}) as source"

    def ask(self, statement: str) -> str:
        """SQL of a relation that the database computes."""
        return f"{self.location.database}_query('db', {sql.literal(statement)})"

    def columns(self) -> dict[str, str]:
        """The columns of `base` and their DuckDB types."""
        described = self.connection.execute(
            f"describe select * from {self.ask(f'select * from {self.base} limit 0')}"
        ).fetchall()
        return {str(row[0]): str(row[1]) for row in described}

    def text(self, column: str, data_type: str) -> str:
        """A column as text, in the database's own SQL."""
        name = sql.identifier(column)
        if self.location.database == "postgres" and data_type in _ISO:
            iso = _ISO[data_type].format(name)
            return f"case when isfinite({name}) then {iso} else {name}::text end"
        if self.location.database == "postgres":
            return f"{name}::text"
        return f"case typeof({name}) when 'blob' then hex({name}) else cast({name} as text) end"


def extract(run: Run, location: DatabaseLocation, tasks: list[Task]) -> StagedFile | None:
    """The next batch of a table or query, None where nothing changed since the last one.

    Raises `FileRefusedError` where the database does not give it; a database that does not answer
    is asked again a few times.
    """
    since = _mark_of(run, location, tasks)
    name = f"{location.label}/{_next_number(run, location, tasks):06d}"
    target = run.scratch / "incoming" / f"{uuid.uuid4().hex}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    run.progress(f"{', '.join(task.table.name for task in tasks)} from {location.label}")
    count, until = attempt(lambda: _copy(run, location, since, target))
    if not count and since is not None:
        target.unlink()
        return None
    if until is not None:
        name += f"_until_{until.strftime(_STAMP) if isinstance(until, datetime) else until}"
    content_hash = files.hash_file(target)
    size = target.stat().st_size
    return files.prepare(target, f"{name}.parquet", content_hash, size, max_ratio=1)


def _batches(run: Run, location: DatabaseLocation, task: Task) -> list[tuple[str, "re.Match[str]"]]:
    """Status and parsed name of each batch of this location in a table's ledger."""
    found = []
    for entry in run.known(task).entries.values():
        match = _NAME.search(entry.file_name)
        if match and entry.file_name.startswith(f"{location.label}/"):
            found.append((entry.status, match))
    return found


def _next_number(run: Run, location: DatabaseLocation, tasks: list[Task]) -> int:
    numbers = [int(match[1]) for task in tasks for _, match in _batches(run, location, task)]
    return max(numbers, default=0) + 1


def _highest_loaded(batches: list[tuple[str, "re.Match[str]"]]) -> Mark | None:
    """The highest value in the names of loaded batches; one without a value starts anew."""
    loaded = [match for status, match in batches if status == "loaded"]
    started = max((int(match[1]) for match in loaded if not match[2] and not match[3]), default=0)
    since = [match for match in loaded if int(match[1]) > started]
    instants = [datetime.strptime(match[2], _STAMP) for match in since if match[2]]
    numbers = [int(match[3]) for match in since if match[3]]
    # So does a cursor that changed from numbers to instants.
    if bool(instants) == bool(numbers):
        return None
    return max(instants) if instants else max(numbers)


def _mark_of(run: Run, location: DatabaseLocation, tasks: list[Task]) -> Mark | None:
    """From where to read: the highest value that all the tables hold, less the look-back.

    None where one of them holds nothing yet, or where everything is read each time.
    """
    if location.cursor is None:
        return None
    marks: list[Mark] = []
    for task in tasks:
        mark = _highest_loaded(_batches(run, location, task))
        if mark is None:
            return None
        marks.append(mark)
    lowest = min(marks, key=lambda mark: (isinstance(mark, int), mark))
    span = location.span
    if isinstance(lowest, datetime):
        back = span if isinstance(span, timedelta) else timedelta(0)
        if any(task.settings.timezone != "UTC" for task in tasks):
            # In autumn local time goes back: what changes then is dated before what is loaded.
            back += _CLOCK_CHANGE
        return lowest - back
    return lowest - (span if isinstance(span, int) else 0)


def _copy(
    run: Run, location: DatabaseLocation, since: Mark | None, target: Path
) -> tuple[int, Mark | None]:
    """Writes a batch; how many rows it has and the highest value of the cursor."""
    fault: FileRefusedError | None = None
    try:
        with _attached(run, location) as source:
            return _copy_from(run, source, since, target)
    except duckdb.Error as error:
        fault = _fault(location, str(error))
    # Raised here, where the error with the connection string is no longer its context.
    raise fault


def _copy_from(
    run: Run, source: _Source, since: Mark | None, target: Path
) -> tuple[int, Mark | None]:
    columns = source.columns()
    cursor = _cursor_name(source.location, list(columns))
    selected = ", ".join(
        f"{source.text(name, data_type)} as {sql.identifier(name)}"
        for name, data_type in columns.items()
    )
    statement = f"select {selected} from {source.base}"
    if since is not None and cursor:
        name = sql.identifier(cursor)
        statement += f" where {name} >= {_literal(source.location, since)} or {name} is null"
    path = sql.literal(str(target))
    # In one order, so that the same rows are the same bytes.
    source.connection.execute(
        f"copy (select * from {source.ask(statement)} order by all) to {path} "
        "(format parquet, compression zstd)"
    )
    row = source.connection.execute(f"select count(*) from read_parquet({path})").fetchone()
    count = int(row[0]) if row else 0
    return count, _highest(run, source, cursor, path) if cursor and count else None


def _cursor_name(location: DatabaseLocation, columns: list[str]) -> str | None:
    if location.cursor is None:
        return None
    by_fold = {name.casefold(): name for name in columns}
    if location.cursor.casefold() not in by_fold:
        raise FileRefusedError(
            f"has no column {location.cursor!r}, its `cursor`"
            f"{did_you_mean(location.cursor, columns)}"
        )
    return by_fold[location.cursor.casefold()]


def _literal(location: DatabaseLocation, since: Mark) -> str:
    if isinstance(since, int):
        return str(since)
    if location.database == "sqlite":
        return f"'{since - _OFFSETS:%Y-%m-%d}'"
    return f"'{since:%Y-%m-%d %H:%M:%S.%f}+00'"


def _highest(run: Run, source: _Source, cursor: str, path: str) -> Mark | None:
    """The highest value of the cursor in a batch; an instant after this refresh counts as now.

    Otherwise one row from the future would hide all that changes before its date.
    """
    name = sql.identifier(cursor)
    row = source.connection.execute(
        f"""
        select
            count({name}),
            count(try_cast({name} as bigint)),
            max(try_cast({name} as bigint)),
            count(try_cast({name} as timestamptz)),
            least(max(timezone('UTC', try_cast({name} as timestamptz))), ?::timestamp)
        from read_parquet({path})
        """,
        [run.as_of],
    ).fetchone()
    filled, numbers, highest_number, instants, highest_instant = row or (0, 0, None, 0, None)
    if numbers == filled:
        return None if highest_number is None else int(highest_number)
    if instants == filled and isinstance(highest_instant, datetime):
        return highest_instant
    raise FileRefusedError(
        f"has a `cursor` {cursor!r} that holds neither instants nor whole numbers; choose another."
    )


@contextmanager
def _attached(run: Run, location: DatabaseLocation) -> Iterator[_Source]:
    """A database attached for reading to an own DuckDB that can write below scratch only."""
    place = _place(run, location)
    client = {"PGAPPNAME": "kpi-warehouse"}
    if not settings.variable("PGCONNECT_TIMEOUT"):
        client["PGCONNECT_TIMEOUT"] = _CONNECT_SECONDS
    name = _EXTENSIONS[location.database]
    with (
        settings.environment(client),
        extensions.side_connection(name, run.scratch, _MEMORY_LIMIT) as connection,
    ):
        connection.execute(
            f"attach {sql.literal(place)} as db (type {location.database}, read_only)"
        )
        connection.execute(f"set allowed_directories = [{sql.literal(f'{run.scratch}/')}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield _Source(connection, location)


def _place(run: Run, location: DatabaseLocation) -> str:
    """Connection string or path; raises `FileRefusedError` where the variable is not set."""
    if location.path:
        return str(run.landing / location.path)
    name = location.connection_env or ""
    value = settings.variable(name)
    if not value:
        raise FileRefusedError(
            f"cannot be read: {name} is not set; set it to the connection string (PostgreSQL) or "
            "path (SQLite)."
        )
    if location.database == "sqlite":
        value = str(run.landing / value.removeprefix("sqlite:///"))
    return value


def files_of(run: Run, location: DatabaseLocation) -> list[Path]:
    """The files of an SQLite database, with those that its writer keeps beside it; else none."""
    if location.database != "sqlite":
        return []
    try:
        place = _place(run, location)
    except FileRefusedError:
        # It is said where it is read.
        return []
    return [Path(f"{place}{ending}") for ending in ("", "-wal", "-shm", "-journal")]


def _fault(location: DatabaseLocation, text: str) -> FileRefusedError:
    """A known cause as a sentence, with names from source.yaml at most; never the text itself."""
    if found := _TRANSIENT.search(text):
        return UnavailableError(
            f"does not answer ({found[0].lower()}); it is asked again at the next refresh."
        )
    for pattern, sentence in _CAUSES:
        if re.search(pattern, text):
            return FileRefusedError(f"{sentence}.")
    for pattern, sentence in _NAMED_CAUSES:
        if found := re.search(pattern, text):
            name = next(group for group in found.groups() if group)
            # A value can look like a name only where source.yaml does not mention it.
            if name in f"{location.table} {location.query} {location.cursor}":
                return FileRefusedError(f"{sentence.format(name)}; check source.yaml.")
    return FileRefusedError(
        "refuses the query for a reason that may hold personal data; try it in the database's own "
        "client."
    )
