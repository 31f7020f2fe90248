"""Lines above a CSV's header and below its rows, as reports have them: titles, dates, a footer.

`source.yaml` says how many there are: nobody guesses which line is the header. Lines are counted as
an editor counts them, whatever quotes they hold.
"""

import re
from itertools import islice
from pathlib import Path

from orchestration.lib.company import TableFormat
from orchestration.lib.ingestion.files import CHUNK, FileRefusedError, chunks

_LINE_END = "\r\n|\r|\n"
_LINE_END_BYTES = re.compile(_LINE_END.encode())
_NOT_BLANK = re.compile(rb"[^\r\n]*[^\s][^\r\n]*")


def from_header(text: str, settings: TableFormat) -> str:
    """The beginning of a file from its header on; raises `FileRefusedError`."""
    above = settings.header_line - 1
    ends = list(islice(re.finditer(_LINE_END, text), above))
    if len(ends) < above:
        raise _no_header(settings)
    return text[ends[-1].end() :] if ends else text


def _no_header(settings: TableFormat) -> FileRefusedError:
    return FileRefusedError(
        f"has no line {settings.header_line}, on which `header_line` says that its header is."
    )


def has_frame(settings: TableFormat) -> bool:
    """Whether a file has lines that are neither header nor rows."""
    return settings.header_line > 1 or settings.footer_lines > 0


def cut(path: Path, settings: TableFormat, target: Path) -> list[str]:
    """Copies a UTF-8 file from its header to its last row; gives the lines below, without ends.

    Raises `FileRefusedError` where the file has fewer lines.
    """
    size = path.stat().st_size
    with path.open("rb") as stream, target.open("wb") as out:
        ends = [found.end() for found in _LINE_END_BYTES.finditer(stream.read(CHUNK))]
        if len(ends) < settings.header_line - 1:
            raise _no_header(settings)
        start = ends[settings.header_line - 2] if settings.header_line > 1 else 0
        below = ends[settings.header_line - 1] if len(ends) >= settings.header_line else size
        stop, footer = _footer(path, settings.footer_lines, below)
        stream.seek(start)
        left = stop - start
        for chunk in chunks(stream):
            out.write(chunk[:left])
            left -= len(chunk)
            if left <= 0:
                break
    return footer


def _footer(path: Path, count: int, below: int) -> tuple[int, list[str]]:
    """Where the last `count` lines that are not blank begin, and these lines."""
    size = path.stat().st_size
    if not count:
        return size, []
    first = max(below, size - CHUNK)
    with path.open("rb") as stream:
        stream.seek(first)
        found = list(_NOT_BLANK.finditer(stream.read()))[-count:]
    # What begins in the middle of a line is no line.
    if len(found) < count or (first > below and not found[0].start()):
        raise FileRefusedError(
            f"has no {count} lines below its header, and `footer_lines` says that it has: deliver "
            "it with its footer, or mend `footer_lines`."
        )
    lines = [one.group().decode("utf-8", "replace") for one in found]
    return first + found[0].start(), lines
