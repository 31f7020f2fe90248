"""A file without an erased person: the same rows in the same places, identifying cells emptied.

In the person's own rows, e-mails, logins and personal texts are emptied, and so is every column
that nothing reads (a telephone number, an address); customer, lead and browser identifiers become
`erased-...`. What remains (dates, products, amounts) keeps the totals. In other rows only the
person's browser is renamed. The e-mail address itself is replaced in every cell, as texts are
masked when they are loaded, so that no campaign gets another name and no other identifier is lost.
"""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice, repeat
from pathlib import Path
from typing import IO, Any, TextIO
from urllib.parse import quote

import pyarrow
import pyarrow.compute
import pyarrow.parquet

from orchestration.lib.company import SUPPORTED_ENCODINGS
from orchestration.lib.ingestion import csv_reader, files, mapping, persons, sql
from orchestration.lib.ingestion.emails import MASK, without
from orchestration.lib.ingestion.files import FileRefusedError, StagedFile
from orchestration.lib.ingestion.persons import FileColumns, Suppression
from orchestration.lib.ingestion.reader import Reader, describe
from orchestration.lib.ingestion.rows import parse_file
from orchestration.lib.ingestion.run import Run, Task

BYTE_ORDER_MARK = "\ufeff"
# What a Parquet file begins with.
_PARQUET = b"PAR1"
# How much of a Parquet file is held at once: what is read together, and what is written as one row
# group; whichever limit comes first.
_BATCH_ROWS = 1 << 13
_BATCH_BYTES = 4 << 20
_GROUP_ROWS = 1 << 17
_GROUP_BYTES = 32 << 20
# A telephone number, however it is written: with a country's code, a 0, blanks and brackets.
_TELEPHONE = re.compile(r"\s*[+(]?\d[\d\s()./-]*")
_TELEPHONE_DIGITS = 9


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
    # What takes the place of a login in a column of which more is made, which may not be empty.
    logins: dict[str, str] = field(default_factory=dict)
    emails: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    statements: set[str] = field(default_factory=set)
    # Of parts of objects: whether a statement names them.
    named: dict[str, bool] = field(default_factory=dict)
    # Names and comments of the person's rows that an expression takes out of an object.
    parts: set[str] = field(default_factory=set)
    # What takes the place of an e-mail, by its spelling in small letters, in a column of `keys`.
    stand_ins: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether the file holds no row of the person."""
        return not self.own and not self.device

    def pattern(self) -> re.Pattern[str] | None:
        """Finds the person's e-mail addresses in a text, also as part of an address."""
        if not self.emails:
            return None
        return _any_of(self.emails)

    def cell(self, row: int, column: str, text: str) -> str:
        """What a cell holds afterwards."""
        kind = self.kinds.get(column)
        if row in self.own:
            if kind in ("email", "identifier") or column in self.texts or column not in self.used:
                return ""
            if kind:
                return self.replaced.get(kind, {}).get(text, text)
            if column in self.mentioned:
                return self._of_telephone(text) or self._without_identifiers(text)
        elif row in self.device:
            if kind:
                is_device = persons.is_device(kind)
                return self.replaced.get(kind, {}).get(text, text) if is_device else text
            if column in self.mentioned:
                return self._without_identifiers(text, only_devices=True)
        return text

    def is_read_in_part(self, column: str, value: Any) -> bool:
        """Whether a value is an object or a list of which only what is taken out is personal."""
        is_whole = column not in self.used or column in self.kinds or column in self.texts
        return isinstance(value, dict | list) and not is_whole

    def inside(self, row: int, column: str, value: Any) -> Any:
        """What an object or a list holds afterwards of which an expression takes a part."""
        if row in self.own:
            value = self._as_far_as_read(value)
        if column not in self.mentioned or (row not in self.own and row not in self.device):
            return value
        if row in self.own:
            # A score of 9 is no comment "9".
            value = _each_text(value, lambda text: "" if text in self.parts else text)
            value = _each_text(value, _of_numbers_too(lambda one: self._of_telephone(one) or one))
        for replace_in in self._replacements(only_devices=row not in self.own):
            after = _each_text(value, _of_numbers_too(replace_in))
            if after != value:
                return after
        return value

    def _as_far_as_read(self, value: Any) -> Any:
        """An object or a list without parts that nothing reads, beside others that are.

        As with columns, what no statement names is not read; an object of which it names no part
        is read as a whole.
        """
        if isinstance(value, list):
            return [self._as_far_as_read(one) for one in value]
        if not isinstance(value, dict):
            return value
        read = {key for key in value if self._is_named(key)}
        return {
            key: self._as_far_as_read(one) if key in read or not read else None
            for key, one in value.items()
        }

    def _is_named(self, key: str) -> bool:
        if key not in self.named:
            self.named[key] = any(mapping.is_named(key, text) for text in self.statements)
        return self.named[key]

    def _of_telephone(self, text: str) -> str:
        """What takes the place of a telephone number of which an expression makes an identifier.

        That is the same in all spellings: the person's numbers in different files stay one.
        """
        if not _TELEPHONE.fullmatch(text):
            return ""
        kinds = (k for k in self.replaced if k != "identifier" and not persons.is_device(k))
        for values in (*(self.replaced[kind] for kind in kinds), self.logins):
            for value, stand_in in sorted(values.items()):
                # A number may have been made an address, 9825012345@telephone.example.
                number = value.partition("@")[0]
                shorter, longer = sorted((_digits(text), _digits(number)), key=len)
                is_number = _TELEPHONE.fullmatch(number) and len(shorter) >= _TELEPHONE_DIGITS
                if is_number and longer.endswith(shorter):
                    return stand_in
        return ""

    def _without_identifiers(self, text: str, *, only_devices: bool = False) -> str:
        for replace_in in self._replacements(only_devices=only_devices):
            after = replace_in(text)
            if after != text:
                return after
        return text

    def _replacements(self, *, only_devices: bool) -> Iterator[Callable[[str], str]]:
        """Ways to replace identifiers in texts; the second is for those that the first leaves."""
        stand_ins: dict[str, str] = {}
        for kind, values in self.replaced.items():
            if persons.is_device(kind) or not only_devices:
                # A login, which gets nothing, gives way to a number that is written like it.
                stand_ins |= {v: s for v, s in values.items() if v and (s or v not in stand_ins)}
        if not stand_ins:
            return
        longest_first = sorted(stand_ins, key=lambda value: (-len(value), value))
        any_value = "|".join(map(re.escape, longest_first))
        # The number 12 is meant by 12.0, and by CLI12 only where it stands nowhere by itself.
        for pattern in (rf"(?<!\w)(?:{any_value})(?!\w)", any_value):
            yield partial(re.sub, pattern, lambda found: stand_ins[found.group()])


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def spellings(emails: Iterable[str]) -> list[str]:
    """How addresses are written: in texts, in addresses of pages, which may code marks, in JSON.

    What is no letter of ASCII has another code in capitals.
    """
    ways = (
        str,
        lambda e: e.replace("@", "%40"),
        lambda e: quote(e, "@"),
        lambda e: quote(e, ""),
        lambda e: json.dumps(e)[1:-1],
    )
    cases = (str, _with_other_capitals)
    return sorted({way(case(email)) for email in emails for case in cases for way in ways})


