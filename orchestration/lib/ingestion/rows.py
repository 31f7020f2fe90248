"""A file's rows in temp tables: parsed, their faults described, repetitions marked, stored."""

from contextlib import nullcontext
from dataclasses import dataclass

import duckdb

from orchestration.lib.contract import OPS_SCHEMA
from orchestration.lib.ingestion import emails, odd_rows, repeats, sql
from orchestration.lib.ingestion.files import FileRefusedError
from orchestration.lib.ingestion.mapping import Mapping, map_file
from orchestration.lib.ingestion.reader import Reader, describe
from orchestration.lib.ingestion.run import Run, Task
from orchestration.lib.ingestion.values import REMEDIES

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
    reader.create("parsed", _parsed_select(mapping.rows, mapping))
    if not reader.is_materialised and reader.check_rejects():
        reader.materialise()
        reader.create("parsed", _parsed_select("source", mapping))
    connection = reader.run.connection
    odd_rows.set_apart(reader, task, mapping)
    repeats.set_contradictions_apart(connection, task)
    counted = connection.execute(
        "select count(*), count(*) filter (where not _bad) from parsed"
    ).fetchone()
    total, good = counted or (0, 0)
    read = total + len(reader.ragged)
    if good < read:
        _describe_faults(reader, task, mapping)
        _check_tolerance(connection, read, read - good, tolerance)
    return ParsedFile(read, good, reader.file_rows() or read, mapping.ignored_columns)


def _stepwise(rows: str, mapping: Mapping, condition: str = "true") -> str:
    """SQL of `_row_number`, texts and values, each computed once."""
    parts = mapping.parts
    texts = ", ".join(f"{part.text} as {part.text_name}" for part in parts)
    middles = "".join(f", {part.middle} as {part.middle_name}" for part in parts if part.middle)
    values = ", ".join(f"{part.value} as {part.value_name}" for part in parts)
    steps = f"(select _row_number, {texts} from {mapping.with_made(rows)} where {condition})"
    if middles:
        steps = f"(select *{middles} from {steps})"
    return f"(select *, {values} from {steps})"


def _parsed_select(rows: str, mapping: Mapping) -> str:
    values = ", ".join(part.value_name for part in mapping.parts)
    faults = [f"{part.fault} is not null" for part in mapping.parts if part.fault]
    bad = " or ".join(faults) if faults else "false"
    return f"select _row_number, {values}, ({bad}) as _bad from {_stepwise(rows, mapping)}"


def _check_tolerance(
    connection: duckdb.DuckDBPyConnection, read: int, bad: int, tolerance: float
) -> None:
    if bad <= tolerance * read:
        return
    worst = connection.execute(
        "select coalesce(column_name, 'the line'), reason_code, min(line_number), count(*) "
        "from faults group by 1, 2 order by count(*) desc, 1, 2 limit 1"
    ).fetchone()
    connection.execute(
        "delete from faults where row_number not in (select distinct row_number from faults "
        f"order by row_number limit {_DESCRIBED_ROWS_OF_REFUSED_FILE})"
    )
    cause = remedy = ""
    if worst:
        column, reason, line, count = worst
        place = f" as in line {line}" if line else ""
        cause, remedy = f", most often {column} ({reason}){place}", f" {REMEDIES[reason]}"
        if reason == "missing_required" and count == read:
            remedy = " No row has a value there: its field may have another name now."
    raise ToleranceError(
        f"has {bad} bad rows of {read}{cause}, more than the tolerated {tolerance:.2%}; repair "
        f"the file or its source.yaml, see ops.quarantine.{remedy}",
        read,
    )


def _describe_faults(reader: Reader, task: Task, mapping: Mapping) -> None:
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
    reader.create("bad_rows", f"select * from {_stepwise(rows, mapping, is_bad)}")
    for part in mapping.parts:
        if part.fault is None:
            continue
        shown = f"left({part.text_name}::varchar, {_SHOWN_CHARACTERS})" if part.is_shown else "null"
        connection.execute(
            f"insert into faults select _row_number, null, {sql.literal(part.column)}, "
            f"{part.fault} as fault, {shown} from bad_rows where fault is not null"
        )
    connection.execute("drop table bad_rows")
    _describe_odd_rows(connection, task)
    numbers = list(reader.ragged)
    if not mapping.is_numbered_as_file:
        # After the numbers of a query's results, which are none of the file's.
        counted = connection.execute("select count(*) from mapped").fetchone()
        numbers = [n + (counted[0] if counted else 0) for n in range(1, len(numbers) + 1)]
    connection.execute(
        "insert into faults select unnest($1::bigint[]), unnest($2::bigint[]), null, "
        "'wrong_column_count', null",
        [numbers, list(reader.ragged.values())],
    )
    if mapping.file_row:
        _add_lines(reader, rows, mapping)


