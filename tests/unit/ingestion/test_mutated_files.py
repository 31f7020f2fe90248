"""Valid files, broken at random: never a crash, never a row that a plain reader reads otherwise."""

import csv
import io
import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.lib.ingestion import repeats, rows
from tests.unit.ingestion.house import contents, things

HEADER = ["thing_id", "label", "amount", "pieces", "is_open", "due_on", "changed_at"]
TRUE, FALSE = {"true", "t", "1", "yes", "y", "oui", "o"}, {"false", "f", "0", "no", "n", "non"}
SPACES = "".join(chr(code) for code in range(0x3001) if unicodedata.category(chr(code)) == "Zs")
ERRORS = re.compile(r"#(NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|SPILL!|CALC!)")

LABEL = st.text(st.sampled_from(list("abé ,;\"'\n#€?@.=-1\u00a0")), max_size=6)
AMOUNT = st.one_of(
    st.decimals(-9999, 9999, places=2).map(str),
    st.sampled_from(["", "1", "-0", ".5", "5.", "1.23450", "1.23456", "1e3", " 7 ", "1,5", "x"]),
)
PIECES = st.one_of(
    st.integers(-(10**12), 10**12).map(str),
    st.sampled_from(["", "6.0", "6.5", "1e3", "0x1F", "9223372036854775808", " 5", "5 ", "+5"]),
)
OPEN = st.sampled_from(["", "true", "F", "oui", "Non", "2", " yes ", "maybe"])
DAY = st.one_of(
    st.dates(date(1890, 1, 1), date(2100, 1, 1)).map(str),
    st.sampled_from(["", "2025-02-29", "01/02/2026", "2026-1-1", " 2026-01-01 ", "2026-01-01x"]),
)
INSTANT = st.one_of(
    st.datetimes(datetime(1890, 1, 1), datetime(2100, 1, 1)).map(
        lambda moment: str(moment.replace(microsecond=0))
    ),
    st.sampled_from(
        [
            "",
            "2026-01-01",
            "2026-01-01T10:00",
            "2026-01-01 10:00:00.25",
            "2026-01-01 24:00:00",
            "2026-01-01 10:00:0x",
            "2026-01-01 1 :00:00",
            "-026-01-01 10:00:00",
            "2026-02-30 1:00",
            "2026-01-01 10:00:00 ",
            " 2026-01-01 10:00:00",
            "2026 01 01 10:00:00",
        ]
    ),
)
FILE = st.lists(
    st.tuples(st.integers(0, 30).map(str), LABEL, AMOUNT, PIECES, OPEN, DAY, INSTANT).map(list),
    min_size=1,
    max_size=8,
)


def written(lines: list[list[str]], line_end: str) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=line_end).writerows([HEADER, *lines])
    return stream.getvalue().encode()


MUTATION = st.tuples(
    st.sampled_from(["none", "cut", "insert", "delete", "swap", "double a line", "mix line ends"]),
    st.integers(0, 10**6),
    st.sampled_from([b'"', b",", b"\n", b"\r", b"\0", b"\xff", b" ", b'" ', b";", b"''", b"\r\n"]),
)


def mutated(content: bytes, mutation: tuple[str, int, bytes]) -> bytes:
    kind, number, piece = mutation
    # The header stays: a broken one is refused, which other tests show.
    first = content.index(b"\n") + 1
    at = first + number % max(len(content) - first, 1)
    lines = content.splitlines(keepends=True)
    return {
        "none": content,
        "cut": content[:at],
        "insert": content[:at] + piece + content[at:],
        "delete": content[:at] + content[at + 1 :],
        "swap": content[:at] + content[at : at + 2][::-1] + content[at + 2 :],
        "double a line": b"".join([*lines, lines[number % len(lines)]]),
        "mix line ends": content[:at] + content[at:].replace(b"\n", b"\r\n"),
    }[kind]


def plain_rows(content: bytes) -> dict[int, tuple[Any, ...]]:
    """What Python's own csv module and a dozen lines of parsing make of the file, by row."""
    reader = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    next(reader)
    found = {}
    for number, cells in enumerate((row for row in reader if row), 1):
        if len(cells) < len(HEADER) or any(cells[len(HEADER) :]):
            continue
        parsed = [parse(cell) for parse, cell in zip(PARSERS, cells[: len(HEADER)], strict=True)]
        if BAD not in parsed and parsed[0] is not None:
            found[number] = tuple(parsed)
    return found


BAD = object()


def text_of(cell: str) -> Any:
    if not cell.strip(SPACES):
        return None
    return BAD if "\0" in cell or ERRORS.fullmatch(cell) else cell


def amount_of(cell: str) -> Any:
    cell = cell.strip(SPACES)
    if not cell:
        return None
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]{0,4}0*)?|\.[0-9]{1,5}0*)", cell, re.ASCII):
        return BAD
    value = Decimal(cell)
    return value if value == round(value, 4) and abs(value) < 10**14 else BAD


