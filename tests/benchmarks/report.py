"""What benchmarks measured, one section each, in docs/benchmarks.md."""

import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
TITLE = """\
# Benchmarks

Written by `make bench`, on one machine. Ratios depend on the machine, and vary by about
a tenth between runs on one.
"""


def write(heading: str, lines: list[str]) -> None:
    """Replaces the section of that heading, or adds it."""
    before = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else TITLE
    sections = re.split(r"(?m)^(?=## )", before)
    section = "\n".join([f"## {heading}", "", *lines, ""])
    kept = [part.rstrip("\n") + "\n" for part in sections]
    titles = [part.split("\n", 1)[0] for part in kept]
    if f"## {heading}" in titles:
        kept[titles.index(f"## {heading}")] = section
    else:
        kept.append(section)
    DOCUMENT.write_text("\n".join(kept), encoding="utf-8")
    print("\n" + section)
