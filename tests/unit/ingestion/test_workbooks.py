"""Real workbooks: what a cell holds, whatever it looks like on screen."""

import datetime
import re
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.styles import numbers
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from orchestration.lib.ingestion import files
from tests.unit.ingestion.house import House, things

Rows = list[list[Any]]
HEADER = ["thing_id", "label", "amount", "pieces", "is_open", "due_on", "changed_at"]


def book(path: Path, rows: Rows, *, corner: str = "A1") -> Path:
    """Writes a workbook whose table starts at `corner`; a first sheet is in its way, if not A1."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Ventes"
    start = sheet[corner]
    for down, row in enumerate(rows):
        for right, value in enumerate(row):
            sheet.cell(start.row + down, start.column + right).value = value
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook.save(path)
    return path


def house_of(root: Path, rows: Rows, *, corner: str = "A1", **more: Any) -> House:
    house = things(root, location="*.xlsx", format="xlsx", **more)
    book(house.landing / "things.xlsx", rows, corner=corner)
    return house


def rewrite(path: Path, change: Callable[[bytes], bytes], part: str = "sheet1.xml") -> None:
    """Changes one part of a workbook as another program would have written it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, change(content) if name.endswith(part) else content)


def reason_of(house: House) -> str:
    (outcome,) = house.load().outcomes
    assert outcome.status == "refused"
    return outcome.reason or ""


def test_cells_become_typed_rows(tmp_path: Path) -> None:
    house = house_of(
        tmp_path,
        [
            HEADER,
            ["a", "é", 1234.56, 3, True, datetime.date(2025, 12, 31), None],
            [2, None, 0.1, 4, False, None, datetime.datetime(2025, 7, 1, 23, 59, 59)],
        ],
        timezone="Europe/Paris",
    )
    (outcome,) = house.load().outcomes
    assert (outcome.rows_read, outcome.rows_loaded) == (2, 2)
    assert house.query(
        "select thing_id, label, amount, pieces, is_open, due_on::varchar, changed_at::varchar "
        "from raw.things order by _row_number"
    ) == [
        ("a", "é", Decimal("1234.56"), 3, True, "2025-12-31", None),
        ("2", None, Decimal("0.1"), 4, False, None, "2025-07-01 21:59:59"),
    ]


def test_text_that_looks_like_a_number_stays_as_it_is(tmp_path: Path) -> None:
    rows: Rows = [["thing_id", "label"], ["00123", "1e5"], ["12345678901234567890", "=not"[1:]]]
    house = house_of(tmp_path, rows)
    house.load()
    assert house.query("select thing_id, label from raw.things order by _row_number") == [
        ("00123", "1e5"),
        ("12345678901234567890", "not"),
    ]


def test_binary_noise_is_no_part_of_an_amount(tmp_path: Path) -> None:
    rows: Rows = [HEADER[:3], ["a", "", 19.99 * 3], ["b", "", 0.1 + 0.2], ["c", "", 1 / 3]]
    house = house_of(tmp_path, rows, tolerance=1)
    house.load()
    assert house.query("select thing_id, amount from raw.things order by 1") == [
        ("a", Decimal("59.97")),
        ("b", Decimal("0.3")),
    ]
    assert house.query("select line_number, reason_code from ops.quarantine") == [
        (4, "too_precise")
    ]


def test_a_total_below_the_rows_is_none_of_them(tmp_path: Path) -> None:
    rows: Rows = [HEADER[:3], ["total", "a", 1], ["2", "b", 2], [], ["Total:", None, 3]]
    house = house_of(tmp_path, rows, tolerance=1)
    house.load()
    assert house.query("select thing_id from raw.things order by 1") == [("2",), ("total",)]
    assert house.query("select line_number, column_name, reason_code from ops.quarantine") == [
        (5, None, "total_row")
    ]


def test_a_header_among_the_rows_is_none_of_them(tmp_path: Path) -> None:
    rows: Rows = [["thing_id", "label"], ["1", "a"], ["thing_id", "label"], ["2", "label"]]
    house = house_of(tmp_path, rows, tolerance=1)
    house.load()
    assert house.query("select thing_id from raw.things order by 1") == [("1",), ("2",)]
    assert house.query("select line_number, column_name, reason_code from ops.quarantine") == [
        (3, None, "repeated_header")
    ]


def test_an_identifier_that_excel_has_cut_is_quarantined(tmp_path: Path) -> None:
    house = house_of(tmp_path, [["thing_id", "label"], [12345678901234567, "x"]], tolerance=1)
    house.load()
    assert house.query("select column_name, reason_code from ops.quarantine") == [
        ("thing_id", "digits_lost")
    ]


