"""Checks the seed CSVs before dbt loads them, so that a bad row is named by file, line and remedy.

What a seed looks like is read from its dbt properties (`_<area>__seeds.yml`): columns and types
from `column_types`, the key from `meta.key`, required columns from `meta.required` and `not_null`,
closed lists from `accepted_values`, references from `relationships`. What concerns one seed only,
such as the first day of a target's period, is a function of this module.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from orchestration.lib.contract import did_you_mean
from orchestration.lib.periods import GRAINS, ISO_CALENDAR, Calendar

Dimension = Literal[
    "overall", "country", "channel", "device", "segment",
    "campaign", "product_category", "team", "rep",
]  # fmt: skip
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
# Quotas may be set for teams and reps whatever dimensions a KPI is reported by.
QUOTA_DIMENSIONS = ("team", "rep")

# Stages of a lead or a deal in a funnel; those of a company's own pipeline are not known here.
STAGES = ("lead", "mql", "sql", "opportunity", "won", "lost")

# Attribution keeps a path's channels as bits 1 to 62 of an integer; three are what no rule names.
MAX_CHANNELS = 59

_TIMES = ("hours", "days", "months")

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


def check_seeds(
    directory: Path, properties: Path | None = None, calendar: Calendar = ISO_CALENDAR
) -> list[str]:
    """Everything that is wrong with the seed CSVs below `directory`; empty when all is well.

    `properties` is the tree that holds the `_<area>__seeds.yml` files, `directory` itself when
    None; a CSV has the same relative path in both. `calendar` is how the company cuts its periods.
    Messages come in the order of files and lines of a file's general
    checks, then those over several seeds. Never raises for a bad CSV.
    """
    seeds = _declared_seeds(properties or directory)
    problems = [
        f"{path.relative_to(directory).as_posix()}: no seed has this name; rename or remove it."
        for path in sorted(directory.rglob("*.csv"))
        if path.relative_to(directory).as_posix() not in {seed.file for seed in seeds}
    ]
    tables: dict[str, Table] = {}
    for seed in seeds:
        table = Table(seed, calendar)
        unread = list(_read(directory / seed.file, table))
        table.is_whole = not unread
        problems += unread
        problems += [message for check in _GENERAL_CHECKS for message in check(table)]
        tables[seed.name] = table
    problems += [message for table in tables.values() for message in _references(table, tables)]
    for name, check in _SEED_CHECKS:
        if name in tables:
            problems += check(tables[name], tables)
    return problems


def pattern_problem(pattern: str) -> str | None:
    r"""Why `pattern` is outside what RE2 and Java read alike; None when it is inside.

    Left out: look-around, back-references, named and atomic groups, inline flags, possessive
    quantifiers, set operations inside brackets, and every escape but \d \w \s \b, their
    opposites and escaped punctuation.
    """
    outside_brackets = re.sub(r"\\.", "", pattern)
    for escape in re.findall(r"\\(.)", pattern):
        if escape.isdigit():
            return f"uses the back-reference \\{escape}, which RE2 cannot match"
        if escape.isalpha() and escape not in "dDwWsSbB":
            return f"uses the escape \\{escape}, which engines read differently"
    for text, name in (
        (r"\(\?<?[=!]", "look-around"),
        (r"\(\?P?[<'=>]", "a named or an atomic group"),
        (r"\(\?[^:]", "an inline flag"),
        (r"[*+?}]\+", "a possessive quantifier"),
        (r"\[[^\]]*(?:&&|--|\[)", "a set operation or a bracket inside brackets"),
    ):
        if re.search(text, outside_brackets):
            return f"uses {name}, which RE2 and Java do not read alike"
    try:
        re.compile(pattern)
    except re.error as error:
        return f"is not a regular expression ({error})"
    return None


def _declared_seeds(properties: Path) -> list[Seed]:
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


def _read(path: Path, table: Table) -> Iterator[str]:
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


def _cells(table: Table) -> Iterator[str]:
    """Empty required cells, stray spaces, and values that are not of their column's type."""
    seed = table.seed
    for line, row in table.rows:
        for column, value in row.items():
            if not value.strip():
                if value or column in seed.required:
                    yield table.at(line, column, "is empty; fill it in.")
            elif value != value.strip():
                yield table.at(line, column, f"{value!r} has spaces at its ends; remove them.")
            elif problem := _type_problem(value, seed.columns[column]):
                yield table.at(line, column, f"{value!r} {problem}")
            elif column in seed.accepted and value not in seed.accepted[column]:
                known = ", ".join(seed.accepted[column])
                yield table.at(line, column, f"{value!r} is not one of {known}.")