def _with_other_capitals(text: str) -> str:
    return "".join(c if c.isascii() or len(c.upper()) > 1 else c.upper() for c in text)


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, spellings(texts))), re.IGNORECASE)


def plan(
    run: Run, reader: Reader, tasks: list[Task], person: set[Suppression], emails: set[str]
) -> Plan:
    """Finds the person in a file; raises `ValueError` where the configuration hides them."""
    made = Plan(emails=set(emails))
    for task in tasks:
        reader.open(task.settings)
        available = list(reader.columns())
        # JSON lines without an object tell of nobody.
        if not available:
            continue
        columns = persons.columns_of(run, task, available)
        made.kinds |= columns.kinds
        made.texts |= set(columns.texts)
        made.mentioned |= set(columns.mentioned)
        made.used |= set(columns.used)
        made.keys |= set(columns.keys)
        made.statements |= set(columns.statements)
        found = persons.matches(run, reader, task, columns, person)
        made.own |= {match.row_number for match in found if match.is_own}
        made.device |= {match.row_number for match in found if not match.is_own}
        if found:
            _look_up(run, task, columns, made, person)
            made.parts |= persons.texts_in(run, task, sorted(made.own))
    made.device -= made.own
    for email, value in persons.keyed_hashes(run, made.emails, "email").items():
        made.stand_ins |= {s.lower(): persons.replacement(value) for s in spellings({email})}
    return made


