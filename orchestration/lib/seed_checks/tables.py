"""A seed as its dbt properties declare it, and the rows of its CSV with their lines."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from orchestration.lib.periods import GRAINS, Calendar

Row = Mapping[str, str]


@dataclass(frozen=True)
class Component:
    """What KPIs may ask of a component: its unit, the dimensions and grains that it is made for."""

    unit: str
    known_by: tuple[str, ...]
    grains: tuple[str, ...]


@dataclass(frozen=True)
class Seed:
    """One seed as its dbt properties declare it.

    `columns` maps column to type in file order; `references` maps a column to the seed and column
    that must hold its values; `components` (of the KPI catalogue) has what is known of each.
    """

    name: str
    file: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    required: frozenset[str]
    accepted: Mapping[str, tuple[str, ...]]
    references: Mapping[str, tuple[str, str]]
    components: Mapping[str, Component]


@dataclass
class Table:
    """A seed's rows that have the right number of cells, each with the line it starts on.

    Its periods are those of `calendar`. `is_whole` is false where the file has more than these
    rows.
    """

    seed: Seed
    calendar: Calendar
    rows: list[tuple[int, Row]] = field(default_factory=list)
    is_whole: bool = True

    def at(self, line: int, column: str, problem: str) -> str:
        """A message about one cell."""
        return f"{self.seed.file}, line {line}, column {column}: {problem}"


Tables = Mapping[str, Table]


def declared_seeds(properties: Path) -> list[Seed]:
    """Every seed of the `_<area>__seeds.yml` below `properties`."""
    seeds = []
    for path in sorted(properties.rglob("_*__seeds.yml")):
        folder = path.parent.relative_to(properties)
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["seeds"]:
            seeds.append(_declared_seed(entry, (folder / f"{entry['name']}.csv").as_posix()))
    return seeds


def _declared_seed(entry: Mapping[str, Any], file: str) -> Seed:
    meta = entry["config"]["meta"]
    required = set(meta["key"])
    accepted: dict[str, tuple[str, ...]] = {}
    references: dict[str, tuple[str, str]] = {}
    for column in entry.get("columns", []):
        name = column["name"]
        if column.get("config", {}).get("meta", {}).get("required"):
            required.add(name)
        for test in column.get("data_tests", []):
            if test == "not_null":
                required.add(name)
            elif isinstance(test, dict) and "accepted_values" in test:
                accepted[name] = tuple(test["accepted_values"]["arguments"]["values"])
            elif isinstance(test, dict) and "relationships" in test:
                arguments = test["relationships"]["arguments"]
                references[name] = (
                    re.sub(r"ref\(['\"](.*)['\"]\)", r"\1", arguments["to"]),
                    arguments["field"],
                )
    return Seed(
        name=entry["name"],
        file=file,
        columns=entry["config"]["column_types"],
        key=tuple(meta["key"]),
        required=frozenset(required),
        accepted=accepted,
        references=references,
        components={
            name: Component(
                known["unit"], tuple(known["known_by"]), tuple(known.get("grains", GRAINS))
            )
            for name, known in meta.get("components", {}).items()
        },
    )


def read(path: Path, table: Table) -> Iterator[str]:
    """Fills `table` from the CSV; yields what keeps rows, or the whole file, from being read."""
    seed = table.seed
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        yield f"{seed.file}: the file is missing; put back at least its header line."
        return
    except UnicodeDecodeError as error:
        yield f"{seed.file}: byte {error.start + 1} is not UTF-8; save the file as UTF-8."
        return
    reader = csv.reader(io.StringIO(text), strict=True)
    expected = list(seed.columns)
    line = 1
    try:
        header = next(reader, [])
        if header != expected:
            yield f"{seed.file}, line 1: {_header_problem(header, expected)}"
            return
        line = reader.line_num + 1
        for cells in reader:
            if cells and len(cells) != len(expected):
                yield (
                    f"{seed.file}, line {line}: {len(cells)} cells where the header has "
                    f"{len(expected)}; put cells that hold a comma in double quotes."
                )
            elif cells and not any(cell.strip() for cell in cells):
                yield f"{seed.file}, line {line}: every cell is empty; remove the line."
            elif cells:
                table.rows.append((line, dict(zip(expected, cells, strict=True))))
            line = reader.line_num + 1
    except csv.Error as error:
        yield f"{seed.file}, line {line}: cannot be read as CSV ({error}); check its quotes."


def _header_problem(header: list[str], expected: list[str]) -> str:
    if len(header) == 1 and ";" in header[0]:
        return "cells are separated by ';'; save the file with commas."
    missing = [name for name in expected if name not in header]
    unknown = [name for name in header if name not in expected]
    parts = []
    if missing:
        parts.append(f"missing {', '.join(missing)}")
    if unknown:
        parts.append(f"unknown {', '.join(map(repr, unknown))}")
    return f"{'; '.join(parts) or 'wrong order'}. Write the header {','.join(expected)}."
