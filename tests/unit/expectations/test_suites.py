from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from expectations.runner import Earlier, audit
from expectations.suite import Suite
from expectations.suites import all_suites
from tests.unit.expectations.faults import FAULTS

AS_OF = datetime(2026, 7, 1)
DAY_BEFORE = AS_OF - timedelta(days=1)
SUITES = {suite.name: suite for suite in all_suites()}
PLANTED = [(suite, name) for suite, faults in FAULTS.items() for name in faults]


def test_a_clean_release_passes_every_suite(clean_release: Path) -> None:
    report = audit(clean_release, as_of=AS_OF, earlier=Earlier(clean_release, DAY_BEFORE))
    assert report.failures() == []
    assert report.passed
    assert len(report.suites) == len(SUITES)


def test_an_empty_release_passes_every_suite(release_with: Callable[[str], Path]) -> None:
    tables = {suite.table for suite in SUITES.values()}
    database = release_with("; ".join(f"delete from {table}" for table in sorted(tables)))
    assert audit(database, as_of=AS_OF).failures() == []


def test_each_expectation_has_a_planted_fault() -> None:
    written = {(s.name, e.name) for s in SUITES.values() for e in s.expectations}
    assert written == set(PLANTED)


@pytest.mark.parametrize(("suite", "name"), PLANTED)
def test_a_planted_fault_is_caught(
    clean_release: Path, release_with: Callable[[str], Path], suite: str, name: str
) -> None:
    expectation = next(e for e in SUITES[suite].expectations if e.name == name)
    report = audit(
        release_with(FAULTS[suite][name]),
        as_of=AS_OF,
        earlier=Earlier(clean_release, DAY_BEFORE),
        suites=[replace(SUITES[suite], expectations=(expectation,), columns=())],
    )
    [result] = report.suites[0].results
    assert result.status == "failed"
    assert result.unexpected_count
    assert report.passed == (expectation.severity == "warning")


@pytest.mark.parametrize("suite", [s for s in SUITES.values() if s.columns], ids=lambda s: s.name)
def test_a_missing_column_is_named_by_its_table(
    release_with: Callable[[str], Path], suite: Suite
) -> None:
    database = release_with(f"alter table {suite.table} drop column {suite.columns[-1]}")
    first = audit(database, suites=[suite]).suites[0].results[0]
    assert first.status == "failed"
    assert first.blocks
    assert first.sentence == f"{suite.table} lacks a column that reports rely on."


def test_a_file_is_named_like_its_suite_and_its_table() -> None:
    folder = Path("expectations/suites")
    files = {
        f"{path.parent.name}.{path.stem}"
        for path in folder.glob("*/*.py")
        if path.name != "__init__.py"
    }
    assert files == set(SUITES)
    for suite in SUITES.values():
        assert suite.name == suite.table or suite.name.startswith("audits.")
