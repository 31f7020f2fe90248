"""Faults of data that arrive: planted in files of landing, taken in by a real refresh of a new day.

Each becomes harmless when it is loaded, is refused or quarantined, or is seen by the audit. What
comes to none of these is a miss. Faults of several sources come with one delivery, for a refresh
takes minutes; the audit is then asked of each source's rows alone, beside the faultless ones of
the others.
"""

import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from unittest import mock

import duckdb
import pytest

from expectations.facts import FACTS
from expectations.runner import Earlier, audit
from expectations.suites import all_suites
from orchestration.demo import write_demo
from orchestration.lib import build
from orchestration.settings import DEMO_COMPANY_DIR
from tests.integration.business_faults import ABOUT_THE_PAST
from tests.integration.deliveries import Delivery, deliver, read, take_last_day
from tests.integration.house import House, Outcome
from tests.unit.reliability import figures

YESTERDAY, TODAY = datetime(2026, 6, 29, 22), datetime(2026, 6, 30, 22)
SUITES = [
    suite for suite in all_suites() if suite.name in (*ABOUT_THE_PAST, *(f.table for f in FACTS))
]

ACTIVITIES = "demo_crm/activities_2026-06-30.csv"
FR_ORDERS, FR_LINES = "demo_shop_fr/commandes_2026-06-30.csv", "demo_shop_fr/lignes_2026-06-30.csv"
FR_EVENTS = "demo_web_fr/evenements_2026-06-30.csv.gz"
UK_ORDERS = "demo_shop_uk/orders_2026-06-30.csv.gz"
UK_REFUNDS = "demo_shop_uk/refunds_2026-06-30.csv.gz"
UK_EVENTS = "demo_web_uk/events_2026-06-30.csv.gz"
UK_SESSIONS = "demo_web_uk/sessions_2026-06-30.csv.gz"
BING = "microsoft_ads/performance_2026-06-30.csv"
GOOGLE = "google_ads/report_2026-06-30.csv"
LINKEDIN = "linkedin_ads/creative_report_2026-06-30.tsv"
META = "meta_ads/insights_2026-06-30.csv.gz"
RATES = "finance/fx_rates.csv"

RATES_SUITE = "audits.currencies_and_rates_stay"

Plant = Callable[[Delivery, Path], None]
Check = tuple[str, str]


def change(rows: list[list[str]], how: Callable[[str], str], *columns: int) -> None:
    """Changes these columns, counted from 0, of every row but the header."""
    for row in rows[1:]:
        for column in columns:
            row[column] = how(row[column])


def renumber(delivery: Delivery, name: str, *columns: int) -> None:
    """Every row of a file comes once more, with other numbers in these columns."""
    rows = delivery[name]
    again = [rows[0], *(list(row) for row in rows[1:])]
    change(again, lambda number: f"{number}0" if number else "", *columns)
    rows.extend(again[1:])


def yesterdays(landing: Path, name: str, day: str) -> list[list[str]]:
    """The rows of a day, by how its files write it, in the file of the running quarter."""
    header, *rows = read(landing / name.replace("2026-06-30", "2026-Q2"))
    return [header, *(row for row in rows if row[0] == day)]


def report_is_yesterdays(delivery: Delivery, landing: Path) -> None:
    delivery[LINKEDIN] = yesterdays(landing, LINKEDIN, "06/29/2026")


def report_is_yesterdays_with_todays_date(delivery: Delivery, landing: Path) -> None:
    delivery[META] = yesterdays(landing, META, "2026-06-29")
    change(delivery[META], lambda _: "2026-06-30", 0)


def visits_come_twice(delivery: Delivery, landing: Path) -> None:
    renumber(delivery, UK_SESSIONS, 0)
    renumber(delivery, UK_EVENTS, 0, 4)


def events_come_twice(delivery: Delivery, landing: Path) -> None:
    renumber(delivery, FR_EVENTS, 0)


def activities_come_twice(delivery: Delivery, landing: Path) -> None:
    renumber(delivery, ACTIVITIES, 0)


def orders_come_twice(delivery: Delivery, landing: Path) -> None:
    renumber(delivery, FR_ORDERS, 0)
    renumber(delivery, FR_LINES, 0, 1)


def cents_for_euros(delivery: Delivery, landing: Path) -> None:
    change(delivery[FR_ORDERS], lambda amount: re.sub("[ ,]", "", amount), 4, 5, 6, 7)
    change(delivery[FR_LINES], lambda amount: re.sub("[ ,]", "", amount), 4, 5, 6)


def pounds_are_euros(delivery: Delivery, landing: Path) -> None:
    change(delivery[UK_ORDERS], lambda _: "EUR", 4)


