"""From a file's columns to the contract's: by name, by expression, or by a whole query."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import duckdb

from orchestration.lib.company import Expression
from orchestration.lib.contract import did_you_mean
from orchestration.lib.ingestion import emails, headers, personal, sql
from orchestration.lib.ingestion.files import FileRefusedError
from orchestration.lib.ingestion.reader import Reader, describe
from orchestration.lib.ingestion.run import Task
from orchestration.lib.ingestion.values import Parsed, parse
from orchestration.lib.locations import DatabaseLocation

_ROW = "_row_number"
_LACKING = re.compile(r'Referenced column "(.*?)" not found')
_CURRENCY = re.compile(r"\b[A-Z]{3}\b")
_TAKEN = re.compile(r"\bcolumns\s*\(\s*(?:'((?:[^']|'')*)')?", re.IGNORECASE)
_SQL_ERRORS = (
    duckdb.BinderException,
    duckdb.ParserException,
    duckdb.CatalogException,
    duckdb.PermissionException,
    # A parameter, for which there is no value.
    duckdb.InvalidInputException,
)


@dataclass(frozen=True)
class Mapping:
    """A relation with `_row_number`, and how its columns become the contract's.

    `file_row` is the column with the number of the file's row: `_row_number`, unless a query makes
    several rows of one, whose results have numbers of their own; None where a query does not pass
    it on, and its results are numbered in key order. `made` are the columns that expressions make,
    beside those of the file; `nulls` those that they read and no object of a JSON file has.
    """

    rows: str
    parts: list[Parsed]
    ignored_columns: tuple[str, ...]
    file_row: str | None = _ROW
    made: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()

    @property
    def is_numbered_as_file(self) -> bool:
        """Whether `_row_number` counts the file's rows."""
        return self.file_row == _ROW

    def with_made(self, rows: str) -> str:
        """SQL of a relation of the file's columns, and what expressions make of them, once."""
        if not self.made:
            return rows
        return f"(select *, {', '.join(self.made)} from {with_nulls(rows, self.nulls)})"


def map_file(reader: Reader, task: Task) -> Mapping:
    """The mapping of an opened file; raises `FileRefusedError` where the file does not fit."""
    if reader.json and not reader.json.keys:
        return _map_nothing(reader, task)
    if task.config.query is None:
        return _map_columns(reader, task)
    return _map_query(reader, task, task.config.query.strip().rstrip(";"))


def reads(task: Task, available: Collection[str]) -> set[str]:
    """Those of a file's columns that a table takes something from."""
    if task.config.query is not None:
        return read_by_query(task, available)
    read: set[str] = set()
    location = task.config.location
    if isinstance(location, DatabaseLocation) and location.cursor:
        read |= {location.cursor} & set(available)
    for column in task.table.columns:
        target = (task.config.columns or {}).get(column.name, (column.name,))
        if isinstance(target, Expression):
            read |= {name for name in available if is_named(name, target.sql)}
        elif found := headers.named(target, available):
            read.add(found)
    return read


def with_nulls(rows: str, names: Collection[str]) -> str:
    """SQL of a relation with more columns, of no values."""
    nulls = "".join(f", null::varchar as {sql.identifier(name)}" for name in names)
    return f"(select *{nulls} from {rows})" if nulls else rows


def keys_lacking(
    connection: duckdb.DuckDBPyConnection, rows: str, expressions: Iterable[str]
) -> tuple[str, ...]:
    """The columns that these expressions read, and that the rows of a JSON file do not have."""
    lacking: dict[str, None] = {}
    for text in expressions:
        name = _lacked(connection, text, with_nulls(rows, lacking))
        while name and name not in lacking:
            lacking[name] = None
            name = _lacked(connection, text, with_nulls(rows, lacking))
    return tuple(lacking)


def _lacked(connection: duckdb.DuckDBPyConnection, text: str, rows: str) -> str | None:
    try:
        describe(connection, f"(select {text} from {rows})")
    except _SQL_ERRORS as error:
        found = _LACKING.search(str(error))
        return found[1] if found else None
    return None


