"""Excel workbooks: one sheet, or a range of it, as rows of text.

A workbook stores numbers as they are, whatever they look like on screen, and dates as numbers;
`cells` reads both. Here the file is checked first, since DuckDB's reader takes damaged archives
for good ones, then its rows are copied to Parquet.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import duckdb

from orchestration.lib.company import TableFormat
from orchestration.lib.contract import did_you_mean
from orchestration.lib.ingestion import extensions, headers, sql
from orchestration.lib.ingestion.files import CHUNK, FileRefusedError, check_unpacked
from orchestration.lib.ingestion.personal import WHITESPACE

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = "{http://purl.oclc.org/ooxml/"
_LARGEST_PART = 16 << 20
# A cell that holds something. Programs made with Microsoft's Open XML SDK write `<x:c`.
_CELL = re.compile(rb'<(?:\w+:)?c\s[^<>]*?r="([A-Z]{1,3})([0-9]{1,7})"(?:[^<>]*[^<>/])?>')
# A formula without a stored result; an empty text (t="str") is a result.
_UNCOMPUTED = re.compile(
    rb"<(?:\w+:)?c(?: ([^<>]*))?>\s*<(?:\w+:)?f(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_LONGEST_CELL = 1 << 18


@dataclass(frozen=True)
class Sheet:
    """A sheet's rows below the header, without blank ones, in a Parquet file of texts.

    `lines` are the rows of the sheet as Excel counts them, one for each row of the file.
    """

    path: Path
    lines: tuple[int, ...]


def convert(path: Path, settings: TableFormat, scratch: Path) -> Sheet:
    """Checks a workbook and reads the declared sheet; raises `FileRefusedError`."""
    extent = _check(path, settings)
    target = scratch / f"{path.name}.parquet"
    with extensions.side_connection("excel", scratch, "512MB") as connection:
        try:
            return _copy(connection, path, settings, extent, target)
        except (duckdb.IOException, duckdb.BinderException, duckdb.InvalidInputException) as error:
            raise _damaged() from error


def _damaged() -> FileRefusedError:
    return FileRefusedError("is a damaged workbook; save it again in Excel and deliver it.")


def _copy(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    settings: TableFormat,
    extent: str,
    target: Path,
) -> Sheet:
    # Left to itself, the reader takes the first row's width for that of all rows.
    options = f"all_varchar = true, header = false, stop_at_empty = false, range = '{extent}'"
    if settings.sheet:
        options += f", sheet = {sql.literal(settings.sheet)}"
    connection.execute(
        "create temp table cells as select row_number() over () as line, * "
        f"from read_xlsx({sql.path_literal(path)}, {options})"
    )
    columns = [str(row[0]) for row in connection.execute("describe cells").fetchall()][1:]
    row = connection.execute("select * from cells where line = 1").fetchone()
    names = [str(cell or "").strip(WHITESPACE) for cell in row[1:]] if row else []
    used = _columns_in_use(connection, columns, names) if any(names) else []
    # A name that stands alone above several columns is a title.
    if len([name for name in names if name]) < min(2, len(used)) or not used:
        raise FileRefusedError(
            "has no header in the first row of its sheet or range; set `sheet` and `range` "
            "(such as B3:H) in source.yaml."
        )
    header = headers.check([names[position] for position in used])
    cells = [sql.identifier(columns[position]) for position in used]
    is_filled = " or ".join(f"trim({cell}) <> ''" for cell in cells)
    first = int(re.sub(r"^[A-Z]+|:.*", "", extent))
    lines = connection.execute(
        f"select line + {first - 1} from cells where line > 1 and ({is_filled}) order by line"
    ).fetchall()
    selected = ", ".join(
        f"{cell} as {sql.identifier(name)}" for cell, name in zip(cells, header, strict=True)
    )
    connection.execute(
        f"copy (select {selected} from cells where line > 1 and ({is_filled}) order by line) "
        f"to {sql.literal(str(target))} (format parquet)"
    )
    return Sheet(target, tuple(int(line) for (line,) in lines))


def _columns_in_use(
    connection: duckdb.DuckDBPyConnection, columns: list[str], names: list[str]
) -> list[int]:
    """Columns with a name or a value: a sheet may be wider than its table."""
    counts = ", ".join(f"count(nullif(trim({sql.identifier(name)}), ''))" for name in columns)
    filled = connection.execute(f"select {counts} from cells where line > 1").fetchone() or ()
    return [n for n, count in enumerate(filled) if count or names[n]]


def _check(path: Path, settings: TableFormat) -> str:
    """The range to read; raises `FileRefusedError` for what is no sound workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_parts(archive, path.stat().st_size, settings)
            _check_form(_part(archive, _WORKBOOK))
            return _extent(archive, _sheet_part(archive, settings.sheet), settings.range)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        fault = FileRefusedError(
            "is no complete workbook (.xlsx): cut off, protected by a password, or in the old "
            ".xls format; save it as .xlsx without password and deliver it again."
        )
        raise fault from error
    except (KeyError, ElementTree.ParseError) as error:
        raise _damaged() from error