def cost_in_euros(delivery: Delivery, landing: Path) -> None:
    """Not in millionths of it, which is what Google writes."""
    change(delivery[GOOGLE], lambda cost: str(round(int(cost) / 1e6)), 8)


def customers_are_orphans(delivery: Delivery, landing: Path) -> None:
    """Of a fortnight: the shop delivers it once more, with other customers' numbers."""
    rows = read(landing / UK_ORDERS.replace("2026-06-30", "2026-Q2"))
    delivery[UK_ORDERS] += [r for r in rows if re.match(r"2026-06-(1[6-9]|2\d)", r[1])]
    change(delivery[UK_ORDERS], lambda customer: f"X{customer}", 2)
    change(delivery[UK_ORDERS], lambda _: "2026-06-30T21:00:00Z", 13)


@dataclass(frozen=True)
class Fault:
    """What a person would call it, the source that it comes from, and what makes it."""

    name: str
    source: str
    plant: Plant


ROUNDS = (
    (
        Fault("yesterday's report comes instead of today's", "linkedin_ads", report_is_yesterdays),
        Fault(
            "yesterday's report comes with today's date",
            "meta_ads",
            report_is_yesterdays_with_todays_date,
        ),
        Fault("a report has whole euros for millionths", "google_ads", cost_in_euros),
        Fault("the day's visits come twice, under other numbers", "demo_web_uk", visits_come_twice),
        Fault("the day's events come twice, under other numbers", "demo_web_fr", events_come_twice),
        Fault("the day's activities come twice", "demo_crm", activities_come_twice),
        Fault("a shop sends cents for euros", "demo_shop_fr", cents_for_euros),
        Fault("a shop's pounds are said to be euros", "demo_shop_uk", pounds_are_euros),
    ),
    (
        Fault("the day's orders come twice", "demo_shop_fr", orders_come_twice),
        Fault(
            "a fortnight's orders come again with customers that nobody knows",
            "demo_shop_uk",
            customers_are_orphans,
        ),
    ),
)


def everything_again(delivery: Delivery, landing: Path) -> None:
    """Each file a second time under another name, and the quarter's rows with today's."""
    for name, rows in list(delivery.items()):
        delivery[name.replace("2026-06-30", "2026-06-30 (1)")] = rows
        quarter = "2026-06" if name == UK_EVENTS else "2026-Q2"
        known = read(landing / name.replace("2026-06-30", quarter))
        delivery[name.replace("2026-06-30", "2026-Q2 (1)")] = [*known, *rows[1:]]


def unreadable(delivery: Delivery, landing: Path) -> None:
    """Points for commas, the month before the day, one table's file under another's name."""
    change(delivery[FR_ORDERS], lambda amount: amount.replace(",", "."), 4, 5, 6, 7)
    change(delivery[BING], lambda _: "06/30/2026", 0)
    delivery[UK_REFUNDS] = delivery.pop(UK_ORDERS)


def rates_are_stale(delivery: Delivery, landing: Path) -> None:
    """Two months old: a list of rates is a rule of the company, beside its landing files."""
    rates = landing.parent / "seeds" / RATES
    rates.parent.mkdir(parents=True)
    header, *rows = (DEMO_COMPANY_DIR / "seeds" / RATES).read_text().splitlines()
    rates.write_text("\n".join([header, *(row for row in rows if row < "2026-05")]) + "\n")


@dataclass(frozen=True)
class Today:
    """What a refresh made of a delivery.

    Why nothing was published, empty where something was; the audited file; content hashes by table,
    those of yesterday in the former case, but for `source_health`, which counts files; today's
    files of which rows were refused or quarantined; the severity of each check that did not pass.
    """

    reason: str
    database: Path
    hashes: dict[str, str]
    refused: set[str]
    failed: dict[Check, str]


def first_of(failed: Mapping[Check, str]) -> str:
    """A check by name, a blocking one rather than a warning."""
    for severity in ("blocking", "warning"):
        for (suite, name), how in failed.items():
            if how == severity:
                return f"{severity}, `{suite}`: {name.removeprefix('never: ')}".replace("|", "or")
    return ""


def refreshed(house: House, as_of: datetime, **variables: str) -> Outcome:
    """A refresh by that clock; without dbt's data tests, which might stop it before the audit."""
    with mock.patch.object(build, "LEFT_OUT", ("unit_test", "test")):
        return house.refresh(WAREHOUSE_AS_OF=f"{as_of.isoformat()}Z", **variables)


