"""Reading CSV without guessing: own header check, all columns as text, strict lines.

DuckDB parses the lines; this module decides names and count of columns from the header, turns
other encodings into UTF-8 beforehand, and tells where a file is broken.
"""

import codecs
import csv
import gzip
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import duckdb
import pyarrow

from orchestration.lib.company import TableFormat
from orchestration.lib.ingestion import sql
from orchestration.lib.ingestion.files import FileRefusedError
from orchestration.lib.ingestion.personal import WHITESPACE

if TYPE_CHECKING:
    import _csv

_CHUNK = 1 << 20
_COMPRESSION = {".gz": "gzip", ".zst": "zstd"}
_REJECTS = "ingestion_rejects"
_SCANS = "ingestion_scans"
# Rejected lines of these kinds are one bad row; any other kind breaks the rest of the file.
_RAGGED = ("MISSING COLUMNS", "TOO MANY COLUMNS")


@dataclass(frozen=True)
class CsvFile:
    """A CSV file in UTF-8 with its checked header."""

    path: Path
    compression: str
    header: tuple[str, ...]
    delimiter: str
    quote: str


def compression_of(path: Path) -> str:
    """`none`, `gzip` or `zstd`, by the file's ending."""
    return _COMPRESSION.get(path.suffix.lower(), "none")


@contextmanager
def _decompressed(path: Path, compression: str) -> Iterator[BinaryIO]:
    if compression == "gzip":
        with gzip.open(path, "rb") as stream:
            yield cast(BinaryIO, stream)
    elif compression == "zstd":
        with pyarrow.OSFile(str(path)) as raw, pyarrow.CompressedInputStream(raw, "zstd") as stream:
            yield cast(BinaryIO, stream)
    else:
        with path.open("rb") as stream:
            yield stream


@contextmanager
def _decompression_errors(compression: str) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError) as error:
        if compression == "none":
            raise
        raise FileRefusedError(
            f"is no complete {compression} file; it may be cut off: deliver it again."
        ) from error


def open_csv(path: Path, settings: TableFormat, scratch: Path) -> CsvFile:
    """Checks the header and gives the file as UTF-8; raises `FileRefusedError`."""
    compression = compression_of(path)
    with _decompression_errors(compression), _decompressed(path, compression) as stream:
        head = stream.read(_CHUNK)
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        raise FileRefusedError("is empty: not even a header line; deliver it again or remove it.")
    header = _header(head, settings)
    if settings.encoding != "utf-8":
        path, compression = _to_utf8(path, compression, settings.encoding, scratch), "none"
    return CsvFile(path, compression, header, settings.delimiter, settings.quote)


def _header(head: bytes, settings: TableFormat) -> tuple[str, ...]:
    head = head.removeprefix(codecs.BOM_UTF8) if settings.encoding == "utf-8" else head
    decoder = codecs.getincrementaldecoder(settings.encoding)()
    try:
        text = decoder.decode(head)
    except UnicodeDecodeError as error:
        text = head[: error.start].decode(settings.encoding)
        if "\n" not in text:
            raise FileRefusedError(_encoding_message(settings.encoding, error.start, 1)) from error
    reader = _python_reader(io.StringIO(text, newline=""), settings.delimiter, settings.quote)
    try:
        row = next(reader)
    except csv.Error as error:
        raise FileRefusedError(f"has a header that is no CSV ({error}); repair it.") from error
    header = tuple(name.strip(WHITESPACE) for name in row)
    if not any(header):
        raise FileRefusedError("starts with an empty line instead of a header; remove the line.")
    folded = [name.casefold() for name in header]
    repeated = sorted({name for name in header if folded.count(name.casefold()) > 1})
    if repeated:
        raise FileRefusedError(
            f"names column {', '.join(map(repr, repeated))} more than once in its header; "
            "rename one of them at the source."
        )
    if "" in header:
        raise FileRefusedError(
            f"has no name for column {header.index('') + 1} in its header; name every column."
        )
    if "_row_number" in folded:
        raise FileRefusedError("has a column `_row_number`, a reserved name; rename it.")
    return header


def _python_reader(stream: io.TextIOBase, delimiter: str, quote: str) -> "_csv.Reader":
    csv.field_size_limit(1 << 27)
    if not quote:
        return csv.reader(stream, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(stream, delimiter=delimiter, quotechar=quote, doublequote=True)


def _encoding_message(encoding: str, offset: int, line: int) -> str:
    return (
        f"is not {encoding}: byte {offset} (line {line}) does not decode; declare the file's "
        "encoding in source.yaml."
    )


def _to_utf8(path: Path, compression: str, encoding: str, scratch: Path) -> Path:
    """A UTF-8 copy, made piece by piece; raises `FileRefusedError` where a byte does not decode."""
    decoder = codecs.getincrementaldecoder(encoding)()
    target = scratch / f"{path.name}.utf-8"
    offset, line = 0, 1
    with (
        _decompression_errors(compression),
        _decompressed(path, compression) as stream,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        while chunk := stream.read(_CHUNK):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                line += chunk[: error.start].count(b"\n")
                raise FileRefusedError(
                    _encoding_message(encoding, offset + error.start, line)
                ) from error
            out.write(text)
            offset, line = offset + len(chunk), line + chunk.count(b"\n")
    return target


def relation(file: CsvFile, *, store_rejects: bool) -> str:
    """SQL of the file's rows, every column as text under its header's name, in file order."""
    columns = ", ".join(f"{sql.literal(name)}: 'VARCHAR'" for name in file.header)
    quote = sql.literal(file.quote)
    rejects = (
        f"store_rejects = true, rejects_table = '{_REJECTS}', rejects_scan = '{_SCANS}'"
        if store_rejects
        else "ignore_errors = true"
    )
    return (
        f"read_csv({sql.path_literal(file.path)}, auto_detect = false, header = true, "
        f"columns = {{{columns}}}, delim = {sql.literal(file.delimiter)}, quote = {quote}, "
        f"escape = {quote}, strict_mode = true, compression = '{file.compression}', {rejects})"
    )


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
            "(cp1252 or latin-1 for most Windows exports)."
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

    Rows are counted from 1 after the header, lines from 1 at the header; blank lines are no rows.
    """

    ragged: tuple[int, ...]
    lines: dict[int, int]
    row_count: int


def locate(file: CsvFile, rows: set[int]) -> Located:
    """A second, independent reading, for files with bad rows: finds `rows` and all ragged rows."""
    lines: dict[int, int] = {}
    ragged: list[int] = []
    ordinal, start = -1, 1
    with _decompressed(file.path, file.compression) as raw:
        stream = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        reader = _python_reader(stream, file.delimiter, file.quote)
        for row in reader:
            if row or len(file.header) == 1:
                ordinal += 1
                is_ragged = bool(row) and len(row) != len(file.header)
                if is_ragged:
                    ragged.append(ordinal)
                if is_ragged or ordinal in rows:
                    lines[ordinal] = start
            start = reader.line_num + 1
    return Located(tuple(ragged), lines, ordinal)