def read_by_query(task: Task, available: Collection[str]) -> set[str]:
    """The columns of a file that a query names, or yields by a star."""
    query = task.config.query or ""
    named = {name for name in available if is_named(name, query)}
    if re.search(r"(\bselect|,|[.])\s*[*]", query, re.IGNORECASE):
        found = (headers.named((column.name,), available) for column in task.table.columns)
        named |= {name for name in found if name}
    return named


def is_named(column: str, statement: str) -> bool:
    """Whether a statement holds a column's name as a word, or takes it by `columns(...)`."""
    if re.search(rf"(?<!\w){re.escape(column)}(?!\w)", statement, re.IGNORECASE):
        return True
    return any(_takes(found[1], column) for found in _TAKEN.finditer(statement))


def _takes(pattern: str | None, column: str) -> bool:
    """Whether a pattern of `columns(...)` fits a name; what is no pattern may mean any."""
    if pattern is None:
        return True
    try:
        return bool(re.search(pattern.replace("''", "'"), column))
    except re.error:
        return True


def _map_nothing(reader: Reader, task: Task) -> Mapping:
    """Of JSON lines without an object, which name no column that could be missing."""
    names = {column.name: sql.identifier(column.name) for column in task.table.columns}
    nulls = ", ".join(f"null::varchar as {name}" for name in names.values())
    rows = f"(select _row_number, {nulls} from {reader.rows()})"
    return Mapping(rows, _parts(reader, task, names, dict.fromkeys(names, "VARCHAR")), ())


def _map_columns(reader: Reader, task: Task) -> Mapping:
    available = reader.columns()
    mapping = task.config.columns or {}
    used = reads(task, available)
    missing: list[str] = []
    is_required = False
    absent: list[str] = []
    expressions: dict[str, str] = {}
    made: dict[str, str] = {}
    for column in task.table.columns:
        target = mapping.get(column.name, (column.name,))
        if isinstance(target, Expression):
            expressions[column.name] = sql.identifier(headers.made(column.name))
            made[column.name] = f"({target.sql}\n)"
        elif found := headers.named(target, available):
            expressions[column.name] = sql.identifier(found)
        elif column.name in mapping or not column.optional:
            # Many programs leave the keys of empty values out of an object.
            (absent if reader.json and not column.required else missing).append(" or ".join(target))
            is_required |= column.required
    ignored = tuple(name for name in available if name not in used)
    if missing and not used and headers.look_like_data(ignored):
        raise FileRefusedError(
            f"misses column {', '.join(map(repr, missing))}: its first line looks like a row. Put "
            "the names of the columns there."
        )
    ignored = tuple(map(headers.shown, ignored))
    if missing:
        message = _missing_message(reader, missing, ignored, alone=not used)
        without = "" if is_required else " Where the source never has it, {sql: 'null'} says so."
        raise FileRefusedError(message + without)
    rows = reader.rows(store_rejects=True)
    nulls: tuple[str, ...] = ()
    if reader.json:
        # Of what the contract requires, a key in no object is a renamed one.
        may_lack = (made[c.name] for c in task.table.columns if c.name in made and not c.required)
        nulls = keys_lacking(reader.run.connection, rows, may_lack)
        absent += (name for name in nulls if name not in absent)
    if absent:
        reader.run.notes.append(
            f"{task.label}: {emails.without(reader.staged.name)!r}: no object "
            f"has {', '.join(map(repr, absent))}; read as null."
        )
    _check_key(reader, task, list(expressions))
    plain = {sql.identifier(name): data_type for name, data_type in available.items()}
    made_types = _made_types(reader, with_nulls(rows, nulls), made, ignored)
    types = {
        name: made_types[name] if name in made else plain[expression]
        for name, expression in expressions.items()
    }
    return Mapping(
        rows,
        _parts(reader, task, expressions, types),
        ignored,
        made=tuple(f"{text} as {expressions[name]}" for name, text in made.items()),
        nulls=nulls,
    )


