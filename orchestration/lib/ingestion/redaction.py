"""A file without an erased person: the same rows in the same places, identifying cells emptied.

In the person's own rows, e-mails, logins and personal texts are emptied, and so is every column
that nothing reads (a telephone number, an address); customer, lead and browser identifiers become
`erased-...`. What remains (dates, products, amounts) keeps the totals. In other rows only the
person's browser is renamed. The e-mail address itself is removed from every cell.
"""

import csv
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from orchestration.lib.ingestion import csv_reader, files, persons, sql
from orchestration.lib.ingestion.files import StagedFile
from orchestration.lib.ingestion.persons import FileColumns, Suppression
from orchestration.lib.ingestion.reader import Reader
from orchestration.lib.ingestion.run import Run, Task


class RedactionError(RuntimeError):
    """A file that still holds the person after it was rewritten; nothing was changed."""


@dataclass
class Plan:
    """What is to be changed in a file. `own` and `device` are row numbers."""

    own: set[int] = field(default_factory=set)
    device: set[int] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    mentioned: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    # By kind of identifier: what stands in the file, and what takes its place.
    replaced: dict[str, dict[str, str]] = field(default_factory=dict)
    emails: set[str] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Whether the file holds no row of the person."""
        return not self.own and not self.device

    def pattern(self) -> re.Pattern[str] | None:
        """Finds the person's e-mail addresses in a text, also as part of an address."""
        if not self.emails:
            return None
        written = sorted(
            {re.escape(e) for e in self.emails}
            | {re.escape(e.replace("@", "%40")) for e in self.emails}
        )
        return re.compile("|".join(written), re.IGNORECASE)

    def cell(self, row: int, column: str, text: str) -> str:
        """What a cell holds afterwards."""
        kind = self.kinds.get(column)
        if row in self.own:
            if kind in ("email", "identifier") or column in self.texts or column not in self.used:
                return ""
            if kind:
                return self.replaced.get(kind, {}).get(text, text)
            if column in self.mentioned:
                return self._without_identifiers(text)
        elif row in self.device:
            if kind:
                is_device = persons.is_device(kind)
                return self.replaced.get(kind, {}).get(text, text) if is_device else text
            if column in self.mentioned:
                return self._without_identifiers(text, only_devices=True)
        return text

    def _without_identifiers(self, text: str, *, only_devices: bool = False) -> str:
        for kind, values in self.replaced.items():
            if only_devices and not persons.is_device(kind):
                continue
            for value, stand_in in values.items():
                if value and value in text:
                    return text.replace(value, stand_in)
        return text


def plan(
    run: Run, reader: Reader, tasks: list[Task], person: set[Suppression], emails: set[str]
) -> Plan:
    """Finds the person in a file; raises `ValueError` where the configuration hides them."""
    made = Plan(emails=set(emails))
    for task in tasks:
        reader.open(task.settings)
        available = list(reader.columns())
        columns = persons.columns_of(task, available)
        made.kinds |= columns.kinds
        made.texts |= set(columns.texts)
        made.mentioned |= set(columns.mentioned)
        made.used |= set(columns.used)
        found = persons.matches(run, reader, task, columns, person)
        made.own |= {match.row_number for match in found if match.is_own}
        made.device |= {match.row_number for match in found if not match.is_own}
        if found:
            _look_up(run, task, columns, made, person)
    made.device -= made.own
    return made


def _look_up(
    run: Run, task: Task, columns: FileColumns, made: Plan, person: set[Suppression]
) -> None:
    """Notes how the person's identifiers and e-mails are written in the file."""
    rows = sorted(made.own | made.device)
    for name, kind in columns.kinds.items():
        texts = run.connection.execute(
            f"select distinct {sql.identifier(name)}::varchar from source "
            f"where {sql.identifier(name)} is not null "
            "and _row_number in (select unnest($1::bigint[]))",
            [rows],
        ).fetchall()
        hashed = persons.keyed_hashes(run, {str(text) for (text,) in texts}, kind)
        known = {text: value for text, value in hashed.items() if (kind, value) in person}
        if kind == "email":
            made.emails |= {text.strip() for text in known if "@" in text}
        elif kind != "identifier":
            made.replaced.setdefault(kind, {}).update(
                {text: persons.replacement(value) for text, value in known.items()}
            )
    made_values = persons.made_values(run, task, rows)
    for kind, values in made_values.items():
        hashed = persons.keyed_hashes(run, values, kind)
        made.replaced.setdefault(kind, {}).update(
            {
                text: persons.replacement(value)
                for text, value in hashed.items()
                if (kind, value) in person
            }
        )


def without_person(
    run: Run, staged: StagedFile, tasks: list[Task], person: set[Suppression], emails: set[str]
) -> tuple[StagedFile, Plan] | None:
    """A rewritten private copy and what was changed in it; None where the person is not in it.

    Raises `RedactionError` or `ValueError`, and `FileRefusedError` for an unreadable file.
    """
    reader = Reader(run, staged)
    try:
        made = plan(run, reader, tasks, person, emails)
        pattern = made.pattern()
        if made.is_empty and not (pattern and contains(staged.path, made.emails)):
            return None
        target = _rewrite(run, reader, tasks[0], made)
    finally:
        reader.close()
    copy = files.prepare(target, staged.name, staged.content_hash, staged.size, max_ratio=1 << 30)
    copy = replace(copy, kept_hash=files.hash_file(target))
    reader = Reader(run, copy)
    try:
        left = plan(run, reader, tasks, person, made.emails)
    finally:
        reader.close()
    if not left.is_empty or contains(target, made.emails):
        raise RedactionError(
            f"{staged.name!r} would still hold the person in {len(left.own | left.device)} rows: "
            "an expression of its source.yaml hides which column identifies them; name the column "
            "under `identifiers:`."
        )
    return copy, made