def _type_problem(value: str, data_type: str) -> str | None:
    if data_type == "string":
        return None
    if data_type == "bigint":
        ok, example = _matches(r"-?\d{1,18}", value), "a whole number like 12"
    elif data_type == "boolean":
        ok, example = value.lower() in ("true", "false"), "true or false"
    elif data_type == "date":
        ok, example = _as_date(value) is not None, "a date like 2026-01-31, from 1900 to 2999"
    elif data_type == "timestamp":
        ok, example = _as_timestamp(value) is not None, "a UTC instant like 2026-01-31 08:00:00"
    elif data_type == "double":
        ok, example = _matches(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", value), "a number like 0.5"
    else:
        precision, scale = map(int, re.findall(r"\d+", data_type))
        ok = _matches(rf"-?\d{{1,{precision - scale}}}(\.\d{{1,{scale}}})?", value)
        example = f"a number like 12.5, with a point and at most {scale} decimals"
    return None if ok else f"is not {data_type}; write {example}."


def _matches(pattern: str, value: str) -> bool:
    return re.fullmatch(pattern, value, re.ASCII) is not None


def _as_date(value: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    # Beyond is what a program writes for "never", and has no period after it.
    return day if 1900 <= day.year < 3000 else None


def _as_timestamp(value: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return instant if instant.tzinfo is None else None


def _as_decimal(value: str) -> Decimal | None:
    return Decimal(value) if _matches(r"-?\d+(\.\d+)?", value) else None


def _keys(table: Table) -> Iterator[str]:
    """Rows that repeat the key of an earlier one."""
    seen: dict[tuple[object, ...], int] = {}
    for line, row in table.rows:
        key = tuple(_key_value(row[name], table.seed.columns[name]) for name in table.seed.key)
        if key in seen:
            named = ", ".join(f"{name} {row[name]!r}" for name in table.seed.key)
            yield (
                f"{table.seed.file}, line {line}: repeats {named} of line {seen[key]}; "
                "keep one of the two."
            )
        else:
            seen[key] = line


def _key_value(value: str, data_type: str) -> object:
    """What a cell stands for: 010 is the whole number 10."""
    is_whole = data_type in ("bigint", "integer") and re.fullmatch(r"[+-]?\d+", value)
    return int(value) if is_whole else value


def _patterns(table: Table) -> Iterator[str]:
    """Patterns that the two engines would not read alike."""
    columns = [name for name in table.seed.columns if name.endswith("_pattern")]
    for line, row in table.rows:
        for column in columns:
            if row[column] and (problem := pattern_problem(row[column])):
                remedy = (
                    r"any text is .* there, and a bracket \("
                    if problem.startswith("is not")
                    else "write it without"
                )
                yield table.at(line, column, f"{row[column]!r} {problem}; {remedy}.")


def _currencies(table: Table) -> Iterator[str]:
    columns = [name for name in table.seed.columns if name.endswith("currency")]
    for line, row in table.rows:
        for column in columns:
            if row[column] and not re.fullmatch(r"[A-Z]{3}", row[column]):
                problem = f"{row[column]!r} is not an ISO 4217 code; write one like EUR."
                yield table.at(line, column, problem)


def _period_starts(table: Table) -> Iterator[str]:
    """Periods that do not start on the first day of their grain."""
    if not {"period_start", "period_grain"} <= table.seed.columns.keys():
        return
    for line, row in table.rows:
        start, grain = _as_date(row["period_start"]), row["period_grain"]
        if start is None or grain not in GRAINS:
            continue
        first = table.calendar.first_day(start, grain)
        if start != first:
            yield table.at(
                line,
                "period_start",
                f"'{start}' is not the first day of a {grain}; write {first}.",
            )


def _undivided(table: Table) -> Iterator[str]:
    """Rows where 'overall' and 'all' do not go together."""
    if not {"dimension", "segment"} <= table.seed.columns.keys():
        return
    for line, row in table.rows:
        if row["dimension"] == "overall" and row["segment"] not in ("", "all"):
            problem = f"{row['segment']!r} with dimension 'overall'; write all."
            yield table.at(line, "segment", problem)
        elif row["dimension"] not in ("", "overall") and row["segment"] == "all":
            problem = f"'all' with dimension {row['dimension']!r}; name a {row['dimension']}."
            yield table.at(line, "segment", problem)


def _references(table: Table, tables: Tables) -> Iterator[str]:
    """Values that the referenced seed does not have; nobody knows where it could not be read."""
    for column, (target, target_column) in table.seed.references.items():
        if target not in tables or not tables[target].is_whole:
            continue
        known = {row[target_column] for _, row in tables[target].rows}
        for line, row in table.rows:
            if row[column] and row[column] not in known:
                problem = f"{row[column]!r} is not in {tables[target].seed.file}"
                remedy = f"add it there or write one of {', '.join(sorted(known)) or 'its values'}."
                yield table.at(line, column, _nearest(row[column], known, problem, remedy))


def _nearest(value: str, known: Iterable[str], problem: str, remedy: str) -> str:
    """A problem with the known name that is near, which says more than a list of all; else that."""
    return problem + (did_you_mean(value, known) or f"; {remedy}")


def _lowered(text: str) -> str:
    """A text in lower case, letter by letter, as the models' macro `lowered` has it.

    Of the whole text Python would make two letters of İ, and ς of a word's last Σ.
    """
    return "".join(letter.lower()[0] for letter in text)


def _spelled_twice(table: Table, column: str, other_thing: str) -> Iterator[str]:
    """Names that differ by case alone: two things here, and one to programs that ignore case."""
    spelled: dict[str, tuple[int, str]] = {}
    for line, row in table.rows:
        name = row[column]
        other, spelling = spelled.setdefault(name.lower(), (line, name))
        if spelling != name:
            problem = f"{name!r} is written {spelling!r} in line {other}, and would be another"
            yield table.at(line, column, f"{problem} {other_thing}")


def _channel_rules(table: Table, _: Tables) -> Iterator[str]:
    """Contradicting, reserved or too many channels; rules that never apply; no last catch-all."""
    conditions = [
        name for name in table.seed.columns
        if name.endswith("_pattern") or name in ("source_category", "click_id_type")
    ]  # fmt: skip
    first_seen: dict[str, tuple[int, Row]] = {}
    yield from _spelled_twice(table, "channel", "channel; write that.")
    for line, row in table.rows:
        if row["channel"].lower() == "all" or row["channel"].startswith("("):
            problem = f"{row['channel']!r} is what reports call the whole or the unknown"
            yield table.at(line, "channel", f"{problem}; name the channel otherwise.")
        if row["channel"] not in first_seen and len(first_seen) == MAX_CHANNELS:
            yield table.at(
                line,
                "channel",
                f"{row['channel']!r} is one channel more than {MAX_CHANNELS}; "
                "tell its visits apart by their campaigns.",
            )
        before, other = first_seen.setdefault(row["channel"], (line, row))
        for column in ("channel_group", "is_paid"):
            if row[column] != other[column]:
                problem = (
                    f"{row[column]!r}, but line {before} says {other[column]!r} of the channel "
                    f"{row['channel']!r}; write the same in both."
                )
                yield table.at(line, column, problem)
        if row["click_id_type"] != row["click_id_type"].lower():
            problem = f"{row['click_id_type']!r} has capitals; write it in lower case."
            yield table.at(line, "click_id_type", problem)
    ordered = sorted(
        (int(row["priority"]), line, row)
        for line, row in table.rows
        if not _type_problem(row["priority"], "bigint")
    )
    earlier: dict[tuple[str, ...], int] = {}
    for _priority, line, row in ordered:
        asked = tuple(row[name].lower() for name in conditions)
        if any(asked) and earlier.setdefault(asked, line) != line:
            yield (
                f"{table.seed.file}, line {line}: has the conditions of line {earlier[asked]}, "
                "which comes first, and so never applies; change or remove one of the two."
            )
    open_rules = [line for _, line, row in ordered if not any(row[name] for name in conditions)]
    if ordered and (not open_rules or open_rules[-1] != ordered[-1][1]):
        yield (
            f"{table.seed.file}, line {ordered[-1][1]}: the rule with the largest priority has "
            "conditions; end with one that has none, such as Unassigned."
        )
    for line in open_rules:
        if line != ordered[-1][1]:
            yield (
                f"{table.seed.file}, line {line}: a rule without conditions hides every rule "
                "after it; give it a condition or the largest priority."
            )


def _source_categories(table: Table, _: Tables) -> Iterator[str]:
    """Sources that no visit can have: hosts are compared in lower case, without scheme and www."""
    for line, row in table.rows:
        source = row["source"]
        bare = re.sub(r"^[a-z]+://|^www\.|/.*$", "", re.sub(r"^[a-z]+://", "", source.lower()))
        if source and source != bare:
            yield table.at(line, "source", f"{source!r} is never compared with; write {bare}.")


def _funnel_steps(table: Table, _: Tables) -> Iterator[str]:
    """Steps not numbered 1, 2, 3 ..., or that one event takes at once; limits that differ."""
    yield from _spelled_twice(table, "funnel", "funnel; write that.")
    yield from _step_names(table)
    funnels: dict[str, list[tuple[int, Row]]] = {}
    for line, row in table.rows:
        if not _type_problem(row["step_number"], "bigint"):
            funnels.setdefault(row["funnel"], []).append((line, row))
    for funnel, rows in funnels.items():
        rows.sort(key=lambda item: int(item[1]["step_number"]))
        limit = rows[0][1]["max_days_from_entry"]
        for number, (line, row) in enumerate(rows, start=1):
            if int(row["step_number"]) != number:
                problem = (
                    f"'{row['step_number']}' where {funnel!r} comes to step {number}; "
                    "number a funnel's steps 1, 2, 3 without gaps or repeats."
                )
                yield table.at(line, "step_number", problem)
                break
        taken: dict[tuple[str, str], str] = {}
        for line, row in rows:
            if row["page_pattern"] and _lowered(row["event_or_stage"]) in STAGES:
                problem = f"{row['page_pattern']!r}, but the stage {row['event_or_stage']!r}"
                yield table.at(line, "page_pattern", f"{problem} has no page; leave it empty.")
            what = (_lowered(row["event_or_stage"]), row["page_pattern"])
            if what in taken:
                problem = (
                    f"{row['event_or_stage']!r} is step {taken[what]} of {funnel!r} already, and "
                    "one event would take both; tell them apart by a page_pattern."
                )
                yield table.at(line, "event_or_stage", problem)
            taken.setdefault(what, row["step_number"])
        for line, row in rows:
            days = row["max_days_from_entry"]
            if days != limit:
                problem = f"'{days}' where step 1 of {funnel!r} has {limit}; write {limit}."
                yield table.at(line, "max_days_from_entry", problem)
            elif not _type_problem(days, "bigint") and int(days) < 1:
                problem = f"'{days}' leaves no time; write at least 1."
                yield table.at(line, "max_days_from_entry", problem)


def _step_names(table: Table) -> Iterator[str]:
    """Names that two steps of a funnel have: a report by names adds them up."""
    named: dict[tuple[str, str], int] = {}
    for line, row in table.rows:
        other = named.setdefault((row["funnel"], row["step"].lower()), line)
        if row["step"] and other != line:
            problem = f"{row['step']!r} is the step of line {other}, too; give each its own name."
            yield table.at(line, "step", problem)


def _page_rules(table: Table, _: Tables) -> Iterator[str]:
    """Patterns that no path can match: it begins with a slash, ends without one, has no query."""
    for line, row in table.rows:
        pattern = row["path_pattern"]
        if re.match(r"\w", pattern):
            problem = f"{pattern!r} matches no path, which begins with a slash"
            remedy = "write /... as after the host" if "://" in pattern else f"write /{pattern}"
        elif len(pattern) > 1 and pattern.endswith("/"):
            problem = f"{pattern!r} matches no path, which ends without a slash"
            remedy = f"write {pattern.rstrip('/')}"
        elif r"\?" in pattern:
            problem = f"{pattern!r} matches no path, which ends before the question mark"
            remedy = "leave out what follows it"
        else:
            continue
        yield table.at(line, "path_pattern", f"{problem}; {remedy}.")


def _bot_user_agents(table: Table, _: Tables) -> Iterator[str]:
    """Patterns that miss the very program that they are for."""
    for line, row in table.rows:
        pattern = row["user_agent_pattern"]
        if pattern_problem(pattern) or not row["example"]:
            continue
        if not re.fullmatch(pattern, row["example"], re.IGNORECASE):
            problem = f"{row['example']!r} is not matched by {pattern!r} as a whole"
            yield table.at(line, "example", f"{problem}; correct one of the two.")


def _kpi_catalogue(table: Table, _: Tables) -> Iterator[str]:
    """Unknown components, grains and dimensions, units that are wrong, thresholds upside down."""
    yield from _spelled_twice(table, "kpi_id", "KPI; name it otherwise or remove it.")
    for line, row in table.rows:
        yield from _components(table, line, row)
        yield from _unit(table, line, row)
        yield from _listed(table, line, row, "grains", GRAINS)
        yield from _listed(table, line, row, "dimensions", DIMENSIONS)
        if row["unit"] == "ratio" and not row["denominator"]:
            yield table.at(line, "denominator", "is empty; a ratio needs a denominator.")
        if row["dimensions"] and "overall" not in row["dimensions"].split("|"):
            yield table.at(line, "dimensions", "lacks overall; add it.")
        yield from _thresholds(table, line, row)
        scale = _as_decimal(row["scale"])
        if scale is not None and scale <= 0:
            yield table.at(line, "scale", f"'{scale}' is not above 0; write 1 to leave values be.")
        if not _type_problem(row["min_sample"], "bigint") and int(row["min_sample"]) < 0:
            problem = f"'{row['min_sample']}' is below 0; write 0 where no value is a small sample."
            yield table.at(line, "min_sample", problem)


def _thresholds(table: Table, line: int, row: Row) -> Iterator[str]:
    """Shares of the target that are none, or in percent, and an alert ahead of its warning."""
    shares = {column: _as_decimal(row[column]) for column in ("warn_at", "alert_at")}
    outside = {
        column: share
        for column, share in shares.items()
        if share is not None and not 0 < share <= 1
    }
    for column, share in outside.items():
        meant = f"{share / 100} for {share} %" if 1 < share <= 100 else "0.95 for 95 %"
        problem = f"'{share}' is not a share of the target, above 0 and up to 1; write {meant}."
        yield table.at(line, column, problem)
    warn, alert = shares.values()
    if not outside and warn is not None and alert is not None and alert > warn:
        problem = f"'{alert}' with warn_at '{warn}'; write 0 < alert_at <= warn_at."
        yield table.at(line, "alert_at", problem)


def _components(table: Table, line: int, row: Row) -> Iterator[str]:
    components = table.seed.components
    for column in ("numerator", "denominator"):
        name = row[column]
        if not name:
            continue
        if name not in components:
            remedy = f"write one of {', '.join(sorted(components))}."
            problem = _nearest(name, components, f"{name!r} is not a component", remedy)
            yield table.at(line, column, problem)
            continue
        for listed, every, offered in (
            ("dimensions", DIMENSIONS, components[name].known_by),
            ("grains", GRAINS, components[name].grains),
        ):
            for value in row[listed].split("|"):
                if value in every and value not in offered:
                    yield table.at(
                        line,
                        listed,
                        f"{value!r} is not known for the component {name!r}; "
                        f"write only {'|'.join(offered)}.",
                    )


def _unit(table: Table, line: int, row: Row) -> Iterator[str]:
    """Units that the components cannot have: revenue in hours, an order value as a share."""
    used = [row[column] for column in ("numerator", "denominator") if row[column]]
    scale = _as_decimal(row["scale"])
    if any(name not in table.seed.components for name in used) or not used or scale is None:
        return
    if len(used) == 2 and used[0] == used[1]:
        problem = f"{used[0]!r} is the numerator as well: the quotient is always 1; name another."
        yield table.at(line, "denominator", problem)
        return
    units = [table.seed.components[name].unit for name in used]
    if row["unit"] not in table.seed.accepted["unit"] or row["unit"] in _units_of(units, scale):
        return
    if row["unit"] == "ratio" and len(used) == 1:
        return
    named = " / ".join(f"{name} ({unit})" for name, unit in zip(used, units, strict=True))
    times = "" if scale == 1 else f"{scale} x "
    possible = " or ".join(_units_of(units, scale))
    problem = f"{row['unit']!r} is not what {times}{named} is measured in; write {possible}."
    yield table.at(line, "unit", problem)


def _units_of(units: list[str], scale: Decimal) -> list[str]:
    """What a KPI may be measured in, by the units of its components.

    A share of 1 has no scale; a number of days may be told in hours, or a share in points.
    """
    numerator, *divisor = units
    if not divisor:
        if scale == 1:
            return [numerator]
        return [*(_TIMES if numerator in _TIMES else (numerator,)), "points"]
    if divisor != [numerator]:
        return [numerator, *(["points"] if numerator == "count" else [])]
    shares = ["ratio"] if scale == 1 else []
    # Orders per customer are a count; a cost over what comes back in a month is months.
    return [*shares, "points", *{"count": ["count"], "currency": ["months"]}.get(numerator, [])]


def _listed(
    table: Table, line: int, row: Row, column: str, known: tuple[str, ...]
) -> Iterator[str]:
    values = row[column].split("|") if row[column] else []
    for value in values:
        if value not in known:
            problem = f"{value!r} is not one of {', '.join(known)}; separate several by |."
            yield table.at(line, column, problem)
    if len(values) != len(set(values)):
        yield table.at(line, column, f"{row[column]!r} names one twice; name each once.")


def _kpi_targets(table: Table, tables: Tables) -> Iterator[str]:
    """Targets at a grain or for a dimension that their KPI does not have, or without currency."""
    kpis = _by_kpi(tables)
    for line, row in table.rows:
        kpi = kpis.get(row["kpi_id"])
        if kpi is None:
            continue
        if row["period_grain"] in GRAINS:
            yield from _offered(table, line, row["period_grain"], "period_grain", kpi["grains"])
        if row["dimension"] not in QUOTA_DIMENSIONS:
            yield from _offered(table, line, row["dimension"], "dimension", kpi["dimensions"])
        if kpi["unit"] == "currency" and not row["currency"]:
            yield table.at(line, "currency", "is empty for an amount; write a code like EUR.")
        elif kpi["unit"] not in ("currency", "") and row["currency"]:
            problem = f"{row['currency']!r} for a {kpi['unit']}; leave it empty."
            yield table.at(line, "currency", problem)
    yield from _target_versions(table)


def _target_versions(table: Table) -> Iterator[str]:
    """Versions that are never in force, and those of one target in two currencies."""
    first: dict[tuple[str, ...], tuple[int, Row]] = {}
    for line, row in table.rows:
        start, set_on = _as_date(row["period_start"]), _as_date(row["set_on"])
        grain = row["period_grain"]
        is_known = start and grain in GRAINS
        after = table.calendar.next_start(start, grain) if start and is_known else None
        if after and set_on and set_on >= after:
            problem = (
                f"'{set_on}' is after the period that ends on {after - timedelta(days=1)}: the "
                "target would never be in force; write the day on which it was set."
            )
            yield table.at(line, "set_on", problem)
        version = tuple(row[column] for column in table.seed.key if column != "set_on")
        before, other = first.setdefault(version, (line, row))
        if row["currency"] != other["currency"]:
            problem = (
                f"{row['currency']!r}, but the version of line {before} is in "
                f"{other['currency']!r}; write all versions of a target in one currency."
            )
            yield table.at(line, "currency", problem)


def _by_kpi(tables: Tables) -> dict[str, Row]:
    catalogue = tables.get("kpi_catalogue")
    return {row["kpi_id"]: row for _, row in catalogue.rows} if catalogue else {}


def _offered(table: Table, line: int, value: str, column: str, offered: str) -> Iterator[str]:
    if value and value not in offered.split("|"):
        problem = f"{value!r} is not offered by the KPI; write one of {offered}."
        yield table.at(line, column, problem)


def _market_size(table: Table, _: Tables) -> Iterator[str]:
    yield from _above_zero(table, "market_revenue")


def _corrective_actions(table: Table, tables: Tables) -> Iterator[str]:
    """Actions that end or are judged before they start, or whose KPI, control or sums are wrong."""
    kpis = _by_kpi(tables)
    for line, row in table.rows:
        started = _as_date(row["started_on"])
        for column in ("ended_on", "review_on"):
            day = _as_date(row[column])
            if started and day and day < started:
                yield table.at(line, column, f"'{day}' is before started_on {started}.")
        if row["control_segment"] and "all" in (row["segment"], row["control_segment"]):
            problem = f"{row['control_segment']!r} beside {row['segment']!r}: "
            problem += (
                "a control is another part of the same dimension; name one or leave it empty."
            )
            yield table.at(line, "control_segment", problem)
        elif row["control_segment"] and row["control_segment"] == row["segment"]:
            problem = f"{row['segment']!r} is the segment itself; name another or leave it empty."
            yield table.at(line, "control_segment", problem)
        effect, cost = _as_decimal(row["expected_effect"]), _as_decimal(row["cost"])
        if effect is not None and abs(effect) >= 5:
            meant = (effect / 100).normalize()
            problem = f"'{effect}' would be {100 * effect:f} %; write {meant:f} for {effect} %."
            yield table.at(line, "expected_effect", problem)
        if cost is not None and cost < 0:
            yield table.at(line, "cost", f"'{cost}' is below 0; write what was spent.")
        if row["cost"] and not row["currency"]:
            yield table.at(line, "currency", "is empty beside a cost; write a code like EUR.")
        if (kpi := kpis.get(row["kpi_id"])) is not None:
            yield from _offered(table, line, row["dimension"], "dimension", kpi["dimensions"])
            yield from _judged_by(table, line, kpi, tables["kpi_catalogue"].seed.components)


def _judged_by(
    table: Table, line: int, kpi: Row, components: Mapping[str, Component]
) -> Iterator[str]:
    """An action is judged by whole weeks from its first day on, which are made of days."""
    lacking = [grain for grain in ("day", "week") if grain not in kpi["grains"].split("|")]
    if not lacking:
        return
    used = [
        components[kpi[name]] for name in ("numerator", "denominator") if kpi[name] in components
    ]
    can_be_added = all(grain in component.grains for grain in lacking for component in used)
    named = " and ".join(lacking)
    remedy = f"add {named} to its grains in kpi_catalogue.csv or " if can_be_added else ""
    yield table.at(
        line,
        "kpi_id",
        f"{kpi['kpi_id']!r} has no {' and no '.join(f'{grain}s' for grain in lacking)}, by which an"
        f" action is judged; {remedy}name another KPI.",
    )


def _campaign_aliases(table: Table, _: Tables) -> Iterator[str]:
    """Names that mean two campaigns, or a campaign that is itself an alias."""
    meant: dict[str, tuple[str, int]] = {}
    for line, row in table.rows:
        name = row["raw_campaign"].lower()
        campaign, other = meant.setdefault(name, (row["campaign"], line))
        if campaign != row["campaign"]:
            problem = f"means {campaign!r} in line {other}; keep one of the two."
            yield table.at(line, "raw_campaign", f"{row['raw_campaign']!r} {problem}")
    for line, row in table.rows:
        further = meant.get(row["campaign"].lower())
        if further and further[0].lower() != row["campaign"].lower():
            problem = f"{row['campaign']!r} is an alias in line {further[1]}; write {further[0]!r}."
            yield table.at(line, "campaign", problem)


# What a unit of a currency is worth after the way there and back, by rates of different sources.
_LEAST_ROUND_TRIP = Decimal("0.9")


def _fx_rates(table: Table, _: Tables) -> Iterator[str]:
    yield from _above_zero(table, "rate")
    for line, row in table.rows:
        if row["from_currency"] and row["from_currency"] == row["to_currency"]:
            yield table.at(line, "to_currency", "is from_currency itself; remove the row.")
    yield from _rates_upside_down(table)


def _rates_upside_down(table: Table) -> Iterator[str]:
    """Rates of one day, there and back, that are no inverse of each other, however roughly."""
    there: dict[tuple[str, str, str], tuple[int, Decimal]] = {}
    for line, row in table.rows:
        rate = _as_decimal(row["rate"])
        day, source, target = row["rate_date"], row["from_currency"], row["to_currency"]
        if not rate or rate <= 0 or source == target:
            continue
        there[day, source, target] = line, rate
        other, back = there.get((day, target, source), (line, 1 / rate))
        if not _LEAST_ROUND_TRIP < rate * back < 1 / _LEAST_ROUND_TRIP:
            problem = (
                f"'{rate}' from {source} to {target}, but line {other} says '{back}' for the way "
                "back: one of the two is upside down; correct or remove it."
            )
            yield table.at(line, "rate", problem)


def _above_zero(table: Table, column: str) -> Iterator[str]:
    for line, row in table.rows:
        value = _as_decimal(row[column])
        if value is not None and value <= 0:
            yield table.at(line, column, f"'{value}' is not above 0; correct it.")


def _business_hours(table: Table, _: Tables) -> Iterator[str]:
    """Weekdays outside 1..7, times that are not HH:MM, intervals that are empty or overlap."""
    open_until: dict[int, tuple[str, int]] = {}
    by_time = sorted(
        (int(row["weekday"]), row["opens_at"], line, row)
        for line, row in table.rows
        if not _type_problem(row["weekday"], "bigint")
    )
    for weekday, _opens_at, line, row in by_time:
        if not 1 <= weekday <= 7:
            problem = f"'{row['weekday']}' is not 1 (Monday) to 7 (Sunday)."
            yield table.at(line, "weekday", problem)
            continue
        times = {column: row[column] for column in ("opens_at", "closes_at") if row[column]}
        wrong = [column for column, value in times.items() if not _is_time(column, value)]
        for column in wrong:
            yield table.at(line, column, f"{row[column]!r} is not a time; write it like 09:00.")
        if wrong or len(times) < 2:
            continue
        if row["closes_at"] <= row["opens_at"]:
            problem = f"'{row['closes_at']}' is not after opens_at {row['opens_at']}."
            yield table.at(line, "closes_at", problem)
            continue
        until, other = open_until.get(weekday, ("", 0))
        if row["opens_at"] < until:
            problem = f"'{row['opens_at']}' is within the hours of line {other}; join the two."
            yield table.at(line, "opens_at", problem)
        open_until[weekday] = max((until, other), (row["closes_at"], line))


def _sla_targets(table: Table, _: Tables) -> Iterator[str]:
    """Priorities that no ticket is compared with, and promises of no time at all."""
    for line, row in table.rows:
        if row["priority"] != (priority := _lowered(row["priority"])):
            problem = f"{row['priority']!r} has capitals; write {priority}."
            yield table.at(line, "priority", problem)
        for column in ("first_response_hours", "resolution_hours"):
            hours = _as_decimal(row[column])
            if hours is not None and hours <= 0:
                problem = f"'{hours}' is no time; leave it empty where nothing is promised."
                yield table.at(line, column, problem)


def _is_time(column: str, value: str) -> bool:
    if column == "closes_at" and value == "24:00":
        return True
    if not re.fullmatch(r"\d{2}:\d{2}", value):
        return False
    try:
        time.fromisoformat(value)
    except ValueError:
        return False
    return True


_GENERAL_CHECKS: tuple[Callable[[Table], Iterable[str]], ...] = (
    _cells, _keys, _patterns, _currencies, _period_starts, _undivided,
)  # fmt: skip
_SEED_CHECKS: tuple[tuple[str, Callable[[Table, Tables], Iterable[str]]], ...] = (
    ("channel_rules", _channel_rules),
    ("source_categories", _source_categories),
    ("campaign_aliases", _campaign_aliases),
    ("funnel_steps", _funnel_steps),
    ("page_rules", _page_rules),
    ("bot_user_agents", _bot_user_agents),
    ("kpi_catalogue", _kpi_catalogue),
    ("kpi_targets", _kpi_targets),
    ("market_size", _market_size),
    ("corrective_actions", _corrective_actions),
    ("fx_rates", _fx_rates),
    ("business_hours", _business_hours),
    ("sla_targets", _sla_targets),
)