@pytest.mark.parametrize("value", [2025, 45678.5, "31/12/2025", -1, 123456789])
def test_what_is_no_date_is_quarantined(tmp_path: Path, value: Any) -> None:
    house = house_of(tmp_path, [["thing_id", "label", "due_on"], ["a", "", value]], tolerance=1)
    house.load()
    assert house.query("select column_name, reason_code from ops.quarantine") == [
        ("due_on", "not_a_date")
    ]


@pytest.mark.parametrize(
    ("day", "due_on"),
    [("date '1899-12-30' + due_on::int", datetime.date(2026, 10, 1)), ("due_on::date", None)],
)
def test_an_expression_sees_a_date_as_its_number(
    tmp_path: Path, day: str, due_on: datetime.date | None
) -> None:
    rows: Rows = [["thing_id", "label", "due_on"], ["a", "x", datetime.date(2026, 10, 1)]]
    query = f"select thing_id, label, 1 as amount, {day} as due_on from source"
    house = house_of(tmp_path, rows, query=query)
    if due_on:
        house.load()
        assert house.query("select due_on from raw.things") == [(due_on,)]
    else:
        assert "write date '1899-12-30' + \"Day\"::int." in reason_of(house)


def test_dates_written_as_text_follow_the_declared_format(tmp_path: Path) -> None:
    rows: Rows = [
        ["thing_id", "label", "due_on"],
        ["a", "", "31/12/2025"],
        ["b", "", datetime.date(2024, 2, 29)],
    ]
    house = house_of(tmp_path, rows, date_format="%d/%m/%Y")
    house.load()
    assert house.query("select due_on::varchar from raw.things order by thing_id") == [
        ("2025-12-31",),
        ("2024-02-29",),
    ]


def test_numbers_and_french_texts_stand_in_one_column(tmp_path: Path) -> None:
    rows: Rows = [HEADER[:3], ["a", "", 1234.5], ["b", "", "1 234,56"], ["c", "", "1,5"]]
    house = house_of(tmp_path, rows, decimal_separator=",", thousands_separator=" ")
    house.load()
    assert house.query("select amount from raw.things order by thing_id") == [
        (Decimal("1234.5"),),
        (Decimal("1234.56"),),
        (Decimal("1.5"),),
    ]


def test_numbers_and_texts_with_commas_stand_in_one_column(tmp_path: Path) -> None:
    rows: Rows = [HEADER[:3], ["a", "", 1.234], ["b", "", "1,234.5"], ["c", "", "1.234"]]
    house = house_of(tmp_path, rows, thousands_separator=",")
    house.load()
    assert house.query("select amount from raw.things order by thing_id") == [
        (Decimal("1.234"),),
        (Decimal("1234.5"),),
        (Decimal("1.234"),),
    ]


def test_a_number_format_changes_no_value(tmp_path: Path) -> None:
    house = house_of(tmp_path, [HEADER[:3]])
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(HEADER[:3])
    sheet.append(["a", "", 1234.5678])
    sheet["C2"].number_format = numbers.FORMAT_NUMBER
    workbook.save(house.landing / "things.xlsx")
    house.load()
    assert house.query("select amount from raw.things") == [(Decimal("1234.5678"),)]


def test_a_formula_counts_with_its_stored_result(tmp_path: Path) -> None:
    house = house_of(tmp_path, [HEADER[:3], ["a", '=""', "=1+1"], ["b", "x", 1]])

    def computed(sheet: bytes) -> bytes:
        sheet = sheet.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
        # An empty text is a result, too.
        return sheet.replace(b'<c r="B2"><f>""</f><v />', b'<c r="B2" t="str"><f>""</f><v></v>')

    rewrite(house.landing / "things.xlsx", computed)
    house.load()
    assert house.query("select label, amount from raw.things order by thing_id") == [
        (None, Decimal(2)),
        ("x", Decimal(1)),
    ]


def test_a_formula_that_nobody_computed_refuses_the_file(tmp_path: Path) -> None:
    house = house_of(tmp_path, [HEADER[:3], ["a", "", 1], ["b", "", "=C2*2"]])
    assert "has a formula in cell C3 without a stored result" in reason_of(house)


def with_prefix(part: bytes) -> bytes:
    """As programs write it that are made with Microsoft's Open XML SDK."""
    return re.sub(rb"<(/?)(\w+)", rb"<\1x:\2", part).replace(b"xmlns=", b"xmlns:x=")


def without_places(part: bytes) -> bytes:
    """As programs write it that leave out what can be counted."""
    return re.sub(rb' r="[A-Z]*[0-9]+"', b"", part)


@pytest.mark.parametrize("written", [with_prefix, without_places])
def test_sheets_may_be_written_in_other_ways(
    tmp_path: Path, written: Callable[[bytes], bytes]
) -> None:
    rows: Rows = [HEADER[:3], *([str(n), "x", n] for n in range(1, 31)), ["a", "b", "=C3"]]
    house = house_of(tmp_path, rows)
    path = house.landing / "things.xlsx"
    rewrite(path, written)
    assert "has a formula" in reason_of(house)
    book(path, rows[:-1])
    rewrite(path, written)
    assert house.load().outcomes[0].status == "loaded"
    assert house.query("select count(*), sum(amount) from raw.things") == [(30, Decimal(465))]