def pieces_of(cell: str) -> Any:
    cell = cell.strip(SPACES)
    if not cell:
        return None
    if not re.fullmatch(r"[+-]?[0-9]+(\.0*)?", cell, re.ASCII):
        return BAD
    value = int(cell.split(".")[0])
    return value if -(2**63) <= value < 2**63 else BAD


def open_of(cell: str) -> Any:
    cell = cell.strip(SPACES).lower()
    if not cell:
        return None
    return True if cell in TRUE else False if cell in FALSE else BAD


def day_of(cell: str) -> Any:
    cell = cell.strip(SPACES)
    if not cell:
        return None
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", cell, re.ASCII):
        return BAD
    try:
        value = date.fromisoformat(cell)
    except ValueError:
        return BAD
    return value if value.year >= 1900 else BAD


def instant_of(cell: str) -> Any:
    cell = cell.strip(SPACES)
    if not cell:
        return None
    # An hour of one digit may be padded with a space.
    cell = re.sub(r"^([\d-]{10})  (\d:\d\d:\d\d)$", r"\1 0\2", cell)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?", cell, re.ASCII):
        return BAD
    # Midnight may be written as the end of the day before (ISO 8601).
    is_end_of_day = re.fullmatch(r".{11}24:00(:00(\.0+)?)?", cell) is not None
    digits = cell.split(".")[1] if "." in cell else ""
    padded = cell + "0" * (6 - len(digits)) if digits else cell
    try:
        value = datetime.fromisoformat(padded[:10] if is_end_of_day else padded)
    except ValueError:
        return BAD
    value += timedelta(days=is_end_of_day)
    return value if value.year >= 1900 else BAD


DUPLICATES = "select row_number from ops.quarantine where reason_code = 'duplicate_key' order by 1"


def first_of_each_key(
    good: dict[int, tuple[Any, ...]],
) -> tuple[dict[int, tuple[Any, ...]], int, list[int]]:
    """The first row of each key, how many repeat it, and which say something else."""
    first: dict[str, int] = {}
    repeated, contradicting = 0, []
    for number, values in sorted(good.items()):
        if values[0] not in first:
            first[values[0]] = number
        elif good[first[values[0]]] == values:
            repeated += 1
        else:
            contradicting.append(number)
    return {number: good[number] for number in first.values()}, repeated, contradicting


PARSERS = (text_of, text_of, amount_of, pieces_of, open_of, day_of, instant_of)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=FILE, line_end=st.sampled_from(["\n", "\r\n"]), mutation=MUTATION)
def test_a_mutated_file_is_refused_or_read_as_a_plain_reader_reads_it(
    lines: list[list[str]],
    line_end: str,
    mutation: tuple[str, int, bytes],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    content = mutated(written(lines, line_end), mutation)
    house = things(tmp_path_factory.mktemp("mutated"), load="snapshot", tolerance=1)
    house.put("things.csv", content)

    (outcome,) = house.load().outcomes

    assert outcome.status in ("loaded", "refused")
    assert outcome.rows_read == (
        outcome.rows_loaded + outcome.rows_quarantined + outcome.rows_repeated
    )
    stored = house.query(f"select _row_number, {', '.join(HEADER)} from raw.things")
    if outcome.status == "refused":
        assert stored == []
        return
    expected = plain_rows(content)
    # Repeated headers and totals are the only other good rows that are kept out, never silently.
    apart = house.query(
        "select row_number from ops.quarantine "
        "where reason_code in ('repeated_header', 'total_row')"
    )
    for (number,) in apart:
        expected.pop(number, None)
    first, repeated, contradicting = first_of_each_key(expected)
    assert {number: tuple(values) for number, *values in stored} == first
    assert outcome.rows_repeated == repeated
    assert [number for (number,) in house.query(DUPLICATES)] == contradicting


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(files=st.lists(FILE, min_size=1, max_size=2), mutation=MUTATION)
def test_one_pass_and_the_long_way_give_the_same_tables(
    files: list[list[list[str]]],
    mutation: tuple[str, int, bytes],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    results = []
    for is_fast in (True, False):
        house = things(tmp_path_factory.mktemp("paths"), load="upsert", tolerance=0.5)
        for number, lines in enumerate(files):
            content = written(lines, "\n")
            house.put(f"things_{number}.csv", content if number else mutated(content, mutation))
        with pytest.MonkeyPatch.context() as patch:
            if not is_fast:
                patch.setattr(rows, "insert_clean", not_clean)
            house.load()
        results.append(contents(house))
    assert results[0] == results[1]


def not_clean(*_: Any, **__: Any) -> None:
    raise repeats.NotCleanError
