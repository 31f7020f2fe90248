"""The names of a file's columns, checked alike for every format."""

from orchestration.lib.ingestion.files import FileRefusedError
from orchestration.lib.ingestion.personal import WHITESPACE

RESERVED = "_row_number"


def check(names: list[str], where: str = "in its header") -> tuple[str, ...]:
    """The names without surrounding spaces; raises `FileRefusedError` for unusable ones."""
    header = tuple(name.strip(WHITESPACE) for name in names)
    folded = [name.casefold() for name in header]
    repeated = sorted({n for n in header if n and folded.count(n.casefold()) > 1})
    if repeated:
        raise FileRefusedError(
            f"names column {', '.join(map(repr, repeated))} more than once {where}; "
            "rename one of them at the source."
        )
    if "" in header:
        raise FileRefusedError(
            f"has no name for column {header.index('') + 1} {where}; name every column."
        )
    if RESERVED in folded:
        raise FileRefusedError(f"has a column `{RESERVED}`, a reserved name; rename it.")
    return header