def _look_up(
    run: Run, task: Task, columns: FileColumns, made: Plan, person: set[Suppression]
) -> None:
    """Notes how the person's identifiers and e-mails are written in the file."""
    rows = sorted(made.own | made.device)
    for kind, values in persons.values_in(run, task, columns, rows).items():
        _note(run, made, person, values, kind)


def _note(run: Run, made: Plan, person: set[Suppression], texts: set[str], kind: str) -> None:
    stand_ins = persons.stand_ins(run, person, texts, kind)
    if kind == "email":
        made.emails |= {text.strip() for text in stand_ins if "@" in text}
        return
    if kind == "identifier":
        made.logins.update(stand_ins)
        stand_ins = dict.fromkeys(stand_ins, "")
    made.replaced.setdefault(kind, {}).update(stand_ins)


def without_person(
    run: Run, staged: StagedFile, tasks: list[Task], person: set[Suppression], emails: set[str]
) -> tuple[StagedFile, Plan] | None:
    """A rewritten private copy and what was changed in it; None where the person is not in it.

    Raises `RedactionError` or `ValueError`, and `FileRefusedError` for an unreadable file.
    """
    with closing(Reader(run, staged)) as reader:
        made = plan(run, reader, tasks, person, emails)
        if made.is_empty and not contains(staged.path, made.emails):
            return None
        before = _figures(reader, tasks)
        target = _rewrite(run, reader, tasks[0], made)
    copy = files.prepare(target, staged.name, staged.content_hash, staged.size, max_ratio=1 << 30)
    copy = replace(copy, kept_hash=files.hash_file(target))
    with closing(Reader(run, copy)) as reader:
        left = plan(run, reader, tasks, person, made.emails)
        after = _figures(reader, tasks)
    if not left.is_empty or contains(target, made.emails):
        raise RedactionError(
            f"{without(staged.name)!r} would still hold the person in "
            f"{len(left.own | left.device)} rows: an expression of its source.yaml hides which "
            "column identifies them; name that column itself, under `columns:` or `identifiers:`."
        )
    changed = [
        f"{table}.{name}"
        for table, figures in before.items()
        for name, said in figures.items()
        if after[table]["rows"] == figures["rows"] and after[table].get(name) != said
    ]
    if changed:
        raise RedactionError(
            f"{without(staged.name)!r} would say something else of {', '.join(changed)}: that is "
            "made of what identifies the person, or of a column that source.yaml does not name; "
            "name it there, or deliver that in a column of its own."
        )
    return copy, made


def _figures(reader: Reader, tasks: list[Task]) -> dict[str, dict[str, Any]]:
    """What all rows of each table say together by their numbers, days, instants and yes or no.

    In whatever order: identifiers may give rows another one.
    """
    found = {}
    for task in tasks:
        # A table that the file does not fit says nothing, as long as it says nothing afterwards.
        found[task.label] = {"rows": 0}
        with suppress(FileRefusedError):
            parse_file(reader, task, tolerance=1)
            given = describe(reader.run.connection, "parsed")
            figures = [
                column.name
                for column in task.table.columns
                if column.data_type != "varchar" and column.name in given
            ]
            sums = "".join(f", sum(hash({sql.identifier(name)})::hugeint)" for name in figures)
            told = reader.run.connection.execute(
                f"select count(*){sums} from parsed where not _bad"
            ).fetchall()
            found[task.label] = dict(zip(("rows", *figures), told[0], strict=True))
    return found