def contains(path: Path, texts: set[str]) -> bool:
    """Whether a file's bytes hold one of the texts, in capitals or not."""
    needles = [t.lower().encode() for e in texts for t in (e, e.replace("@", "%40"))]
    longest = max((len(needle) for needle in needles), default=1)
    tail = b""
    with path.open("rb") as stream:
        for chunk in files.chunks(stream):
            seen = tail + chunk.lower()
            if any(needle in seen for needle in needles):
                return True
            tail = seen[-longest:]
    return False


def _rewrite(run: Run, reader: Reader, task: Task, made: Plan) -> Path:
    if reader.csv:
        return _rewrite_csv(reader.csv, task, run.scratch / "incoming", made)
    if reader.json:
        return _rewrite_json(reader.staged.path, run.scratch / "incoming", made)
    return _rewrite_parquet(
        reader.sheet.path if reader.sheet else reader.staged.path, run.scratch / "incoming", made
    )


def _rewrite_csv(file: csv_reader.CsvFile, task: Task, directory: Path, made: Plan) -> Path:
    target = directory / f"{file.path.name}.redacted.csv"
    scrub = _scrubber(made)
    with (
        file.path.open(encoding="utf-8-sig", newline="") as stream,
        target.open("w", encoding=task.settings.encoding, newline="") as out,
    ):
        reader = csv_reader.python_reader(stream, file.delimiter, file.quote)
        writer = csv.writer(
            out,
            delimiter=file.delimiter,
            quotechar=file.quote or None,
            quoting=csv.QUOTE_MINIMAL if file.quote else csv.QUOTE_NONE,
            lineterminator="\n",
        )
        ordinal = -1
        for row in reader:
            if not row and len(file.header) > 1:
                out.write("\n")
                continue
            ordinal += 1
            after = _csv_row(made, ordinal, file.header, row) if ordinal else row
            writer.writerow([scrub(text) for text in after])
    return target


def _csv_row(made: Plan, number: int, header: tuple[str, ...], row: list[str]) -> list[str]:
    surplus = ["" if number in made.own else text for text in row[len(header) :]]
    cells = [made.cell(number, name, text) for name, text in zip(header, row, strict=False)]
    return [*cells, *surplus]


def _rewrite_json(path: Path, directory: Path, made: Plan) -> Path:
    target = directory / f"{path.name}.redacted.jsonl"
    scrub = _scrubber(made)
    row = 0
    with path.open(encoding="utf-8-sig", newline="") as stream, target.open("w", newline="") as out:
        for line in stream:
            if not line.strip():
                out.write(line)
                continue
            row += 1
            changed = line
            if row in made.own or row in made.device:
                # Numbers keep their digits: they travel as marked texts.
                content = json.loads(
                    line, parse_float=lambda digits: f"\0{digits}", parse_int=lambda d: f"\0{d}"
                )
                content = {key: _json_value(made, row, key, v) for key, v in content.items()}
                changed = (
                    re.sub(r'"\\u0000([^"]*)"', r"\1", json.dumps(content, ensure_ascii=False))
                    + "\n"
                )
            out.write(scrub(changed))
    return target


def _json_value(made: Plan, row: int, key: str, value: Any) -> Any:
    text = value if isinstance(value, str) else json.dumps(value)
    bare = text.removeprefix("\0")
    after = made.cell(row, key.strip(), bare)
    if after == bare:
        return value
    return after or None


def _rewrite_parquet(path: Path, directory: Path, made: Plan) -> Path:
    target = directory / f"{path.name}.redacted.parquet"
    table = pyarrow.parquet.read_table(path)
    scrub = _scrubber(made)
    for index, name in enumerate(table.column_names):
        column = table.column(index)
        is_text = pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type)
        values = column.to_pylist()
        after = [_parquet_value(made, row, name, v) for row, v in enumerate(values, 1)]
        if is_text:
            after = [scrub(value) if value else value for value in after]
        if after == values:
            continue
        fits = all(value is None or not isinstance(value, str) or is_text for value in after)
        array = (
            pyarrow.array(after, type=column.type)
            if fits
            else pyarrow.array([None if v is None else str(v) for v in after])
        )
        table = table.set_column(index, name, array)
    pyarrow.parquet.write_table(table, target, compression="zstd")
    return target


def _parquet_value(made: Plan, row: int, column: str, value: Any) -> Any:
    if value is None or (row not in made.own and row not in made.device):
        return value
    text = str(value)
    after = made.cell(row, column, text)
    return value if after == text else after or None


def _scrubber(made: Plan) -> Callable[[str], str]:
    pattern = made.pattern()
    return (lambda text: pattern.sub("", text)) if pattern else (lambda text: text)