def _check_parts(archive: zipfile.ZipFile, packed: int, settings: TableFormat) -> None:
    """Reads every part once: checksums, size, and no document type definitions."""
    unpacked = 0
    for part in archive.infolist():
        start = b""
        for chunk in _chunks(archive, part.filename):
            start = start or chunk[:4096]
            unpacked += len(chunk)
            check_unpacked(unpacked, packed, settings.max_compression_ratio)
        if b"<!DOCTYPE" in start:
            raise FileRefusedError("defines XML entities, which no workbook needs; save it anew.")


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _part(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if archive.getinfo(name).file_size > _LARGEST_PART:
        raise KeyError(name)
    # Document type definitions, and with them entities, are refused before.
    return ElementTree.fromstring(archive.read(name))  # noqa: S314


def _check_form(workbook: ElementTree.Element) -> None:
    if workbook.tag.startswith(_STRICT):
        # Its dates are texts.
        raise FileRefusedError(
            "is a workbook of the form Strict Open XML; save it as an ordinary one (.xlsx)."
        )
    for element in workbook.iter():
        if element.tag.endswith("}workbookPr") and element.get("date1904") in ("1", "true"):
            raise FileRefusedError(
                "counts its dates from 1904; switch that off in Excel (Options, Advanced, Use 1904 "
                "date system) and save it again."
            )


def _sheet_part(archive: zipfile.ZipFile, name: str) -> str:
    """The part that holds a sheet, the first where none is named; raises `FileRefusedError`."""
    targets = {
        element.get("Id"): str(element.get("Target")) for element in _part(archive, _RELATIONS)
    }
    sheets = {
        str(element.get("name")): targets[element.get(_RELATION_ID)]
        for element in _part(archive, _WORKBOOK).iter()
        if element.tag.endswith("}sheet")
    }
    if name and name not in sheets:
        raise FileRefusedError(
            f"has no sheet {name!r}{did_you_mean(name, sheets)} Set `sheet` in source.yaml."
        )
    target = sheets[name] if name else next(iter(sheets.values()), "")
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _extent(archive: zipfile.ZipFile, part: str, declared: str) -> str:
    """The declared range with its last row, else that of all cells that hold something.

    Raises `FileRefusedError` for a sheet without any, and for a formula not computed yet.
    """
    width, height, before = "", 0, b""
    for chunk in _chunks(archive, part):
        text = before + chunk
        for found in _UNCOMPUTED.finditer(text):
            _check_formula(found[1] or b"")
        cells = _CELL.findall(text)
        if cells:
            width = max(width, *{column.decode() for column, _ in cells}, key=_column_number)
            height = max(height, int(cells[-1][1]))
        # A cell may lie across two pieces.
        last = text.rfind(b"<", 0, max(text.rfind(b"<c "), text.rfind(b":c ")) + 1)
        before = text[max(last, len(text) - _LONGEST_CELL, 0) :]
    if not height:
        width, height = _extent_by_counting(archive, part)
    if not height:
        raise FileRefusedError("has no cells in its sheet; set `sheet` in source.yaml.")
    if not declared:
        return f"A1:{width}{height}"
    if int(re.sub(r"^[A-Z]+|:.*", "", declared)) > height:
        raise FileRefusedError(
            f"has no cells from the first row of its range {declared!r} on: its last one is row "
            f"{height}. Set `sheet` and `range` in source.yaml."
        )
    return declared if declared[-1].isdigit() else f"{declared}{height}"


def _extent_by_counting(archive: zipfile.ZipFile, part: str) -> tuple[str, int]:
    """The last column and row of a sheet whose cells do not say where they stand."""
    width, row, height, cells = 0, 0, 0, 0
    with archive.open(part) as stream:
        # Document type definitions, and with them entities, are refused before.
        for event, element in ElementTree.iterparse(stream, ("start", "end")):  # noqa: S314
            name = element.tag.rpartition("}")[2]
            if name == "row" and event == "start":
                row, cells = int(element.get("r") or row + 1), 0
            elif name == "c" and event == "end":
                cells += 1
                if len(element):
                    width, height = max(width, cells), row
            elif name == "row":
                element.clear()
    return _letters(width), height


def _letters(number: int) -> str:
    """The name of a column, such as AB for 28."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _column_number(letters: str) -> tuple[int, str]:
    return len(letters), letters


def _check_formula(attributes: bytes) -> None:
    if b't="str"' in attributes:
        return
    cell = re.search(rb'r="([A-Z]+[0-9]+)"', attributes)
    place = f" in cell {cell[1].decode()}" if cell else ""
    raise FileRefusedError(
        f"has a formula{place} without a stored result; open the workbook in Excel or "
        "LibreOffice, save it and deliver it again."
    )