def keep_out(run: Run, staged: StagedFile, tasks: list[Task]) -> StagedFile:
    """A file without the people who were erased before, or the file itself.

    `tasks` are all that read it: what none of them reads is emptied in rows of these people. Raises
    `FileRefusedError` where its configuration hides which rows are theirs.
    """
    if not run.ledger.suppressed or staged.fault:
        return staged
    try:
        done = without_person(run, staged, tasks, run.ledger.suppressed, set())
    except FileRefusedError:
        # Whoever loads it says why it is refused.
        return staged
    except (ValueError, RedactionError) as error:
        raise FileRefusedError(f"may hold people who were erased: {error}") from error
    if done is None:
        return staged
    copy, _ = done
    # The rows of a database's queries all have one name.
    tables = ", ".join(task.label for task in tasks)
    run.notes.append(
        f"{tables}: {without(staged.name)!r}: rows of people who were erased came without what "
        "identifies them."
    )
    return replace(copy, packed_as=None)


def contains(path: Path, texts: set[str]) -> bool:
    """Whether a file holds one of the texts, in capitals or not.

    In its bytes, in those that a workbook packs, or in the values of a Parquet file.
    """
    if not texts:
        return False
    with path.open("rb") as stream:
        is_parquet = stream.read(len(_PARQUET)) == _PARQUET
        stream.seek(0)
        if _stream_contains(stream, texts):
            return True
    if is_parquet:
        return _parquet_contains(path, texts)
    return zipfile.is_zipfile(path) and _zip_contains(path, texts)


def _needles(texts: Iterable[str]) -> set[bytes]:
    """How texts stand in a file's bytes, whatever its encoding, once ASCII letters are small."""
    found = set()
    for text in spellings(text.lower() for text in texts):
        for encoding in set(SUPPORTED_ENCODINGS.values()):
            with suppress(UnicodeEncodeError):
                found.add(text.encode(encoding).lower())
    return found


def _stream_contains(stream: IO[bytes], texts: set[str]) -> bool:
    needles = _needles(texts)
    longest = max((len(needle) for needle in needles), default=1)
    tail = b""
    while chunk := stream.read(files.CHUNK):
        seen = tail + chunk.lower()
        if any(needle in seen for needle in needles):
            return True
        tail = seen[-longest:]
    return False


def _zip_contains(path: Path, texts: set[str]) -> bool:
    try:
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                with packed.open(name) as stream:
                    if _stream_contains(stream, texts):
                        return True
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
        # Damaged, packed in another way, or locked by a password.
        return False
    return False


def _parquet_contains(path: Path, texts: set[str]) -> bool:
    pattern = _any_of(texts)
    try:
        with pyarrow.parquet.ParquetFile(path, buffer_size=files.CHUNK) as file:
            return any(
                _found(column, pattern)
                for _, batch in _parquet_batches(file)
                for column in batch.columns
            )
    except (pyarrow.ArrowException, OSError):
        return False


def _rewrite(run: Run, reader: Reader, task: Task, made: Plan) -> Path:
    """The rewritten file, made piece by piece: a file may be larger than the memory."""
    directory = run.scratch / "incoming"
    if reader.csv:
        return _rewrite_csv(reader, reader.csv, task.settings.encoding, made)
    if reader.json:
        return _rewrite_json(reader.staged.path, directory, made)
    return _rewrite_parquet(
        reader.sheet.path if reader.sheet else reader.staged.path, directory, made
    )


