"""Rows that are no data: blank ones and headers in the middle, totals at the end."""

import duckdb

from orchestration.lib.company import Expression
from orchestration.lib.ingestion import headers, sql
from orchestration.lib.ingestion.csv_reader import is_blank
from orchestration.lib.ingestion.mapping import Mapping
from orchestration.lib.ingestion.reader import Reader
from orchestration.lib.ingestion.run import Task
from orchestration.lib.ingestion.values import text_of

TOTAL_WORDS = (
    "total",
    "totals",
    "totaux",
    "grand total",
    "grand totals",
    "total général",
    "total general",
    "subtotal",
    "sous-total",
    "somme",
    "sum",
    "gesamt",
    "gesamtergebnis",
    "gesamtsumme",
    "insgesamt",
    "summe",
    "zwischensumme",
    "totale",
    "totale complessivo",
    "eindtotaal",
    "total geral",
    "suma",
    "razem",
    "σύνολο",
    "итого",
    "всего",
    "toplam",
    "genel toplam",
    "المجموع",
    "المجموع الكلي",
    "الإجمالي",
    "الاجمالي",
    "合計",
    "小計",
    "総計",
)


# Of each row before the last ones it is not asked: in a large file that would take its time.
MOST_TOTALS = 20


def set_apart(reader: Reader, task: Task, mapping: Mapping) -> None:
    """Drops blank rows from the temp table `parsed`, and marks headers and totals as bad.

    The temp table `odd_rows` has the reason code of the marked ones. A row whose every cell is
    empty is a blank line, whatever delimiters it has: it is no row. Totals are looked for only at
    the end, by a word such as `Total` in the key: one may stand below another. Most lack what a row
    has to have, such as its day, which would be a fault of any other row.
    """
    connection = reader.run.connection
    connection.execute(
        "create or replace temp table odd_rows (_row_number bigint, reason_code varchar)"
    )
    if mapping.rows == "mapped" or not (reader.csv or task.settings.format == "xlsx"):
        return
    _set_headers_apart(reader, task)
    name = _key_name(task)
    if name:
        connection.execute(
            "insert into odd_rows select _row_number, 'total_row' from parsed where "
            "_row_number > (select coalesce(max(_row_number) filter ("
            f"not coalesce({_is_total(name)}, false)), min(_row_number) - 1) from parsed "
            f"where _row_number > (select max(_row_number) - {MOST_TOTALS} from parsed))"
        )
    connection.execute(
        "update parsed set _bad = true where _row_number in (select _row_number from odd_rows)"
    )


def _set_headers_apart(reader: Reader, task: Task) -> None:
    """Drops blank rows, and fills `odd_rows` with those that are the header once more."""
    connection = reader.run.connection
    repeats = _may_repeat_header(reader, task)
    connection.execute(
        f"create or replace temp table suspects as select _row_number from parsed "
        f"where _bad or {repeats}"
    )
    suspects = connection.execute("select count(*) from suspects").fetchone()
    if suspects and suspects[0]:
        names = _header(reader, task)
        is_header = " and ".join(
            f"trim({sql.identifier(name)}) = {sql.literal(name)}" for name in names
        )
        reader.create(
            "classified",
            "select _row_number, case "
            f"when {is_blank(names)} then 'blank' when {is_header} then 'repeated_header' end "
            f"as reason_code from {reader.rows()} "
            "where _row_number in (select _row_number from suspects)",
        )
        connection.execute(
            "delete from parsed where _row_number in "
            "(select _row_number from classified where reason_code = 'blank')"
        )
        connection.execute(
            "insert into odd_rows select * from classified where reason_code = 'repeated_header'"
        )


def _key_name(task: Task) -> str | None:
    """The first column of the table's key where it holds readable text."""
    key = task.table.column(task.table.key[0]) if task.table.key else None
    readable = key and key.data_type == "varchar" and key.personal is None
    return key.name if key and readable else None


def _is_total(name: str) -> str:
    """SQL: whether a key is such a word; some programs add how many rows there are."""
    word = f"lower(trim({sql.identifier(name)}, ' :'))"
    bare = f"regexp_replace({word}, ' ?[(][0-9., ]+[a-z ]*[)]$', '')"
    return f"{bare} in {sql.text_list(TOTAL_WORDS)}"


def ends_in_total(
    connection: duckdb.DuckDBPyConnection, task: Task, raw: str, *, batch: int, rows: int
) -> bool:
    """Whether the last row of a stored batch may be a total."""
    name = _key_name(task)
    if not name:
        return False
    found = connection.execute(
        f"select count(*) from {raw} where _batch_id = {batch} and _row_number = {rows} "
        f"and {_is_total(name)}"
    ).fetchone()
    return bool(found and found[0])


def suspect_header(reader: Reader, task: Task) -> str | None:
    """SQL over the file's texts: whether a row may be the header once more."""
    found = _header_column(reader, task)
    if not found:
        return None
    name, text = found
    return f"contains({text_of(name)}, {sql.literal(text)})"


def _may_repeat_header(reader: Reader, task: Task) -> str:
    """SQL: whether one text column of a parsed row holds its own header."""
    found = _header_column(reader, task)
    return f"trim({sql.identifier(found[0])}) = {sql.literal(found[1])}" if found else "false"


def _header(reader: Reader, task: Task) -> tuple[str, ...]:
    """The names of the columns, where they stand among the rows."""
    if reader.csv:
        return reader.csv.header
    # What erasing a person left of a workbook has no sheet any more.
    return tuple(reader.columns()) if task.settings.format == "xlsx" else ()


def _header_column(reader: Reader, task: Task) -> tuple[str, str] | None:
    """A text column that takes its values as they are, and its name in the file's header."""
    mapping = task.config.columns or {}
    header = _header(reader, task)
    for column in task.table.columns:
        target = mapping.get(column.name, (column.name,))
        if column.data_type != "varchar" or column.personal or isinstance(target, Expression):
            continue
        if name := headers.named(target, header):
            return column.name, name
    return None