def test_a_sheet_is_as_wide_as_its_widest_row_whatever_its_cells_say(tmp_path: Path) -> None:
    house = house_of(tmp_path, [["thing_id", "label", *map(str, range(28))], ["a", "b"]])
    rewrite(house.landing / "things.xlsx", without_places)
    (outcome,) = house.load().outcomes
    assert outcome.rows_loaded == 1
    assert outcome.ignored_columns == tuple(map(str, range(28)))


@pytest.mark.parametrize("column", ["label", "amount"])
def test_a_cell_with_an_error_is_quarantined(tmp_path: Path, column: str) -> None:
    row = ["a", "", 1]
    row[HEADER.index(column)] = "#REF!"
    house = house_of(tmp_path, [HEADER[:3], row], tolerance=1)
    house.load()
    assert house.query("select column_name, reason_code from ops.quarantine") == [
        (column, "cell_error")
    ]


def test_blank_rows_and_columns_are_no_data(tmp_path: Path) -> None:
    rows: Rows = [
        ["thing_id", "label", None, None],
        ["a", "x"],
        [None, None],
        ["", ""],
        [" ", None, " "],
        ["b", "y"],
        *([[None, None]] * 20),
    ]
    house = house_of(tmp_path, rows)
    sheet = b'<row r="40"><c r="A40" t="inlineStr"><is><t></t></is></c></row></sheetData>'
    rewrite(house.landing / "things.xlsx", lambda part: part.replace(b"</sheetData>", sheet))
    (outcome,) = house.load().outcomes
    assert (outcome.rows_read, outcome.rows_loaded) == (2, 2)


def test_faults_point_to_the_row_of_the_sheet(tmp_path: Path) -> None:
    rows: Rows = [HEADER[:3], ["a", "", 1], [None], ["b", "", "dear"], [None, "no id", 2]]
    house = house_of(tmp_path, rows, corner="B3", range="B3:D", tolerance=1)
    house.load()
    assert house.query(
        "select row_number, line_number, column_name, reason_code from ops.quarantine order by 1"
    ) == [(2, 6, "amount", "not_a_number"), (3, 7, "thing_id", "missing_required")]


def test_a_range_leaves_out_what_stands_around_it(tmp_path: Path) -> None:
    rows: Rows = [["Report", None], ["thing_id", "label"], ["a", "x"], ["b", "y"], ["Total", "2"]]
    house = house_of(tmp_path, rows, range="A2:B4")
    house.load()
    assert house.query("select thing_id from raw.things order by 1") == [("a",), ("b",)]


def test_a_range_below_the_last_row_is_named(tmp_path: Path) -> None:
    reason = reason_of(house_of(tmp_path, [["thing_id", "label"], ["a", "x"]], range="B3:H"))
    assert reason.startswith("has no cells from the first row of its range 'B3:H' on: its last ")


def test_texts_are_read_as_excel_stores_them(tmp_path: Path) -> None:
    """Once for all cells, in pieces where some letters are bold, with how they are pronounced."""
    house = house_of(tmp_path, [["thing_id", "label"], [0, 1], [2, None]], tolerance=1)
    path = house.landing / "things.xlsx"
    rewrite(path, lambda part: re.sub(rb'(<c r="[AB][23]" )t="n">', rb'\1t="s">', part))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    link = f'<Relationship Id="t" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    rewrite(
        path,
        lambda part: part.replace(b"</Relationships>", link.encode()),
        "workbook.xml.rels",
    )
    texts = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<si><t>a</t></si>"
        '<si><r><t xml:space="preserve">To </t></r><r><rPr><b/></rPr><t>kyo</t></r></si>'
        '<si><t>合計</t><rPh sb="0" eb="2"><t>ゴウケイ</t></rPh></si></sst>'
    )
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", texts)
    house.load()
    assert house.query("select thing_id, label from raw.things") == [("a", "To kyo")]
    assert house.query("select reason_code from ops.quarantine") == [("total_row",)]


def test_a_sheet_is_chosen_by_its_name(tmp_path: Path) -> None:
    house = things(tmp_path, location="*.xlsx", format="xlsx", sheet="Février & co")
    workbook = Workbook()
    first, second = workbook.active, workbook.create_sheet("Février & co")
    assert first is not None
    first.append(["other", "=1+1"])
    second.append(["thing_id", "label"])
    second.append(["a", "x"])
    workbook.save(house.landing / "things.xlsx")
    assert [outcome.status for outcome in house.load().outcomes] == ["loaded"]


