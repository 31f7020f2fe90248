"""The names of a file's columns, checked alike for every format."""

import unicodedata
from collections.abc import Iterable

from orchestration.lib import sentences
from orchestration.lib.ingestion import emails
from orchestration.lib.ingestion.files import FileRefusedError
from orchestration.lib.ingestion.personal import WHITESPACE

RESERVED = "_row_number"
HIDDEN = "(not shown: it holds an address)"


def shown(name: str) -> str:
    """A name as messages and the ledger may hold it: some files have data where names belong."""
    return HIDDEN if any(sign in name for sign in emails.SIGNS) else sentences.printable(name)


def made(column: str) -> str:
    """The name of what an expression makes, beside a file's columns: none of theirs begins so."""
    return f" {column}"


def named(names: Iterable[str], available: Iterable[str]) -> str | None:
    """The first of these names that a file has, as the file writes it."""
    by_fold = {_folded(name): name for name in available}
    found = (by_fold.get(_folded(name.strip())) for name in names)
    return next(filter(None, found), None)


def _folded(name: str) -> str:
    """A name without what nobody sees: capitals, and accents that are characters of their own."""
    return unicodedata.normalize("NFC", name).casefold()


def look_like_data(names: Iterable[str]) -> bool:
    """Whether a first line is rather a row: with an address, or what begins with a digit."""
    return any("@" in name or name[:1].isdigit() for name in names)


def check(names: list[str], where: str = "in its header") -> tuple[str, ...]:
    """The names without surrounding spaces; raises `FileRefusedError` for unusable ones."""
    header = tuple(name.strip(WHITESPACE) for name in names)
    folded = [_folded(name) for name in header]
    repeated = sorted({n for n in header if n and folded.count(_folded(n)) > 1})
    if repeated:
        raise FileRefusedError(
            f"names column {', '.join(map(repr, map(shown, repeated)))} more than once {where}; "
            "rename one of them at the source."
        )
    if any("\0" in name for name in header):
        raise FileRefusedError(
            f"has NUL characters {where}: it is no text, or UTF-16; save it as UTF-8."
        )
    if "" in header:
        raise FileRefusedError(
            f"has no name for column {header.index('') + 1} {where}; name every column."
        )
    if RESERVED in folded:
        raise FileRefusedError(f"has a column `{RESERVED}`, a reserved name; rename it.")
    return header
