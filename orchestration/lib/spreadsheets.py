"""Cells of files that a spreadsheet may open: a text that it would take for a formula stays a text.

Excel, LibreOffice and Google Sheets run what begins with one of a few characters, also after blanks
and, where they split a cell's lines, after a line's end. An apostrophe before it makes it a text.
"""

import re
from collections.abc import Iterable
from typing import Any

# The full-width forms count too: East Asian versions of Excel take them for the plain ones.
_BLANKS = r"[ \t\v\f\u00a0\u200b\ufeff]*"
_SIGNS = r"[=+\-@\t\uff1d\uff0b\uff0d\uff20]"
_FORMULA = re.compile(rf"(^|[\r\n])({_BLANKS})(?={_SIGNS})")


def harmless(cell: Any) -> Any:
    """The cell, an apostrophe before each formula in a text; numbers and dates as they are."""
    if not isinstance(cell, str):
        return cell
    marked = _FORMULA.sub(r"\1'\2", cell)
    # A leading tab or line end hides what follows from a glance at the first character.
    return f"'{marked}" if marked[:1] in ("\t", "\r", "\n") else marked


def harmless_row(row: Iterable[Any]) -> list[Any]:
    """A row of such cells."""
    return [harmless(cell) for cell in row]
