"""A file's rows in temp tables: parsed, their faults described, repetitions marked, stored."""

from dataclasses import dataclass

import duckdb

from orchestration.lib.contract import OPS_SCHEMA, RAW_SCHEMA
from orchestration.lib.ingestion import odd_rows, sql
from orchestration.lib.ingestion.files import FileRefusedError
from orchestration.lib.ingestion.mapping import Mapping, map_file
from orchestration.lib.ingestion.reader import Reader, describe
from orchestration.lib.ingestion.run import Run, Task
from orchestration.lib.ingestion.values import REMEDIES, Parsed

# A refused file is kept whole; of its bad rows this many are described.
_DESCRIBED_ROWS_OF_REFUSED_FILE = 1000
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class ParsedFile:
    """Rows for the table and those without a fault; the header's columns that nobody reads.

    `file_rows` are the rows of the file itself, which a query may have made fewer or more of.
    """

    rows_read: int
    rows_good: int
    file_rows: int
    ignored_columns: tuple[str, ...]


class ToleranceError(FileRefusedError):
    """Too many bad rows; the temp table `faults` describes the first of them."""

    def __init__(self, reason: str, rows_read: int) -> None:
        super().__init__(reason)
        self.rows_read = rows_read


def parse_file(reader: Reader, task: Task, tolerance: float) -> ParsedFile:
    """Fills the temp tables `parsed` (values and `_bad`) and, where rows are bad, `faults`.

    Raises `FileRefusedError` for a file of which nothing is loaded.
    """
    reader.open(task.settings)
    mapping = map_file(reader, task)
    reader.create("parsed", _parsed_select(mapping.rows, mapping.parts))
    if not reader.is_materialised and reader.check_rejects():
        reader.materialise()
        reader.create("parsed", _parsed_select("source", mapping.parts))
    connection = reader.run.connection
    odd_rows.set_apart(reader, task, mapping)
    counted = connection.execute(
        "select count(*), count(*) filter (where not _bad) from parsed"
    ).fetchone()
    total, good = counted or (0, 0)
    read = total + len(reader.ragged)
    if good < read:
        _describe_faults(reader, mapping)
        _check_tolerance(connection, read, read - good, tolerance)
    return ParsedFile(read, good, reader.file_rows() or read, mapping.ignored_columns)


def _stepwise(rows: str, parts: list[Parsed], condition: str = "true") -> str:
    """SQL of `_row_number`, texts and values, each computed once."""
    texts = ", ".join(f"{part.text} as {part.text_name}" for part in parts)
    values = ", ".join(f"{part.value} as {part.value_name}" for part in parts)
    return f"(select *, {values} from (select _row_number, {texts} from {rows} where {condition}))"


def _parsed_select(rows: str, parts: list[Parsed]) -> str:
    values = ", ".join(part.value_name for part in parts)
    faults = [f"{part.fault} is not null" for part in parts if part.fault]
    bad = " or ".join(faults) if faults else "false"
    return f"select _row_number, {values}, ({bad}) as _bad from {_stepwise(rows, parts)}"


def _check_tolerance(
    connection: duckdb.DuckDBPyConnection, read: int, bad: int, tolerance: float
) -> None:
    if bad <= tolerance * read:
        return
    worst = connection.execute(
        "select coalesce(column_name, 'the line'), reason_code from faults "
        "group by 1, 2 order by count(*) desc, 1, 2 limit 1"
    ).fetchone()
    connection.execute(
        "delete from faults where row_number not in (select distinct row_number from faults "
        f"order by row_number limit {_DESCRIBED_ROWS_OF_REFUSED_FILE})"
    )
    cause = f", most often {worst[0]} ({worst[1]})" if worst else ""
    raise ToleranceError(
        f"has {bad} bad rows of {read}{cause}, more than the tolerated {tolerance:.2%}; repair "
        "the file or its source.yaml, see ops.quarantine.",
        read,
    )


