"""What a spreadsheet would run is a text in every file that we write for one."""

import csv
import re
from datetime import date
from pathlib import Path
from unittest import mock

import pytest

from orchestration import mmm_export
from orchestration.lib.spreadsheets import harmless
from tests.unit.reliability.tiny import THINGS, Tiny

ROOT = Path(__file__).parents[3]
FORMULAS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff=1",
    "text\n=1",
    "text\r\n  @x",
    "\uff1d1",
)
TEXTS = ("", "Email", "a=b", "paid search", "50% + more", "l'été", "a-b", "x\ny")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_a_text(text: str) -> None:
    made = harmless(text)
    for line in re.split(r"[\r\n]+", made):
        seen = line.strip(" \t\u00a0\u200b\ufeff")
        assert not seen or seen[0] not in "=+-@\uff1d\uff0b\uff0d\uff20"
    assert made.replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("cell", [*TEXTS, -1, -1.5, date(2026, 1, 1), None])
def test_everything_else_stays_as_it_is(cell: object) -> None:
    assert harmless(cell) == cell


def test_the_export_holds_no_formula(tmp_path: Path) -> None:
    tiny = Tiny.at(tmp_path / "home")
    tiny.put("things_1.csv", THINGS + "1,=cmd|'/C calc'!A0,1\n2,@evil,2\n")
    tiny.refresh()
    with mock.patch.object(
        mmm_export, "_names", lambda channels: dict(zip(channels, channels, strict=True))
    ):
        tiny.export()
    text = (tmp_path / "home" / mmm_export.EXPORT).read_text(encoding="utf-8")
    header, week = csv.reader(text.splitlines())
    assert "'=cmd|'/C calc'!A0_spend" in header
    assert "'@evil_spend" in header
    assert all(cell[:1] not in "=+-@" or not cell for cell in (*header, *week))


def test_no_other_code_writes_such_a_file() -> None:
    writers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "orchestration").rglob("*.py")
        if re.search(r"csv\.(writer|DictWriter)|to_csv|format csv", path.read_text())
        and "orchestration/demo" not in path.as_posix()
    }
    # What else writes CSV writes it for ingestion itself, never for people.
    assert writers == {
        "orchestration/mmm_export.py",
        "orchestration/lib/ingestion/csv_reader.py",
    }