class _Lines:
    """The lines of a text, as a CSV reader asks for them."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._asked: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._stream:
            self._asked.append(line)
            yield line

    def of_row(self) -> str:
        """What the row that was read last looks like in the file."""
        text = "".join(self._asked)
        self._asked.clear()
        return text


def _rewrite_csv(reader: Reader, file: csv_reader.CsvFile, encoding: str, made: Plan) -> Path:
    """Rows that do not hold the person keep their bytes, quotes and line ends included.

    Only a file that DuckDB does not read as it is written is left as it was read: its rows are
    loaded again within a transaction, which the first attempt would break.
    """
    delivered = reader.staged.path
    target = reader.run.scratch / "incoming" / f"{delivered.name}.redacted.csv"
    pattern, scrub = made.pattern(), _scrubber(made)
    with (
        file.path.open(encoding="utf-8", newline="")
        if file.is_made_plain
        else delivered.open(encoding=encoding, newline="") as stream,
        target.open("w", encoding=encoding, newline="") as out,
    ):
        _copy_mark(stream, out)
        _copy_lines_above(stream, out, file, scrub)
        lines = _Lines(stream)
        ordinal = -1
        for row in csv_reader.python_reader(lines, file.delimiter, file.quote):
            written = lines.of_row()
            if row or len(file.header) == 1:
                ordinal += 1
                is_theirs = ordinal in made.own or ordinal in made.device
                if is_theirs or (pattern and pattern.search(written)):
                    after = _csv_row(made, ordinal, file.header, row) if is_theirs else row
                    names = chain(file.header, repeat(""))
                    cells = [scrub(name, text) for name, text in zip(names, after, strict=False)]
                    if ordinal == 0 and pattern:
                        # A column that is named by the address needs another name.
                        named = (pattern.sub("", name) for name in row)
                        cells = [name or f"erased-{n}" for n, name in enumerate(named, start=1)]
                    written = _csv_line(file, cells) + _ending(written)
            out.write(written)
        if file.is_made_plain:
            # Its footer was cut off, and is looked for when the file is read again.
            out.write("-\n" * file.lines_below)
    return target


def _copy_lines_above(
    stream: TextIO, out: TextIO, file: csv_reader.CsvFile, scrub: Callable[[str, str], str]
) -> None:
    """Writes what stands above the header; of a file that lost it, as many lines."""
    if file.is_made_plain:
        out.write("-\n" * file.lines_above)
    else:
        out.writelines(scrub("", line) for line in islice(stream, file.lines_above))


def _copy_mark(stream: TextIO, out: TextIO) -> None:
    """Passes the byte order mark over, if there is one."""
    if stream.read(1) == BYTE_ORDER_MARK:
        out.write(BYTE_ORDER_MARK)
    else:
        stream.seek(0)


def _ending(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _csv_line(file: csv_reader.CsvFile, cells: list[str]) -> str:
    line = io.StringIO(newline="")
    # A cell is put in quotes where it holds a character of the line's end.
    csv_reader.python_writer(line, file.delimiter, file.quote, "\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n")


def _csv_row(made: Plan, number: int, header: tuple[str, ...], row: list[str]) -> list[str]:
    surplus = ["" if number in made.own else text for text in row[len(header) :]]
    cells = [made.cell(number, name, text) for name, text in zip(header, row, strict=False)]
    return [*cells, *surplus]


def _rewrite_json(path: Path, directory: Path, made: Plan) -> Path:
    target = directory / f"{path.name}.redacted.jsonl"
    pattern, scrub = made.pattern(), _scrubber(made)
    row = 0
    with (
        path.open(encoding="utf-8", newline="") as stream,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        _copy_mark(stream, out)
        for line in stream:
            if not line.strip():
                out.write(line)
                continue
            row += 1
            changed = line
            if row in made.own or row in made.device or (pattern and pattern.search(line)):
                # Numbers keep their digits: they travel as marked texts.
                content = json.loads(
                    line, parse_float=lambda digits: f"\0{digits}", parse_int=lambda d: f"\0{d}"
                )
                content = {
                    key: _each_text(_json_value(made, row, key, value), partial(scrub, key.strip()))
                    for key, value in content.items()
                }
                changed = re.sub(
                    r'"\\u0000([^"]*)"', r"\1", json.dumps(content, ensure_ascii=False)
                ) + _ending(line)
            # A key may be the address too.
            out.write(pattern.sub("", changed) if pattern else changed)
    return target


def _json_value(made: Plan, row: int, key: str, value: Any) -> Any:
    text = value if isinstance(value, str) else json.dumps(value)
    bare = text.removeprefix("\0")
    column = key.strip()
    if made.is_read_in_part(column, value):
        return made.inside(row, column, value)
    after = made.cell(row, column, bare)
    if after == bare:
        return value
    return after or None


def _rewrite_parquet(path: Path, directory: Path, made: Plan) -> Path:
    target = directory / f"{path.name}.redacted.parquet"
    with pyarrow.parquet.ParquetFile(path, buffer_size=files.CHUNK) as file:
        schema = _parquet_schema(file, made)
        with pyarrow.parquet.ParquetWriter(target, schema, compression="zstd") as writer:
            group: list[pyarrow.RecordBatch] = []
            for first, batch in _parquet_batches(file):
                group.append(_parquet_batch(made, first, batch, schema))
                # Each call writes a row group of its own.
                if (
                    sum(one.num_rows for one in group) >= _GROUP_ROWS
                    or sum(one.nbytes for one in group) >= _GROUP_BYTES
                ):
                    writer.write_table(pyarrow.Table.from_batches(group))
                    group = []
            if group:
                writer.write_table(pyarrow.Table.from_batches(group))
    pyarrow.default_memory_pool().release_unused()
    return target


def _parquet_batches(
    file: pyarrow.parquet.ParquetFile, columns: list[str] | None = None
) -> Iterator[tuple[int, pyarrow.RecordBatch]]:
    """The rows in pieces, each with the number of its first row, counted from 1."""
    groups = [file.metadata.row_group(n) for n in range(file.num_row_groups)]
    widest = max((one.total_byte_size // max(one.num_rows, 1) for one in groups), default=0)
    rows = max(1, min(_BATCH_ROWS, _BATCH_BYTES // max(widest, 1)))
    first = 1
    for batch in file.iter_batches(batch_size=rows, columns=columns):
        yield first, batch
        first += batch.num_rows


def _parquet_schema(file: pyarrow.parquet.ParquetFile, made: Plan) -> pyarrow.Schema:
    """The file's schema, with text for each column in which a stand-in takes a number's place."""
    schema = file.schema_arrow
    retyped = set()
    # No other column gets a stand-in.
    names = set(made.kinds) | made.mentioned
    may_be = [f.name for f in schema if _text_type(f.type) is None and f.name in names]
    if may_be:
        for first, batch in _parquet_batches(file, may_be):
            for row in _theirs(made, first, batch.num_rows):
                for name in may_be:
                    value = batch.column(name)[row - first].as_py()
                    if isinstance(_parquet_value(made, row, name, value), str):
                        retyped.add(name)
    for index, field_ in enumerate(schema):
        wanted = pyarrow.string() if field_.name in retyped else _text_type(field_.type)
        if wanted is not None and wanted != field_.type:
            schema = schema.set(index, field_.with_type(wanted))
    return schema


def _text_type(type_: pyarrow.DataType) -> pyarrow.DataType | None:
    """The type of the texts that a column holds, also by a dictionary; None where it holds none."""
    if pyarrow.types.is_dictionary(type_):
        return _text_type(type_.value_type)
    is_text = pyarrow.types.is_string(type_) or pyarrow.types.is_large_string(type_)
    return type_ if is_text else None


def _theirs(made: Plan, first: int, count: int) -> list[int]:
    """The rows of a piece that are the person's, or their browser's."""
    rows = range(first, first + count)
    if len(made.own) + len(made.device) < count:
        return sorted(row for row in made.own | made.device if row in rows)
    return [row for row in rows if row in made.own or row in made.device]


def _parquet_batch(
    made: Plan, first: int, batch: pyarrow.RecordBatch, schema: pyarrow.Schema
) -> pyarrow.RecordBatch:
    theirs = _theirs(made, first, batch.num_rows)
    pattern, scrub = made.pattern(), _scrubber(made)
    arrays = []
    for before, field_ in zip(batch.columns, schema, strict=True):
        changed = {}
        for position in (row - first for row in theirs):
            value = before[position].as_py()
            after = _parquet_value(made, first + position, field_.name, value)
            if after is not value:
                changed[position] = after
        if pattern:
            for position in _found(before, pattern):
                changed.setdefault(position, before[position].as_py())
        changed = {at: _each_text(one, partial(scrub, field_.name)) for at, one in changed.items()}
        arrays.append(_with(_as(before, field_.type), changed))
    return pyarrow.RecordBatch.from_arrays(arrays, schema=schema)


def _as(array: pyarrow.Array, type_: pyarrow.DataType) -> pyarrow.Array:
    if array.type == type_:
        return array
    if _text_type(array.type) == type_:
        return array.dictionary_decode()
    texts = [None if value is None else str(value) for value in array.to_pylist()]
    return pyarrow.array(texts, type_)


def _with(array: pyarrow.Array, changed: dict[int, Any]) -> pyarrow.Array:
    """The array with other values at these positions."""
    if not changed:
        return array
    places = list(range(len(array)))
    for number, position in enumerate(changed):
        places[position] = len(array) + number
    others = pyarrow.array(list(changed.values()), array.type)
    return pyarrow.concat_arrays([array, others]).take(pyarrow.array(places))


def _found(array: pyarrow.Array, pattern: re.Pattern[str]) -> list[int]:
    """The positions whose text or bytes, or whose list or object, holds the pattern."""
    if pyarrow.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if _text_type(array.type) is not None:
        found = pyarrow.compute.match_substring_regex(array, pattern.pattern, ignore_case=True)
        return list(pyarrow.compute.indices_nonzero(found).to_pylist())
    if _is_binary(array.type):
        texts = (_text(value) for value in array.to_pylist())
        return [at for at, text in enumerate(texts) if text and pattern.search(text)]
    if not pyarrow.types.is_nested(array.type):
        return []
    return [at for at, value in enumerate(array.to_pylist()) if pattern.search(str(value))]


def _is_binary(type_: pyarrow.DataType) -> bool:
    """Whether a column holds bytes: texts, as some programs write them."""
    return bool(pyarrow.types.is_binary(type_) or pyarrow.types.is_large_binary(type_))


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "surrogateescape")


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    """A text that is changed, or a list or object of such."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, bytes):
        return change(_text(value)).encode("utf-8", "surrogateescape")
    if isinstance(value, dict):
        return {key: _each_text(one, change) for key, one in value.items()}
    if isinstance(value, list):
        return [_each_text(one, change) for one in value]
    return value


def _of_numbers_too(change: Callable[[str], str]) -> Callable[[str], str]:
    """The same change of a number of JSON, which loses its mark only by becoming a text."""

    def changed(text: str) -> str:
        bare = text.removeprefix("\0")
        after = change(bare)
        return text if after == bare else after

    return changed


def _parquet_value(made: Plan, row: int, column: str, value: Any) -> Any:
    if value is None:
        return value
    if made.is_read_in_part(column, value):
        return made.inside(row, column, value)
    text = _text(value) if isinstance(value, bytes) else str(value)
    after = made.cell(row, column, text)
    if after == text:
        return value
    if isinstance(value, bytes):
        return after.encode("utf-8", "surrogateescape") or None
    return after or None


def _scrubber(made: Plan) -> Callable[[str, str], str]:
    """What a column's text is without the addresses."""
    pattern = made.pattern()
    if pattern is None:
        return lambda _, text: text
    return lambda column, text: pattern.sub(
        lambda found: (
            made.stand_ins.get(found.group().lower(), MASK) if column in made.keys else MASK
        ),
        text,
    )