@dataclass(frozen=True)
class Scene:
    """A home as of yesterday evening, kept, and what came today."""

    kept: Path
    house: House
    delivery: Delivery

    def refresh(self, *plants: Plant) -> Today:
        """Yesterday evening once more, at the same place, then today's delivery with faults."""
        home = self.house.home
        for folder in home.rglob("releases/**"):
            folder.chmod(0o755)
        shutil.rmtree(home)
        shutil.copytree(self.kept, home, symlinks=True)
        delivery = {name: [list(row) for row in rows] for name, rows in self.delivery.items()}
        for plant in plants:
            plant(delivery, self.house.landing)
        deliver(delivery, self.house.landing)
        seeds = str(home / "seeds") if (home / "seeds").exists() else ""
        outcome = refreshed(self.house, TODAY, WAREHOUSE_SEEDS=seeds)
        refused = self.house.warehouse(
            "select file_name from ops.ledger where status = 'refused' or rows_quarantined > 0"
        )
        candidates = list((home / "releases").glob("*-20260630"))
        assert len(candidates) == 1, outcome.printed
        database = (
            home.with_name("_".join(p.__name__ for p in plants) or "clean") / "release.duckdb"
        )
        database.parent.mkdir()
        shutil.copyfile(candidates[0] / "published.duckdb", database)
        report = json.loads((candidates[0] / "verdict.json").read_text())["report"]
        hashes = self.house.content_hashes()
        return Today(
            outcome.reason,
            database,
            {table: told for table, told in hashes.items() if table != "core.source_health"},
            {name for (name,) in refused},
            {
                (suite["name"], result["name"]): result["severity"]
                for suite in report["suites"]
                for result in suite["results"]
                if result["status"] != "passed"
            },
        )

    def failed(self, source: str, clean: Path, faulty: Path) -> dict[Check, str]:
        """What the audit says of a source's facts beside those of a faultless day of the others."""
        file = faulty.with_name(f"{source}.duckdb")
        shutil.copyfile(clean, file)
        with duckdb.connect(str(file)) as connection:
            connection.execute(f"attach '{faulty}' as faulty (read_only)")
            for fact in FACTS:
                connection.execute(f"delete from {fact.table} where source_name = $1", [source])
                connection.execute(
                    f"insert into {fact.table} by name"
                    f" from faulty.{fact.table} where source_name = $1",
                    [source],
                )
        (before,) = (self.kept / "releases").glob("*-20260629/published.duckdb")
        earlier = Earlier(before, YESTERDAY)
        report = audit(file, as_of=TODAY, earlier=earlier, suites=SUITES)
        return {(suite.name, result.name): result.severity for suite, result in report.failures()}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    house = House(tmp_path_factory.mktemp("company") / "home")
    write_demo(house.landing, house.home / "truth.json")
    # A day must be as full as it is, but the visits of two years would only take time.
    for path in (
        *house.landing.glob("demo_web_*/*_2024-*"),
        *house.landing.glob("demo_web_*/*_2025-*"),
    ):
        path.unlink()
    delivery = take_last_day(house.landing)
    outcome = refreshed(house, YESTERDAY)
    assert outcome.code == 0, outcome.printed
    kept = house.home.with_name("kept")
    shutil.copytree(house.home, kept, symlinks=True)
    return Scene(kept, house, delivery)


@pytest.mark.long
def test_what_goes_wrong_with_a_delivery_is_harmless_or_seen(scene: Scene) -> None:
    clean = scene.refresh()
    assert (clean.reason, clean.refused) == ("", set())
    usual = scene.failed("none", clean.database, clean.database)

    outcomes = {}
    again = scene.refresh(everything_again)
    differing = {table for table in clean.hashes if again.hashes[table] != clean.hashes[table]}
    assert (differing, again.refused, again.reason) == (set(), set(), "")
    outcomes["the day's files twice, and the quarter's with the day in them"] = "harmless"

    broken = scene.refresh(unreadable, rates_are_stale)
    assert broken.refused == {FR_ORDERS, BING, UK_REFUNDS}
    outcomes["points for commas; month before day; a file of another table"] = "refused by name"
    about_rates = {c: how for c, how in broken.failed.items() if c[0] == RATES_SUITE}
    outcomes["the list of rates has not been updated for two months"] = first_of(about_rates)

    for faults in ROUNDS:
        found = scene.refresh(*(fault.plant for fault in faults))
        assert found.reason, found.failed
        for fault in faults:
            failed = scene.failed(fault.source, clean.database, found.database)
            new = {check: how for check, how in failed.items() if check not in usual}
            outcomes[fault.name] = first_of(new)
    for name, outcome in outcomes.items():
        print(f"\n{name}: {outcome or 'missed'}")
    figures.note(
        "Faults in the files of a new day, harmless, refused by name or seen by the audit",
        f"{sum(map(bool, outcomes.values()))} of {len(outcomes)}",
    )
    assert all(outcomes.values())
