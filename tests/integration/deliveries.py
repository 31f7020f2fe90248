"""The demo company's last day as a delivery of its own: one file per table, rows to tamper with."""

import csv
import gzip
import io
import re
from pathlib import Path

Rows = list[list[str]]
Delivery = dict[str, Rows]

# The business day 2026-06-30 in the sources' ways of writing: clock time of Paris, or UTC with a T.
TODAY = re.compile(r"2026-06-30(?: |$)|30/06/2026|06/30/2026|2026-06-29T2[23]|2026-06-30T")
# Lines come with their order, whose number is their second column.
ORDERS_OF = {"lignes": "commandes", "order_items": "orders", "reorder_lines": "reorders"}


def read(path: Path) -> Rows:
    """Header and rows of a delivered file."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    # Whatever the encoding, Latin-1 keeps each byte as it is.
    text = io.StringIO(content.decode("latin-1"), newline="")
    return list(csv.reader(text, delimiter=_delimiter(path)))


def write(path: Path, rows: Rows) -> None:
    """Writes what `read` read."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=_delimiter(path), lineterminator="\n").writerows(rows)
    content = text.getvalue().encode("latin-1")
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def take_last_day(landing: Path) -> Delivery:
    """Takes the last day's rows out of landing; returns them by the names of that day's files."""
    delivery: Delivery = {}
    orders: dict[str, set[str]] = {}
    newest = [*landing.rglob("*_2026-Q2.*"), *landing.rglob("*_2026-06.*")]
    for path in sorted(newest, key=lambda path: (_table(path) in ORDERS_OF, path)):
        header, *rows = read(path)
        table = _table(path)
        parents = orders.get(ORDERS_OF.get(table, ""), set())
        is_new = [row[1] in parents or any(map(TODAY.match, row)) for row in rows]
        new = [row for row, one in zip(rows, is_new, strict=True) if one]
        old = [row for row, one in zip(rows, is_new, strict=True) if not one]
        orders[table] = {row[0] for row in new} - {row[0] for row in old}
        write(path, [header, *old])
        if new:
            name = re.sub(r"_2026-(Q2|06)\.", "_2026-06-30.", path.name)
            delivery[f"{path.parent.name}/{name}"] = [header, *new]
    return delivery


def deliver(delivery: Delivery, landing: Path) -> None:
    """Puts the files of a day into landing."""
    for name, rows in delivery.items():
        write(landing / name, rows)


def _table(path: Path) -> str:
    return path.name.partition("_2026")[0]


def _delimiter(path: Path) -> str:
    if path.suffix == ".tsv":
        return "\t"
    return ";" if path.parent.name == "demo_shop_fr" else ","