def _describe_faults(reader: Reader, mapping: Mapping) -> None:
    """Fills the temp table `faults`: one row per bad value and per ragged line."""
    connection = reader.run.connection
    rows = mapping.rows if mapping.rows == "mapped" else reader.rows()
    connection.execute(
        "create or replace temp table faults (row_number bigint, line_number bigint, "
        "column_name varchar, reason_code varchar, raw_value varchar)"
    )
    is_bad = (
        "_row_number in (select _row_number from parsed where _bad) "
        "and _row_number not in (select _row_number from odd_rows)"
    )
    reader.create("bad_rows", f"select * from {_stepwise(rows, mapping.parts, is_bad)}")
    for part in mapping.parts:
        if part.fault is None:
            continue
        shown = f"left({part.text_name}::varchar, {_SHOWN_CHARACTERS})" if part.is_shown else "null"
        connection.execute(
            f"insert into faults select _row_number, null, {sql.literal(part.column)}, "
            f"{part.fault} as fault, {shown} from bad_rows where fault is not null"
        )
    connection.execute("drop table bad_rows")
    connection.execute(
        "insert into faults select _row_number, null, null, reason_code, null from odd_rows"
    )
    connection.execute(
        "insert into faults select unnest($1::bigint[]), unnest($2::bigint[]), null, "
        "'wrong_column_count', null",
        [list(reader.ragged), list(reader.ragged.values())],
    )
    if mapping.has_file_rows:
        _add_lines(reader)


def _add_lines(reader: Reader) -> None:
    connection = reader.run.connection
    wanted = connection.execute(
        "select distinct row_number from faults where line_number is null"
    ).fetchall()
    if not wanted:
        return
    lines = reader.lines({int(row) for (row,) in wanted})
    connection.execute(
        "update faults set line_number = found.line from "
        "(select unnest($1::bigint[]) as row, unnest($2::bigint[]) as line) as found "
        "where faults.row_number = found.row",
        [list(lines), list(lines.values())],
    )


def write_faults(
    connection: duckdb.DuckDBPyConnection, task: Task, file_name: str, batch: int
) -> None:
    """Copies the temp table `faults` into the quarantine of `batch`."""
    remedies = " ".join(
        f"when {sql.literal(code)} then {sql.literal(remedy)}" for code, remedy in REMEDIES.items()
    )
    connection.execute(
        f"insert into {OPS_SCHEMA}.quarantine select ?, ?, ?, ?, row_number, line_number, "
        f"column_name, reason_code, case reason_code {remedies} end, raw_value from faults "
        "order by row_number, column_name nulls first",
        [batch, task.source, task.table.name, file_name],
    )


def mark_repeated(
    connection: duckdb.DuckDBPyConnection, task: Task, *, own_batch: int | None = None
) -> int:
    """Fills the temp table `repeated` with good rows that repeat a stored or earlier row exactly.

    The rows are those of `parsed`, or those that `own_batch` has in the raw table. Only keyed
    tables that are appended or upserted can repeat; returns the number of such rows. The key's
    hash finds the few candidates, all columns decide.
    """
    connection.execute("create or replace temp table repeated (_row_number bigint)")
    raw = f"{RAW_SCHEMA}.{sql.identifier(task.table.name)}"
    if own_batch is None:
        delivered = set(describe(connection, "parsed"))
        good = "(select * from parsed where not _bad)"
    else:
        delivered = set(task.table.column_names)
        good = f"(select * from {raw} where _batch_id = {own_batch})"
    key = ", ".join(sql.identifier(name) for name in task.table.key if name in delivered)
    if not key or task.config.load == "snapshot":
        return 0
    columns = [name for name in task.table.column_names if name in delivered]
    absent = [name for name in task.table.column_names if name not in delivered]
    stored = (
        f"(select * from {raw} where _source = {sql.literal(task.source)} "
        f"and _batch_id <> {own_batch or 0}{_same_period(connection, task, good, delivered)})"
    )
    named = ", ".join(sql.identifier(name) for name in columns)
    same = " and ".join(
        f"stored.{sql.identifier(name)} is not distinct from candidate.{sql.identifier(name)}"
        for name in columns
    )
    empty = "".join(f" and stored.{sql.identifier(name)} is null" for name in absent)
    connection.execute(
        f"""
        create or replace temp table shared_keys as
        with
        keyed as materialized (select hash({key}) as key_hash from {good})
        select key_hash from keyed group by key_hash having count(*) > 1
        union
        select key_hash from keyed where key_hash in (select hash({key}) from {stored})
        """
    )
    shared = connection.execute("select count(*) from shared_keys").fetchone()
    if not shared or not shared[0]:
        return 0
    connection.execute(
        f"""
        insert into repeated
        select _row_number
        from (
            select
                _row_number,
                {named},
                row_number() over (partition by {named} order by _row_number) as occurrence
            from {good}
            where hash({key}) in (select key_hash from shared_keys)
        ) as candidate
        where occurrence > 1 or exists (
            select 1 from {stored} as stored where {same}{empty}
        )
        """
    )
    row = connection.execute("select count(*) from repeated").fetchone()
    return int(row[0]) if row else 0