def _describe_odd_rows(connection: duckdb.DuckDBPyConnection, task: Task) -> None:
    """Adds rows that are odd as a whole; of one whose key came before, the key."""
    key = [column for column in task.table.columns if column.name in task.table.key]
    is_shown = all(column.personal is None and not column.url for column in key)
    delivered = set(describe(connection, "parsed"))
    texts = [f"{sql.identifier(c.name)}::varchar" for c in key if c.name in delivered]
    value = f"left(concat_ws(', ', {', '.join(texts)}), {_SHOWN_CHARACTERS})"
    named = sql.literal(", ".join(task.table.key))
    if not is_shown or not texts:
        value = "null"
    connection.execute(
        f"""
        insert into faults
        select
            _row_number,
            null,
            case when reason_code = 'duplicate_key' then {named} end,
            reason_code,
            case when reason_code = 'duplicate_key' then {value} end
        from odd_rows
        join parsed using (_row_number)
        """
    )


def _add_lines(reader: Reader, rows: str, mapping: Mapping) -> None:
    connection = reader.run.connection
    wanted = connection.execute(
        "select distinct row_number, row_number from faults where line_number is null"
        if mapping.is_numbered_as_file
        else f"select _row_number, {mapping.file_row} from {rows} "
        f"where {mapping.file_row} is not null and "
        "_row_number in (select row_number from faults where line_number is null)"
    ).fetchall()
    if not wanted:
        return
    found = reader.lines({int(row) for _, row in wanted})
    lines = {int(number): found[row] for number, row in wanted if row in found}
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
    # A shifted row has addresses where its configuration expects none.
    value = f"case when not ({emails.is_held('raw_value')}) then raw_value end"
    connection.execute(
        f"insert into {OPS_SCHEMA}.quarantine select ?, ?, ?, ?, row_number, line_number, "
        f"column_name, reason_code, case reason_code {remedies} end, {value} from faults "
        "order by row_number, column_name nulls first",
        [batch, task.source, task.table.name, file_name],
    )


def insert(run: Run, task: Task, file_name: str, batch: int) -> None:
    """Stores the good rows of `parsed` that repeat nothing."""
    columns = _all_columns(task, set(describe(run.connection, "parsed")))
    run.connection.execute(
        f"insert into {sql.raw_table(task.table.name)} "
        f"select {columns}, ?, ?, _row_number, ?::timestamp, ?::bigint from parsed "
        "where not _bad and _row_number not in (select _row_number from repeated)",
        [task.source, file_name, run.as_of, batch],
    )


def _all_columns(task: Task, delivered: set[str]) -> str:
    return ", ".join(
        sql.identifier(column.name) if column.name in delivered else f"null::{column.data_type}"
        for column in task.table.columns
    )


def insert_clean(run: Run, reader: Reader, task: Task, file_name: str, *, batch: int) -> ParsedFile:
    """Stores a file's rows in one pass, which ends with `repeats.NotCleanError` at the first fault.

    Equal to `parse_file` and `insert` for a file that has none. Call inside a transaction. Raises
    `FileRefusedError` for a file of which nothing is loaded.
    """
    reader.open(task.settings)
    if task.config.query is not None or reader.ragged:
        raise repeats.NotCleanError
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
    raw = sql.raw_table(task.table.name)
    statement = (
        f"insert into {raw} select {columns}, {sql.literal(task.source)}, "
        f"{sql.literal(file_name)}, {guard}, {sql.literal(run.as_of.isoformat())}::timestamp, "
        f"{batch}::bigint from {_stepwise(reader.strict_rows(), mapping)}"
    )
    try:
        with run.one_thread() if reader.csv else nullcontext():
            inserted = run.connection.execute(statement).fetchone()
    except duckdb.Error:
        raise repeats.NotCleanError from None
    read = int(inserted[0]) if inserted else 0
    if odd_rows.ends_in_total(run.connection, task, raw, batch=batch, rows=read):
        raise repeats.NotCleanError
    return ParsedFile(read, read, read, mapping.ignored_columns)
