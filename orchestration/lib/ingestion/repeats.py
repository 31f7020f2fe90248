"""One key, several rows: repetitions are counted once, contradictions set apart.

Rows of one file that share a key and say different things contradict each other, unless different
`updated_at` say which is the later one. The first is kept, the others are bad rows: a spend report
by device, loaded by a key that knows no device, would lose money without a word.
"""

import duckdb

from orchestration.lib.contract import RAW_SCHEMA
from orchestration.lib.ingestion import sql
from orchestration.lib.ingestion.reader import describe
from orchestration.lib.ingestion.run import Run, Task

_VERSION = "updated_at"


class NotCleanError(Exception):
    """A file with a row that is not plainly good: it is read again, row by row accounted for."""


def set_contradictions_apart(connection: duckdb.DuckDBPyConnection, task: Task) -> None:
    """Marks rows of the temp table `parsed` that contradict an earlier one, in `odd_rows` too."""
    delivered = set(describe(connection, "parsed"))
    good = "(select * from parsed where not _bad)"
    key = _key(task, delivered)
    if not key:
        return
    connection.execute(
        "create or replace temp table shared_keys as "
        f"select hash({key}) as key_hash from {good} group by key_hash having count(*) > 1"
    )
    connection.execute(
        "insert into odd_rows select _row_number, 'duplicate_key' from "
        f"({_contradictions(task, good, delivered)})"
    )
    connection.execute(
        "update parsed set _bad = true where _row_number in "
        "(select _row_number from odd_rows where reason_code = 'duplicate_key')"
    )


def _key(task: Task, delivered: set[str]) -> str:
    return ", ".join(sql.identifier(name) for name in task.table.key if name in delivered)


def _named(task: Task, delivered: set[str]) -> str:
    names = [name for name in task.table.column_names if name in delivered]
    return ", ".join(sql.identifier(name) for name in names)


def _contradictions(task: Task, good: str, delivered: set[str]) -> str:
    """SQL: the numbers of rows with a key in `shared_keys` that contradict an earlier row."""
    key, named = _key(task, delivered), _named(task, delivered)
    version = f", {sql.identifier(_VERSION)}" if _VERSION in delivered else ""
    return f"""
        select _row_number
        from (
            select
                _row_number,
                min(_row_number) over (partition by {named}) as first_of_content,
                min(_row_number) over (partition by {key}{version}) as first_of_key
            from {good}
            where hash({key}) in (select key_hash from shared_keys)
        )
        where first_of_content <> first_of_key
    """


def mark_repeated(
    connection: duckdb.DuckDBPyConnection, task: Task, *, own_batch: int | None = None
) -> int:
    """Fills the temp table `repeated` with good rows that repeat a stored or earlier row exactly.

    The rows are those of `parsed`, or those that `own_batch` has in the raw table; the latter raise
    `NotCleanError` where they contradict each other. A snapshot replaces what is stored: only its
    own rows are compared. Returns the number of such rows. The key's hash finds the few
    candidates, all columns decide.
    """
    connection.execute("create or replace temp table repeated (_row_number bigint)")
    raw = f"{RAW_SCHEMA}.{sql.identifier(task.table.name)}"
    if own_batch is None:
        delivered = set(describe(connection, "parsed"))
        good = "(select * from parsed where not _bad)"
    else:
        delivered = set(task.table.column_names)
        good = f"(select * from {raw} where _batch_id = {own_batch})"
    key = _key(task, delivered)
    if not key:
        return 0
    stored = (
        ""
        if task.config.load == "snapshot"
        else _stored(connection, task, good, delivered, own_batch or 0)
    )
    also_stored = (
        f"union all select key_hash, false from keyed where key_hash in "
        f"(select hash({key}) from {stored}) group by key_hash"
        if stored
        else ""
    )
    connection.execute(
        f"""
        create or replace temp table shared_keys as
        with
        keyed as materialized (select hash({key}) as key_hash from {good})
        select key_hash, true as is_twice from keyed group by key_hash having count(*) > 1
        {also_stored}
        """
    )
    shared = connection.execute("select count(*), bool_or(is_twice) from shared_keys").fetchone()
    if not shared or not shared[0]:
        return 0
    if own_batch is not None and shared[1]:
        contradictions = _contradictions(task, good, delivered)
        if connection.execute(f"{contradictions} limit 1").fetchone():
            raise NotCleanError
    named = _named(task, delivered)
    repeats_stored = _repeats_stored(task, stored, delivered) if stored else "false"
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
        where occurrence > 1 or {repeats_stored}
        """
    )
    row = connection.execute("select count(*) from repeated").fetchone()
    return int(row[0]) if row else 0


def _stored(
    connection: duckdb.DuckDBPyConnection, task: Task, good: str, delivered: set[str], own: int
) -> str:
    """SQL of the stored rows that the good ones may repeat."""
    return (
        f"(select * from {RAW_SCHEMA}.{sql.identifier(task.table.name)} "
        f"where _source = {sql.literal(task.source)} "
        f"and _batch_id <> {own}{_same_period(connection, task, good, delivered)})"
    )


def _repeats_stored(task: Task, stored: str, delivered: set[str]) -> str:
    """SQL: whether a candidate row equals a stored one; a column it lacks counts as null."""
    conditions = [
        f"stored.{sql.identifier(name)} is not distinct from candidate.{sql.identifier(name)}"
        if name in delivered
        else f"stored.{sql.identifier(name)} is null"
        for name in task.table.column_names
    ]
    return f"exists (select 1 from {stored} as stored where {' and '.join(conditions)})"


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


def delete_repeated(run: Run, task: Task, batch: int) -> int:
    """Takes rows of a batch that repeat others out of the raw table again; returns how many.

    Raises `NotCleanError` where rows of the batch contradict each other.
    """
    repeated = mark_repeated(run.connection, task, own_batch=batch)
    if repeated:
        run.connection.execute(
            f"delete from {RAW_SCHEMA}.{sql.identifier(task.table.name)} where _batch_id = ? "
            "and _row_number in (select _row_number from repeated)",
            [batch],
        )
    return repeated
