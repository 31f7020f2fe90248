"""What messages tell of many things, and of texts that others wrote."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

SHOWN = 3
# What differs between sentences that say the same of several things: values in quotes, numbers.
_VARYING = re.compile(r"""'[^'\n]*'|"[^"\n]*"|\d+(?:[.,]\d+)*""")


def few(names: Sequence[str]) -> str:
    """The first names of a list, and the number of the others."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def together(sentences: Iterable[str]) -> list[str]:
    """The sentences, but of those that say the same of other values the first few alone.

    They stand together where the first one stood, and the last one tells how many more there are.
    """
    groups: dict[str, list[str]] = {}
    for sentence in sentences:
        groups.setdefault(_VARYING.sub("''", sentence), []).append(sentence)
    told = []
    for alike in groups.values():
        more = len(alike) - SHOWN
        *first, last = alike[:SHOWN]
        told += [*first, f"{last} And {more:,} more like it." if more > 0 else last]
    return told


def under(head: str, text: str) -> str:
    """What `head` says of a text: in one line, or above each of its lines where it has several."""
    lines = text.splitlines()
    return f"{head} {text}" if len(lines) < 2 else "\n  ".join([head, *lines])


def printable(text: str) -> str:
    """A text of others as one line that commands no terminal."""
    blanks = (letter for letter in text if not letter.isprintable())
    # Python calls no blank but the ASCII one printable: not the wide one of Japanese names.
    if all(unicodedata.category(blank) == "Zs" for blank in blanks):
        return text
    return repr(text)[1:-1]
