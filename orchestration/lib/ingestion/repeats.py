"""One key, several rows: repetitions are counted once, contradictions set apart.

A row that another file delivered is not stored again, unless a file named between the two says
something else of its key: then it says that the former state is back, and is the latest version.

Rows of one file that share a key and say different things contradict each other, unless different
`updated_at` say which is the later one. The first is kept, the others are bad rows: a spend report
by device, loaded by a key that knows no device, would lose money without a word.
"""

from collections.abc import Iterable

import duckdb

from orchestration.lib import macros
from orchestration.lib.contract import OPS_SCHEMA
from orchestration.lib.ingestion import sql
from orchestration.lib.ingestion.files import natural_order
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


def place(file_name: str) -> str:
    """SQL: a file's name as the models put versions in order."""
    files = ("engine/natural_order.sql",)
    # Rendered once for all names.
    rendered = macros.rendered("default__natural_order", "any_name", files=files)
    return rendered.replace("any_name", file_name)


def mark_repeated(
    connection: duckdb.DuckDBPyConnection,
    task: Task,
    file_name: str,
    *,
    own_batch: int | None = None,
) -> int:
    """Fills the temp table `repeated` with good rows that repeat a stored or earlier row exactly.

    The rows are those of `parsed`, or those that `own_batch` has in the raw table; the latter raise
    `NotCleanError` where they contradict each other. A snapshot replaces what is stored: only its
    own rows are compared. Returns the number of such rows. The key's hash finds the few
    candidates, all columns decide.
    """
    connection.execute(
        "create or replace temp table repeated (_row_number bigint, is_first boolean)"
    )
    raw = sql.raw_table(task.table.name)
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
    # A column that the file lacks counts as null.
    same = _same(task.table.column_names, delivered)
    repeats_stored = (
        f"exists (select 1 from {stored} as stored where {same})" if stored else "false"
    )
    connection.execute(
        f"""
        insert into repeated
        select _row_number, occurrence = 1
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
    if stored:
        _keep_what_is_back(connection, task, file_name, delivered, good=good, stored=stored)
    row = connection.execute("select count(*) from repeated").fetchone()
    return int(row[0]) if row else 0


def _stored(
    connection: duckdb.DuckDBPyConnection, task: Task, good: str, delivered: set[str], own: int
) -> str:
    """SQL of the stored rows that the good ones may repeat."""
    return (
        f"(select * from {sql.raw_table(task.table.name)} "
        f"where _source = {sql.literal(task.source)} "
        f"and _batch_id <> {own}{_same_period(connection, task, good, delivered)})"
    )


def _same(names: Iterable[str], delivered: set[str]) -> str:
    """SQL: whether `stored` and `candidate` say the same in these columns."""
    return " and ".join(
        f"stored.{sql.identifier(name)} is not distinct from candidate.{sql.identifier(name)}"
        if name in delivered
        else f"stored.{sql.identifier(name)} is null"
        for name in names
    )


def _version_columns(task: Task) -> tuple[str, ...]:
    """The columns within which the file's place in the order decides."""
    return (*task.table.key, *(n for n in task.table.column_names if n == _VERSION))


def _keep_what_is_back(
    connection: duckdb.DuckDBPyConnection,
    task: Task,
    file_name: str,
    delivered: set[str],
    *,
    good: str,
    stored: str,
) -> None:
    """Takes rows out of `repeated` that no equal row stands for: another one stands between.

    Only files named between the two can hold it: few, where exports overlap by some days.
    """
    here = place(sql.literal(file_name))
    same_content = _same(task.table.column_names, delivered)
    connection.execute(
        f"""
        delete from repeated
        where _row_number in (
            with
            candidate as (
                select *
                from {good}
                where _row_number in (select _row_number from repeated where is_first)
            ),
            equal_one as (
                select candidate._row_number, {place("stored._source_file")} as place
                from {stored} as stored
                inner join candidate on {same_content}
            ),
            between_files as (
                select batch_id
                from {OPS_SCHEMA}.ledger
                where {_is_loaded(task)}
                    and {place("file_name")} > (select least(min(place), {here}) from equal_one)
                    and {place("file_name")} < (select greatest(max(place), {here}) from equal_one)
            ),
            other_one as (
                select candidate._row_number, {place("stored._source_file")} as place
                from {sql.raw_table(task.table.name)} as stored
                inner join candidate on {_same(_version_columns(task), delivered)}
                where stored._batch_id in (select batch_id from between_files)
                    and stored._source = {sql.literal(task.source)}
                    and not ({same_content})
            ),
            counted as (
                select equal_one._row_number, equal_one.place, count(other_one.place) as between
                from equal_one
                left join other_one
                    on other_one._row_number = equal_one._row_number
                        and other_one.place > least(equal_one.place, {here})
                        and other_one.place < greatest(equal_one.place, {here})
                group by equal_one._row_number, equal_one.place
            )
            select _row_number from counted group by _row_number having min(between) > 0
        )
        """
    )


def _is_loaded(task: Task) -> str:
    return (
        f"status = 'loaded' and source = {sql.literal(task.source)} "
        f"and table_name = {sql.literal(task.table.name)}"
    )


def parted_by(run: Run, task: Task, file_name: str, batch: int) -> list[int]:
    """The earlier batches whose repeated rows may no longer have their equal one on their side.

    So it is where a file comes late, and says of a key what those before and after it do not.
    """
    entries = run.known(task).loaded.values()
    if task.config.load == "snapshot" or not any(entry.rows_repeated for entry in entries):
        return []
    order = natural_order(file_name)
    earlier = (entry for entry in entries if entry.batch_id < batch)
    if not any(natural_order(entry.file_name) > order for entry in earlier):
        return []
    here = place(sql.literal(file_name))
    raw = sql.raw_table(task.table.name)
    columns = set(task.table.column_names)
    return [
        int(found)
        for (found,) in run.connection.execute(
            f"""
            with
            other_one as (
                select candidate._row_number, {place("stored._source_file")} as place
                from {raw} as stored
                inner join {raw} as candidate on {_same(_version_columns(task), columns)}
                where candidate._batch_id = {batch}
                    and stored._batch_id < {batch}
                    and stored._source = {sql.literal(task.source)}
                    and not ({_same(columns, columns)})
            ),
            nearest as (
                select
                    max(place) filter (where place < {here}) as below,
                    min(place) filter (where place > {here}) as above
                from other_one
                group by _row_number
            ),
            reach as (
                select
                    min(coalesce(below, '')) filter (where above is not null) as lowest,
                    max(coalesce(above, chr(1114111))) filter (where below is not null) as highest
                from nearest
            )
            select ledger.batch_id
            from {OPS_SCHEMA}.ledger as ledger
            cross join reach
            where {_is_loaded(task)}
                and batch_id < {batch}
                and rows_repeated > 0
                and (
                    {place("file_name")} > {here} and {place("file_name")} < highest
                    or {place("file_name")} < {here} and {place("file_name")} > lowest
                )
            order by ledger.batch_id
            """
        ).fetchall()
    ]


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


def delete_repeated(run: Run, task: Task, file_name: str, batch: int) -> int:
    """Takes rows of a batch that repeat others out of the raw table again; returns how many.

    Raises `NotCleanError` where rows of the batch contradict each other.
    """
    repeated = mark_repeated(run.connection, task, file_name, own_batch=batch)
    if repeated:
        run.connection.execute(
            f"delete from {sql.raw_table(task.table.name)} where _batch_id = ? "
            "and _row_number in (select _row_number from repeated)",
            [batch],
        )
    return repeated