def _same_period(
    connection: duckdb.DuckDBPyConnection, task: Task, good: str, delivered: set[str]
) -> str:
    """SQL that limits stored rows to the days of the new ones: others cannot be equal to them.

    Raw tables grow by time, so DuckDB skips all blocks of other days, and a day costs the same
    however long the history is.
    """
    times = [
        sql.identifier(column.name)
        for column in task.table.columns
        if column.data_type in ("timestamp", "date") and column.name in delivered
    ]
    if not times:
        return ""
    selected = ", ".join(
        f"case when count(*) = count({name}) then min({name})::varchar end, max({name})::varchar"
        for name in times
    )
    row = connection.execute(f"select {selected} from {good}").fetchone() or ()
    return "".join(
        f" and {name} between {sql.literal(low)} and {sql.literal(high)}"
        for name, low, high in zip(times, row[::2], row[1::2], strict=True)
        if low is not None
    )


def insert(run: Run, task: Task, file_name: str, batch: int) -> None:
    """Stores the good rows of `parsed` that repeat nothing."""
    columns = _all_columns(task, set(describe(run.connection, "parsed")))
    run.connection.execute(
        f"insert into {RAW_SCHEMA}.{sql.identifier(task.table.name)} "
        f"select {columns}, ?, ?, _row_number, ?::timestamp, ?::bigint from parsed "
        "where not _bad and _row_number not in (select _row_number from repeated)",
        [task.source, file_name, run.as_of, batch],
    )


def _all_columns(task: Task, delivered: set[str]) -> str:
    return ", ".join(
        sql.identifier(column.name) if column.name in delivered else f"null::{column.data_type}"
        for column in task.table.columns
    )


class NotCleanError(Exception):
    """A file with a row that is not plainly good: it is read again, row by row accounted for."""


def insert_clean(run: Run, reader: Reader, task: Task, file_name: str, *, batch: int) -> ParsedFile:
    """Stores a file's rows in one pass, which ends with `NotCleanError` at the first fault.

    Equal to `parse_file` and `insert` for a file that has none. Call inside a transaction. Raises
    `FileRefusedError` for a file of which nothing is loaded.
    """
    reader.open(task.settings)
    if task.config.query is not None or reader.ragged:
        raise NotCleanError
    mapping = map_file(reader, task)
    faults = [f"{part.fault} is not null" for part in mapping.parts if part.fault]
    suspect = odd_rows.suspect_header(reader, task)
    if suspect:
        faults.append(suspect)
    guard = (
        f"case when {' or '.join(faults)} then error('not clean')::bigint else _row_number end"
        if faults
        else "_row_number"
    )
    columns = _all_columns(task, {part.column for part in mapping.parts})
    raw = f"{RAW_SCHEMA}.{sql.identifier(task.table.name)}"
    try:
        inserted = run.connection.execute(
            f"insert into {raw} select {columns}, {sql.literal(task.source)}, "
            f"{sql.literal(file_name)}, {guard}, {sql.literal(run.as_of.isoformat())}::timestamp, "
            f"{batch}::bigint from {_stepwise(reader.strict_rows(), mapping.parts)}"
        ).fetchone()
    except duckdb.Error:
        raise NotCleanError from None
    read = int(inserted[0]) if inserted else 0
    if odd_rows.ends_in_total(run.connection, task, raw, batch=batch, rows=read):
        raise NotCleanError
    return ParsedFile(read, read, read, mapping.ignored_columns)


def delete_repeated(run: Run, task: Task, batch: int) -> int:
    """Takes rows of a batch that repeat others out of the raw table again; returns how many."""
    repeated = mark_repeated(run.connection, task, own_batch=batch)
    if repeated:
        run.connection.execute(
            f"delete from {RAW_SCHEMA}.{sql.identifier(task.table.name)} where _batch_id = ? "
            "and _row_number in (select _row_number from repeated)",
            [batch],
        )
    return repeated
