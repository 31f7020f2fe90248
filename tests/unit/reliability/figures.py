"""What the tests of reliability measured, one line each.

They are printed by every run; `WAREHOUSE_FIGURES=1` (as `make reliability` sets it) keeps them in
docs/reliability.md, whose last section is these lines and nothing else. What takes more than a line
is kept at the end of the document that is about it.
"""

import os
import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[3] / "docs" / "reliability.md"
HEADING = "## Figures\n\n| what was tried | what came of it |\n|---|---|\n"


def are_kept() -> bool:
    """Whether this run writes what it measured into the documents."""
    return bool(os.environ.get("WAREHOUSE_FIGURES"))


def note(what: str, figure: str) -> None:
    """Prints a figure, and replaces its line in the document where that is asked for."""
    print(f"\n{what}: {figure}")
    if not are_kept():
        return
    text = DOCUMENT.read_text(encoding="utf-8")
    head, _, body = text.partition(HEADING)
    rows = dict(re.findall(r"(?m)^\| (.+?) \| (.+) \|$", body))
    rows[what] = figure
    lines = "".join(f"| {name} | {value} |\n" for name, value in sorted(rows.items()))
    DOCUMENT.write_text(head.rstrip() + "\n\n" + HEADING + lines, encoding="utf-8")
