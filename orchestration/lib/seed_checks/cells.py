"""What is checked of every seed, by the columns that it declares."""

import re
from collections.abc import Callable, Iterable, Iterator

from orchestration.lib.contract import did_you_mean
from orchestration.lib.periods import GRAINS
from orchestration.lib.seed_checks.tables import Table, Tables
from orchestration.lib.seed_checks.values import as_date, as_decimal, pattern_problem, type_problem


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
            elif problem := type_problem(value, seed.columns[column]):
                yield table.at(line, column, f"{value!r} {problem}")
            elif column in seed.accepted and value not in seed.accepted[column]:
                known = ", ".join(seed.accepted[column])
                yield table.at(line, column, f"{value!r} is not one of {known}.")


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
        start, grain = as_date(row["period_start"]), row["period_grain"]
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


def references(table: Table, tables: Tables) -> Iterator[str]:
    """Values that the referenced seed does not have; nobody knows where it could not be read."""
    for column, (target, target_column) in table.seed.references.items():
        if target not in tables or not tables[target].is_whole:
            continue
        known = {row[target_column] for _, row in tables[target].rows}
        for line, row in table.rows:
            if row[column] and row[column] not in known:
                problem = f"{row[column]!r} is not in {tables[target].seed.file}"
                remedy = f"add it there or write one of {', '.join(sorted(known)) or 'its values'}."
                yield table.at(line, column, nearest(row[column], known, problem, remedy))


def nearest(value: str, known: Iterable[str], problem: str, remedy: str) -> str:
    """A problem with the known name that is near, which says more than a list of all; else that."""
    return problem + did_you_mean(value, known, f"; {remedy}")


def spelled_twice(table: Table, column: str, other_thing: str) -> Iterator[str]:
    """Names that differ by case alone: two things here, and one to programs that ignore case."""
    spelled: dict[str, tuple[int, str]] = {}
    for line, row in table.rows:
        name = row[column]
        other, spelling = spelled.setdefault(name.lower(), (line, name))
        if spelling != name:
            problem = f"{name!r} is written {spelling!r} in line {other}, and would be another"
            yield table.at(line, column, f"{problem} {other_thing}")


def above_zero(table: Table, column: str) -> Iterator[str]:
    """Numbers of a column that are 0 or less."""
    for line, row in table.rows:
        value = as_decimal(row[column])
        if value is not None and value <= 0:
            yield table.at(line, column, f"'{value}' is not above 0; correct it.")


OF_EVERY_SEED: tuple[Callable[[Table], Iterable[str]], ...] = (
    _cells, _keys, _patterns, _currencies, _period_starts, _undivided,
)  # fmt: skip
