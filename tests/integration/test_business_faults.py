"""The audit finds what goes wrong with a business's data, and lets ordinary days pass.

`make reliability` asks it of the whole demo company: sixty faults, two hundred days. Every change
is tried on a few of both, on the small one.
"""

import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from expectations.facts import FACTS
from expectations.runner import AuditReport, Earlier, audit
from expectations.suites import all_suites
from orchestration.demo import write_demo
from orchestration.settings import PROJECT_ROOT
from tests.integration.business_faults import (
    ABOUT_THE_PAST,
    FAULTS,
    SOURCE_FAULTS,
    BusinessFault,
)
from tests.integration.days import cut
from tests.integration.house import House
from tests.unit.reliability import figures

AS_OF = datetime(2026, 6, 30, 22)
DAY = timedelta(days=1)
# The clean days end here, each refreshed at five in the morning.
LAST_MORNING = datetime(2026, 6, 30, 3)
SUITES = {suite.name: suite for suite in all_suites()}
TABLE = PROJECT_ROOT / "docs" / "expectations.md"
MARK = "<!-- written by `make reliability` -->"

Found = list[tuple[str, str, str]]


class Planted:
    """One demo release, and copies of it with one fault each."""

    def __init__(self, house: House, folder: Path) -> None:
        self.folder = folder
        self.whole = (house.home / "current").resolve() / "published.duckdb"
        self.sources = house.home / "warehouse.duckdb"
        self.facts = cut(self.whole, folder / "facts.duckdb", AS_OF + 3 * DAY)
        self.earlier = Earlier(cut(self.whole, folder / "earlier.duckdb", AS_OF - DAY), AS_OF - DAY)
        facts = tuple(fact.table for fact in FACTS)
        self.usual = {
            is_source: {
                (suite.name, result.name) for suite, result in self._audit(file, tables).failures()
            }
            for is_source, file, tables in ((False, self.whole, ()), (True, self.facts, facts))
        }

    def found(self, fault: BusinessFault) -> Found:
        """The checks that see the fault, with how much they make of it."""
        file = self.folder / "planted.duckdb"
        file.unlink(missing_ok=True)
        shutil.copyfile(self.facts if fault.tables else self.whole, file)
        with duckdb.connect(str(file)) as connection:
            changed = [
                connection.execute(statement).fetchone() or (0,)
                for statement in connection.extract_statements(fault.sql)
            ]
        assert sum(rows for (rows,) in changed) > 0, f"{fault.name}: nothing was planted"
        return [
            (suite.name, result.name, result.severity)
            for suite, result in self._audit(file, fault.tables).failures()
            if (suite.name, result.name) not in self.usual[bool(fault.tables)]
            and result.status == "failed"
        ]

    def _audit(self, file: Path, tables: Sequence[str] = ()) -> AuditReport:
        asked = [SUITES[name] for name in (*tables, *ABOUT_THE_PAST)] if tables else None
        return audit(
            file,
            as_of=AS_OF,
            earlier=self.earlier,
            sources=None if tables else self.sources,
            suites=asked,
        )


def alarms(release: Path, folder: Path, days: int) -> Counter[tuple[str, str, str]]:
    """What the comparisons with the past say of so many mornings, one after the other."""
    raised: Counter[tuple[str, str, str]] = Counter()
    before: Earlier | None = None
    for age in range(days, -1, -1):
        morning = LAST_MORNING - age * DAY
        file = cut(release, folder / f"{age}.duckdb", morning)
        if before is not None:
            report = audit(
                file,
                as_of=morning,
                earlier=before,
                suites=[SUITES[name] for name in ABOUT_THE_PAST],
            )
            raised.update(
                (suite.name, result.name, "blocking" if result.blocks else "warning")
                for suite, result in report.failures()
            )
            before.database.unlink()
        before = Earlier(file, morning)
    return raised


def blocking(raised: Counter[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return [alarm for alarm in raised if alarm[2] == "blocking"]


# Those that a company of three hundredths the size shows: a day of it has a handful of rows.
SAMPLE = (
    "an ad platform reports thousands of its currency",
    "order numbers lose their prefix, so that all orders look new",
    "local times are read as UTC",
    "a discount is taken off twice",
)


def test_no_audit_of_the_past_is_left_out() -> None:
    about_the_past = {
        suite.name
        for suite in SUITES.values()
        if "earlier" in suite.query or any(one.is_about_the_past for one in suite.expectations)
        if suite.name.startswith("audits.")
    }
    assert about_the_past <= set(ABOUT_THE_PAST)


def test_some_faults_are_found_and_some_mornings_pass(demo: House, tmp_path: Path) -> None:
    planted = Planted(demo, tmp_path)
    by_name = {fault.name: fault for fault in FAULTS}
    for name in SAMPLE:
        assert planted.found(by_name[name]), name
    (tmp_path / "days").mkdir()
    assert blocking(alarms(planted.whole, tmp_path / "days", 3)) == []


@pytest.fixture(scope="module")
def full_demo(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The whole demo company after its refresh."""
    house = House(tmp_path_factory.mktemp("full"))
    write_demo(house.landing, house.home / "truth.json")
    outcome = house.refresh()
    assert outcome.code == 0, outcome.printed
    return house


@pytest.mark.long
def test_at_least_55_of_60_business_faults_are_found(full_demo: House, tmp_path: Path) -> None:
    planted = Planted(full_demo, tmp_path)
    assert len({fault.name for fault in FAULTS}) == 60
    rows = []
    for fault in FAULTS:
        found = sorted(planted.found(fault), key=lambda one: one[2])
        where = "source" if fault in SOURCE_FAULTS else "model"
        first = f"`{found[0][0]}`: {found[0][1].removeprefix('never: ')}" if found else "nothing"
        stops = found[0][2] if found else "-"
        rows.append((fault.name, where, stops, first.replace("|", "or"), len(found)))
    caught = sum(count > 0 for *_, count in rows)
    stopped = sum(stops == "blocking" for _, _, stops, _, _ in rows)
    figure = f"{caught} of {len(rows)}, {stopped} of them by a blocking check"
    lines = [
        f"Found: {figure}.",
        "",
        "| fault | planted in a | outcome | first check that found it | checks |",
        "|---|---|---|---|---|",
        *(f"| {' | '.join(map(str, row))} |" for row in rows),
    ]
    print("\n" + "\n".join(lines))
    if figures.are_kept():
        head, _, _ = TABLE.read_text().partition(MARK)
        TABLE.write_text(f"{head}{MARK}\n\n" + "\n".join(lines) + "\n")
    figures.note("Faults of a business planted in a finished release, found by the audit", figure)
    assert caught >= 55


@pytest.mark.long
def test_two_hundred_ordinary_mornings_raise_no_blocking_alarm(
    full_demo: House, tmp_path: Path
) -> None:
    release = (full_demo.home / "current").resolve() / "published.duckdb"
    raised = alarms(release, tmp_path, 200)
    print(f"\n{dict(raised)}")
    assert blocking(raised) == []
    figures.note(
        "Ordinary mornings, each compared with the one before",
        f"200: no blocking alarm, {raised.total()} warnings",
    )