def _parts(
    reader: Reader, task: Task, expressions: dict[str, str], types: dict[str, str]
) -> list[Parsed]:
    # Of a CSV every byte was looked at; JSON writes characters as escapes, and SQL makes new ones.
    as_they_are = {sql.identifier(name) for name in reader.csv.header} if reader.csv else set()
    return [
        parse(
            expressions[column.name],
            types[column.name],
            column,
            task.settings,
            absent=reader.staged.absent if expressions[column.name] in as_they_are else "",
        )
        for column in task.table.columns
        if column.name in expressions
    ]


def _made_types(
    reader: Reader, rows: str, made: dict[str, str], ignored: tuple[str, ...]
) -> dict[str, str]:
    """The types of what the expressions make, by column; each has to give a row one value."""
    if not made:
        return {}
    # Under the contract's names one expression could read another's result, in place of a column
    # that the file lacks. A row's number beside them keeps aggregates out.
    connection = reader.run.connection
    select = ", ".join(
        f"{text} as {sql.identifier(headers.made(name))}" for name, text in made.items()
    )
    try:
        _, *types = describe(connection, f"(select _row_number, {select} from {rows})").values()
        if len(types) != len(made):
            _refuse_several_columns(connection, rows, made)
    except _SQL_ERRORS as error:
        _refuse_the_first(connection, rows, made, ignored)
        raise _sql_refusal(error, ignored) from None
    _check_one_row_each(connection, rows, made)
    return dict(zip(made, types, strict=True))


def _refuse_the_first(
    connection: duckdb.DuckDBPyConnection, rows: str, made: dict[str, str], ignored: tuple[str, ...]
) -> None:
    """Refuses the file by the first expression that does not fit, whose column is named."""
    for name, text in made.items():
        try:
            describe(connection, f"(select _row_number, {text} from {rows})")
        except _SQL_ERRORS as error:
            raise _sql_refusal(error, ignored, f"`{name}`: ") from None


def _refuse_several_columns(
    connection: duckdb.DuckDBPyConnection, rows: str, made: dict[str, str]
) -> None:
    for name, text in made.items():
        if len(describe(connection, f"(select {text} from {rows})")) > 1:
            raise FileRefusedError(
                f"does not fit the SQL of its source.yaml: `{name}` is given several columns of "
                "the file; coalesce(*columns('^(old|new)$')) takes the first that has a value."
            )


def _check_one_row_each(
    connection: duckdb.DuckDBPyConnection, rows: str, made: dict[str, str]
) -> None:
    for name, text in made.items():
        try:
            # A condition may not make several rows of one, as a column may.
            describe(connection, f"(select 1 from {rows} where {text} is null)")
        except _SQL_ERRORS as error:
            if "UNNEST not supported" in str(error):
                raise FileRefusedError(
                    f"does not fit the SQL of its source.yaml: `{name}` makes several rows of one; "
                    "`query` in place of `columns` may do that."
                ) from None


def _sql_refusal(
    error: duckdb.Error, unexpected: tuple[str, ...] = (), where: str = ""
) -> FileRefusedError:
    """What is wrong with configured SQL: a column that the file lacks, or DuckDB's first sentence.

    The statement around it is ours, and says nothing to a user.
    """
    sentence = str(error).split("\n", maxsplit=1)[0]
    if lacking := _LACKING.search(sentence):
        renamed = (
            f"; unexpected {', '.join(map(repr, unexpected))}: renamed?" if unexpected else "."
        )
        remedy = _other_currency([lacking[1]], unexpected) or (
            "Where a file has one of two names, write columns('^(old|new)$') there."
        )
        sentence = f"it reads column {lacking[1]!r}, which the file does not have{renamed} {remedy}"
    return FileRefusedError(f"does not fit the SQL of its source.yaml: {where}{sentence}")


