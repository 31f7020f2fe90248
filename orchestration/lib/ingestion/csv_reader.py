"""Reading CSV without guessing: own header check, all columns as text, strict lines.

DuckDB parses the lines; this module decides names and count of columns from the header, turns
other encodings into UTF-8 beforehand, and tells where a file is broken.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import duckdb

from orchestration.lib.company import TableFormat
from orchestration.lib.ingestion import csv_frame, headers, sql
from orchestration.lib.ingestion.files import CHUNK, FileRefusedError, StagedFile, chunks
from orchestration.lib.ingestion.personal import WHITESPACE

if TYPE_CHECKING:
    import _csv

_MOST_COLUMNS = 4096
_REJECTS = "ingestion_rejects"
_SCANS = "ingestion_scans"
# How files begin that are no text, whatever their names say.
_NO_TEXT = {
    b"PK\x03\x04": "is a zip archive or a workbook; set `format: xlsx` for a workbook, and unpack "
    "an archive (or pack it with gzip, as .gz).",
    b"\x1f\x8b": "is packed with gzip; give its name the ending .gz, or unpack it.",
    b"\x28\xb5\x2f\xfd": "is packed with zstd; give its name the ending .zst.",
    # Not its first four alone: a header may begin with PAR1.
    b"PAR1\x15": "is a Parquet file; set `format: parquet`.",
    b"\xd0\xcf\x11\xe0": "is a workbook in the old .xls format, or protected by a password; "
    "save it as .xlsx without one, and set `format: xlsx`.",
}
# Rejected lines of these kinds are one bad row; any other kind breaks the rest of the file.
_RAGGED = ("MISSING COLUMNS", "TOO MANY COLUMNS")


@dataclass(frozen=True)
class CsvFile:
    """A CSV file in UTF-8 with its checked header; whether its lines are not as delivered.

    It has no lines above the header and none below the rows; the file as delivered has so many.
    """

    path: Path
    header: tuple[str, ...]
    delimiter: str
    quote: str
    is_made_plain: bool = False
    lines_above: int = 0
    lines_below: int = 0


def open_csv(path: Path, settings: TableFormat, scratch: Path) -> CsvFile:
    """Checks the header and gives the file as UTF-8; raises `FileRefusedError`."""
    with path.open("rb") as stream:
        head = stream.read(CHUNK)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileRefusedError("is UTF-16; save it as UTF-8.")
    for beginning, fault in _NO_TEXT.items():
        if head.startswith(beginning):
            raise FileRefusedError(fault)
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        raise FileRefusedError("is empty: not even a header line; deliver it again or remove it.")
    if len(head) == CHUNK and not re.search(rb"[\r\n]", head):
        raise FileRefusedError("has a first line of more than 1 MB; check its line ends.")
    header = _header(head, settings)
    if len(header) > _MOST_COLUMNS:
        raise FileRefusedError(
            f"has {len(header)} columns, more than {_MOST_COLUMNS}; check its delimiter."
        )
    if settings.encoding != "utf-8":
        path = _to_utf8(path, settings.encoding, scratch)
    file = CsvFile(path, header, settings.delimiter, settings.quote)
    return _without_frame(file, settings, scratch) if csv_frame.has_frame(settings) else file


def _without_frame(file: CsvFile, settings: TableFormat, scratch: Path) -> CsvFile:
    """A copy without lines that are neither header nor rows; no row is taken for one of them."""
    target = scratch / f"{file.path.name}.rows"
    footer = csv_frame.cut(file.path, settings, target)
    if footer and len(file.header) == 1:
        raise FileRefusedError(
            f"has one column only, {headers.shown(file.header[0])!r}: check `header_line` and "
            "`delimiter`. Without a second one no row can be told from the lines below."
        )
    for fields in python_reader(footer, file.delimiter, file.quote):
        if len(fields) >= len(file.header):
            raise FileRefusedError(
                f"has what looks like a row among its last {len(footer)} lines, which "
                "`footer_lines` leaves out: as many fields as the header. Deliver it with its "
                "footer, or mend `footer_lines`; blank lines do not count. A total that has as "
                "many is left out by a `query`."
            )
    return replace(
        file, path=target, lines_above=settings.header_line - 1, lines_below=settings.footer_lines
    )


def made_plain(
    file: CsvFile, staged: StagedFile, connection: duckdb.DuckDBPyConnection, scratch: Path
) -> CsvFile:
    """The file, or a copy of one that DuckDB would not read as it is written.

    That is one whose lines end in several ways, or with spaces between quotes and delimiters,
    which are part of the value, or begin with a byte order mark, which is part of none: files that
    were put together have one each. Other texts, and the numbers of lines, stay as they are.
    """
    needs_copy = staged.has_inner_marks or (staged.has_spaced_quotes and _has_spaced_quotes(file))
    if staged.has_mixed_lines and not needs_copy:
        try:
            # A failed attempt would end the transaction in which a rebuild or a replacement reads.
            with connection.cursor() as attempt:
                lines = relation(file, store_rejects=True)
                attempt.execute(f"select count(*) from {lines}").fetchall()
                check_rejects(attempt)
        except (FileRefusedError, duckdb.InvalidInputException, duckdb.IOException):
            needs_copy = True
    if not needs_copy:
        return file
    target = scratch / f"{file.path.name}.plain"
    try:
        _rewrite_lines(file, target)
    except UnicodeDecodeError:
        # DuckDB tells where.
        return file
    return replace(file, path=target, is_made_plain=True)


def _has_spaced_quotes(file: CsvFile) -> bool:
    if not file.quote:
        return False
    delimiter, quote = re.escape(file.delimiter.encode()), re.escape(file.quote.encode())
    spaced = re.compile(
        rb"(?:"
        + delimiter
        + rb"|[\r\n]) +"
        + quote
        + rb"|"
        + quote
        + rb" +(?:"
        + delimiter
        + rb"|[\r\n]|$)"
    )
    before = b""
    with file.path.open("rb") as stream:
        for chunk in chunks(stream):
            if spaced.search(before + chunk):
                return True
            before = chunk[-1024:]
    return False


def _rewrite_lines(file: CsvFile, target: Path) -> None:
    with (
        file.path.open(encoding="utf-8-sig", newline="") as stream,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        lines = (line.removeprefix("\ufeff") for line in stream)
        reader = python_reader(lines, file.delimiter, file.quote, strict=True)
        writer = python_writer(out, file.delimiter, file.quote, "\n")
        try:
            for row in reader:
                if row:
                    writer.writerow(row)
                else:
                    out.write("\n")
        except csv.Error:
            raise FileRefusedError(
                f"has a quote that is not closed or not doubled at line {reader.line_num}; "
                "repair it."
            ) from None


def _header(head: bytes, settings: TableFormat) -> tuple[str, ...]:
    head = head.removeprefix(codecs.BOM_UTF8) if settings.encoding == "utf-8" else head
    decoder = codecs.getincrementaldecoder(settings.encoding)()
    try:
        text = decoder.decode(head)
    except UnicodeDecodeError as error:
        text = head[: error.start].decode(settings.encoding)
        line = text.count("\n") + 1
        if line <= settings.header_line:
            raise FileRefusedError(
                _encoding_message(settings.encoding, error.start, line)
            ) from error
    text = csv_frame.from_header(text, settings)
    reader = python_reader(io.StringIO(text, newline=""), settings.delimiter, settings.quote)
    try:
        row = next(reader, [])
    except csv.Error as error:
        raise FileRefusedError(f"has a header that is no CSV ({error}); repair it.") from error
    if re.fullmatch("sep=.?", text.partition("\n")[0].rstrip("\r")):
        raise FileRefusedError("starts with Excel's line `sep=`; set `header_line: 2`.")
    header = tuple(name.strip(WHITESPACE) for name in row)
    if not any(header):
        beginning = f"has line {settings.header_line}" if settings.header_line > 1 else "starts"
        raise FileRefusedError(
            f"{beginning} with an empty line instead of a header; remove the line, or say by "
            "`header_line` on which line the names of the columns stand."
        )
    return headers.check(row)


def python_reader(
    stream: Iterable[str], delimiter: str, quote: str, *, strict: bool = False
) -> "_csv.Reader":
    """Python's own reader of the declared notation; `strict` raises for a broken quote."""
    csv.field_size_limit(1 << 27)
    if not quote:
        return csv.reader(stream, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(stream, delimiter=delimiter, quotechar=quote, doublequote=True, strict=strict)


def python_writer(stream: TextIO, delimiter: str, quote: str, line_end: str) -> "_csv.Writer":
    """Python's own writer of the declared notation, which quotes what needs it."""
    return csv.writer(
        stream,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        lineterminator=line_end,
    )


def _encoding_message(encoding: str, offset: int, line: int) -> str:
    return (
        f"is not {encoding}: byte {offset} (line {line}) does not decode; declare the file's "
        "encoding in source.yaml."
    )


def _to_utf8(path: Path, encoding: str, scratch: Path) -> Path:
    """A UTF-8 copy, made piece by piece; raises `FileRefusedError` where a byte does not decode."""
    decoder = codecs.getincrementaldecoder(encoding)()
    target = scratch / f"{path.name}.utf-8"
    offset, line = 0, 1
    with path.open("rb") as stream, target.open("w", encoding="utf-8", newline="") as out:
        for chunk in chunks(stream):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                line += chunk[: error.start].count(b"\n")
                raise FileRefusedError(
                    _encoding_message(encoding, offset + error.start, line)
                ) from error
            out.write(text)
            offset, line = offset + len(chunk), line + chunk.count(b"\n")
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            # Cut within a character of several bytes.
            raise FileRefusedError(_encoding_message(encoding, offset - 1, line)) from error
    return target


def relation(file: CsvFile, *, store_rejects: bool, ignore_errors: bool = True) -> str:
    """SQL of the file's rows, every column as text under its header's name, in file order.

    Lines that are not sound are noted in DuckDB's reject tables, left out, or end the reading.
    """
    columns = ", ".join(f"{sql.literal(name)}: 'VARCHAR'" for name in file.header)
    quote = sql.literal(file.quote)
    rejects = (
        f"store_rejects = true, rejects_table = '{_REJECTS}', rejects_scan = '{_SCANS}'"
        if store_rejects
        else f"ignore_errors = {str(ignore_errors).lower()}"
    )
    return (
        f"read_csv({sql.path_literal(file.path)}, auto_detect = false, header = true, "
        f"columns = {{{columns}}}, delim = {sql.literal(file.delimiter)}, quote = {quote}, "
        f"escape = {quote}, strict_mode = true, {rejects})"
    )


def is_blank(header: Iterable[str]) -> str:
    """SQL: whether every cell of a row is empty, whatever delimiters it has: it is no row."""
    return " and ".join(f"coalesce(trim({sql.identifier(name)}), '') = ''" for name in header)


def forget_rejects(connection: duckdb.DuckDBPyConnection) -> None:
    """Empties DuckDB's reject tables before the next file."""
    connection.execute(f"drop table if exists {_REJECTS}")
    connection.execute(f"drop table if exists {_SCANS}")


def check_rejects(connection: duckdb.DuckDBPyConnection) -> int:
    """How many lines of the file just read are ragged; raises for a file that is broken."""
    is_ragged = f"error_type::varchar in {sql.text_list(_RAGGED)}"
    row = connection.execute(
        f"select count(distinct line) filter ({is_ragged}), min(line) filter (not {is_ragged}), "
        f"arg_min(error_type::varchar, line) filter (not {is_ragged}) from {_REJECTS}"
    ).fetchone()
    ragged, broken_line, kind = row or (0, None, None)
    if broken_line is not None:
        raise FileRefusedError(_broken_message(str(kind), int(broken_line)))
    return int(ragged)


def _broken_message(kind: str, line: int) -> str:
    if kind == "UNQUOTED VALUE":
        return f"has a quote that is not closed or not doubled at record {line}; repair it."
    if kind == "INVALID ENCODING":
        return (
            f"is not utf-8 at record {line}; declare the file's encoding in source.yaml "
            "(cp1252 for most Windows exports in Western Europe and America, cp1256 for Arabic, "
            "cp1251 for Cyrillic, cp932 for Japanese ones)."
        )
    if kind == "LINE SIZE OVER MAXIMUM":
        return f"has a line of more than 2 MB at record {line}; a quote may not be closed."
    return f"cannot be read at record {line} ({kind.lower()}); repair the line."


def unreadable(error: duckdb.Error) -> FileRefusedError:
    """The reader's error without the line that it quotes, which may hold personal data."""
    text = str(error)
    line = re.search(r"Line: (\d+)", text)
    where = f" near record {line.group(1)}" if line else ""
    if "unicode" in text or "utf-8" in text:
        return FileRefusedError(f"is not utf-8{where}; declare the file's encoding in source.yaml.")
    if "state machine" in text or "INVALID STATE" in text:
        return FileRefusedError(
            f"does not keep to one line ending or quoting style{where}; write it again with one "
            "line ending throughout."
        )
    return FileRefusedError(
        f"cannot be read as the declared format{where}; check delimiter, quote and compression."
    )


@dataclass(frozen=True)
class Located:
    """What a plain-Python reading found: ragged rows, lines on which rows start, all rows.

    Rows are counted from 1 after the header, lines from 1 at the file's first; blank lines are no
    rows.
    """

    ragged: tuple[int, ...]
    lines: dict[int, int]
    row_count: int


def locate(file: CsvFile, rows: set[int]) -> Located:
    """A second, independent reading, for files with bad rows: finds `rows` and all ragged rows."""
    lines: dict[int, int] = {}
    ragged: list[int] = []
    ordinal, start = -1, 1
    with file.path.open(encoding="utf-8-sig", newline="") as stream:
        reader = python_reader(stream, file.delimiter, file.quote)
        for row in reader:
            if row or len(file.header) == 1:
                ordinal += 1
                # Empty fields after the last column are no fields.
                surplus = row[len(file.header) :]
                is_ragged = bool(row) and (len(row) < len(file.header) or any(surplus))
                if is_ragged:
                    ragged.append(ordinal)
                if is_ragged or ordinal in rows:
                    lines[ordinal] = file.lines_above + start
            start = reader.line_num + 1
    return Located(tuple(ragged), lines, ordinal)
