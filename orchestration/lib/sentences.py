"""How much of many things a message tells: the first few, and how many more there are."""

from collections.abc import Sequence

SHOWN = 3


def few(names: Sequence[str]) -> str:
    """The first names of a list, and the number of the others."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")