def test_a_missing_sheet_is_named(tmp_path: Path) -> None:
    house = house_of(tmp_path, [["thing_id", "label"], ["a", "x"]], sheet="Vente")
    reason = reason_of(house)
    assert "has no sheet 'Vente'; did you mean 'Ventes'?" in reason


HEADERS = {
    "missing": ([["thing_id", "name"], ["a", "x"]], "misses column 'label'; unexpected 'name'"),
    "twice": ([["thing_id", "label", "Label"], ["a", "x", "y"]], "more than once in its header"),
    "no name": ([["thing_id", "label", None], ["a", "x", "y"]], "has no name for column 3"),
    "empty sheet": ([[]], "has no cells in its sheet"),
    "title above": ([[None, None], ["thing_id", "label"], ["a", "x"]], "set `sheet` and `range`"),
    "a title": ([["Things of May"], ["thing_id", "label"], ["a", "x"]], "set `sheet` and `range`"),
    "another sheet": ([["Things of May"], ["by Ann"]], "say in source.yaml by `sheet` and `range`"),
}


@pytest.mark.parametrize(("rows", "reason"), HEADERS.values(), ids=HEADERS)
def test_the_header_is_checked(tmp_path: Path, rows: Rows, reason: str) -> None:
    assert reason in reason_of(house_of(tmp_path, rows))


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def damage(content: bytes) -> bytes:
    return content[:600] + bytes([content[600] ^ 255]) + content[601:]


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "cut": cut,
    "one byte": damage,
    "only a signature": lambda _: b"PK\x03\x04garbage",
    "empty": lambda _: b"",
    "old format": lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "a text": lambda _: b"thing_id,label\n1,a\n",
}


@pytest.mark.parametrize("harm", BROKEN.values(), ids=BROKEN)
def test_a_broken_workbook_is_refused(tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    house = house_of(tmp_path, [["thing_id", "label"], ["a", "x"]])
    path = house.landing / "things.xlsx"
    path.write_bytes(harm(path.read_bytes()))
    assert "workbook" in reason_of(house)


PARTS: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "cut sheet": ("sheet1.xml", cut, "damaged workbook"),
    "entities": (
        "workbook.xml",
        lambda xml: b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml,
        "defines XML entities",
    ),
    "strict": (
        "workbook.xml",
        lambda xml: xml.replace(
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        ),
        "Strict Open XML; save it as an ordinary one",
    ),
    "bomb": ("theme1.xml", lambda xml: xml + b" " * (60 << 20), "raise `max_compression_ratio`"),
}


@pytest.mark.parametrize(("part", "change", "reason"), PARTS.values(), ids=PARTS)
def test_what_a_workbook_must_not_have_is_refused(
    tmp_path: Path, part: str, change: Callable[[bytes], bytes], reason: str
) -> None:
    house = house_of(tmp_path, [["thing_id", "label"], *([["a", "x"]] * 50)])
    rewrite(house.landing / "things.xlsx", change, part)
    assert reason in reason_of(house)


def test_a_workbook_has_the_limit_of_every_packed_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = house_of(tmp_path, [["thing_id", "label"], ["a", "x"]])
    monkeypatch.setattr(files, "LARGEST_BYTES", 1000)
    assert "deliver it in several files" in reason_of(house)


def test_dates_from_1904_are_refused(tmp_path: Path) -> None:
    house = things(tmp_path, location="*.xlsx", format="xlsx")
    workbook = Workbook()
    workbook.epoch = CALENDAR_MAC_1904
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["thing_id", "label"])
    workbook.save(house.landing / "things.xlsx")
    assert "counts its dates from 1904" in reason_of(house)


def test_a_workbook_can_be_loaded_for_several_tables(tmp_path: Path) -> None:
    sheets = {"format": "xlsx", "load": "snapshot", "location": "both.xlsx"}
    house = House(
        tmp_path,
        {"things": {**sheets, "sheet": "Things"}, "people": {**sheets, "sheet": "People"}},
    )
    workbook = Workbook()
    first, second = workbook.active, workbook.create_sheet("People")
    assert first is not None
    first.title = "Things"
    first.append(["thing_id", "label"])
    first.append(["a", "x"])
    second.append(["person_id", "email"])
    second.append([1, "Ada@Example.com"])
    workbook.save(house.landing / "both.xlsx")
    assert [outcome.rows_loaded for outcome in house.load().outcomes] == [1, 1]


def test_a_workbook_is_rebuilt_from_the_archive(tmp_path: Path) -> None:
    house = house_of(tmp_path, [["thing_id", "label"], ["a", "x"]])
    house.load()
    (house.landing / "things.xlsx").unlink()
    house.database.unlink()
    house.load()
    assert house.query("select thing_id, label from raw.things") == [("a", "x")]