def _missing_message(
    reader: Reader, missing: list[str], unexpected: tuple[str, ...], *, alone: bool
) -> str:
    """What a header lacks, and the likely remedy; `alone` where it has nothing that is wanted."""
    message = f"misses column {', '.join(map(repr, missing))}"
    if unexpected:
        message += f"; unexpected {', '.join(map(repr, unexpected))}: renamed?"
    if len(unexpected) == 1 and any(mark in unexpected[0] for mark in ";,|\t"):
        return f"{message} The header has one column only: declare the file's `delimiter`."
    if alone and len(unexpected) == 1 and len(missing) > 1 and (reader.csv or reader.sheet):
        remedy = (
            "say in source.yaml by `sheet` and `range` where the table stands"
            if reader.sheet
            else "say in source.yaml by `header_line` on which line the names of the columns stand"
        )
        return f"{message} Or a title: {remedy}."
    remedy = _other_currency(missing, unexpected) or (
        "Name the new header beside the old one under `columns:` in source.yaml, or deliver the "
        "column."
    )
    return f"{message}{'' if unexpected else '.'} {remedy}"


def _other_currency(missing: Iterable[str], unexpected: Iterable[str]) -> str:
    """The remedy where headers differ by a currency alone, as `Spent (EUR)` and `Spent (USD)`.

    Under both names, amounts of the one would count as the other's.
    """
    before, now = ({_CURRENCY.sub("", name) for name in names} for names in (missing, unexpected))
    if not any(_CURRENCY.search(name) for name in missing) or not before & now:
        return ""
    return (
        "Are amounts in another currency? Have the source keep the former one, or deliver its "
        "files of the new one in a source of their own, whose `currency` says so."
    )


def _check_key(reader: Reader, task: Task, delivered: list[str]) -> None:
    named = [
        column.name
        for column in task.table.columns
        if column.personal in ("email", "identifier") and column.name in delivered
    ]
    if named and not reader.run.has_key:
        raise personal.HashKeyError(
            f"{task.label} delivers personal identifiers "
            f"({', '.join(named)}), and WAREHOUSE_HASH_KEY is not set; set it to a secret of at "
            f"least {personal.MINIMUM_KEY_LENGTH} characters, for example from "
            "`openssl rand -hex 32`, and keep it."
        )


def _map_query(reader: Reader, task: Task, query: str) -> Mapping:
    reader.materialise()
    connection = reader.run.connection
    try:
        types = describe(connection, f"({query}\n)")
    except _SQL_ERRORS as error:
        raise _sql_refusal(error) from None
    delivered = [name for name in types if name != _ROW]
    file_row = _ROW if _ROW in types else None
    _check_result(task, delivered)
    _check_key(reader, task, delivered)
    key_first = dict.fromkeys((*(name for name in task.table.key if name in types), *delivered))
    order = ", ".join(sql.identifier(name) for name in key_first)
    number = "" if file_row else f"row_number() over (order by {order}) as _row_number, "
    try:
        connection.execute(
            f"create or replace temp table mapped as select {number}* from ({query}\n) "
            "order by _row_number"
        )
    except (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException):
        raise reader.unfit("query") from None
    if file_row and _makes_several_of_one(connection):
        # Each needs its own: by its number, a row is taken for a repetition or for a bad one.
        file_row = sql.identifier(headers.made("file_row"))
        connection.execute(
            f"create or replace temp table mapped as select * replace (row_number() over "
            f"(order by _row_number, {order}) as _row_number), _row_number as {file_row} "
            "from mapped order by _row_number"
        )
    expressions = {name: sql.identifier(name) for name in delivered}
    return Mapping("mapped", _parts(reader, task, expressions, types), (), file_row)


def _makes_several_of_one(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute("select count(*) > count(distinct _row_number) from mapped")
    return bool((found.fetchone() or (False,))[0])


def _check_result(task: Task, delivered: list[str]) -> None:
    known = task.table.column_names
    unknown = [name for name in delivered if name not in known]
    if unknown:
        raise FileRefusedError(
            f"does not fit: the query of its source.yaml yields {', '.join(unknown)}, no column "
            f"of {task.table.name}{did_you_mean(unknown[0], known)}"
        )
    missing = [c.name for c in task.table.columns if not c.optional and c.name not in delivered]
    if missing:
        raise FileRefusedError(
            f"does not fit: the query of its source.yaml lacks {', '.join(missing)}; "
            "yield null where there is no value."
        )
