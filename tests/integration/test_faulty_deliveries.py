"""Faults of data that arrive: planted in files of landing, taken in by a real refresh of a new day.

Each becomes harmless when it is loaded, is refused or quarantined, or is seen by the audit. What
comes to none of these is a miss.
"""

import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.demo import write_demo
from orchestration.settings import DEMO_COMPANY_DIR
from tests.integration.deliveries import Delivery, deliver, read, take_last_day
from tests.integration.house import House
from tests.unit.reliability import figures

YESTERDAY, TODAY = "2026-06-29T22:00:00Z", "2026-06-30T22:00:00Z"

FR_ORDERS, FR_LINES = "demo_shop_fr/commandes_2026-06-30.csv", "demo_shop_fr/lignes_2026-06-30.csv"
FR_EVENTS = "demo_web_fr/evenements_2026-06-30.csv.gz"
UK_ORDERS = "demo_shop_uk/orders_2026-06-30.csv.gz"
UK_REFUNDS = "demo_shop_uk/refunds_2026-06-30.csv.gz"
UK_EVENTS = "demo_web_uk/events_2026-06-30.csv.gz"
UK_SESSIONS = "demo_web_uk/sessions_2026-06-30.csv.gz"
META, GOOGLE = "meta_ads/insights_2026-06-30.csv.gz", "google_ads/report_2026-06-30.csv"
BING = "microsoft_ads/performance_2026-06-30.csv"
RATES = "finance/fx_rates.csv"

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
    delivery[META] = yesterdays(landing, META, "2026-06-29")


def report_is_yesterdays_with_todays_date(delivery: Delivery, landing: Path) -> None:
    delivery[GOOGLE] = yesterdays(landing, GOOGLE, "2026-06-29")
    change(delivery[GOOGLE], lambda _: "2026-06-30", 0)


def visits_come_twice(delivery: Delivery, landing: Path) -> None:
    renumber(delivery, UK_SESSIONS, 0)
    renumber(delivery, UK_EVENTS, 0, 4)


def events_come_twice(delivery: Delivery, landing: Path) -> None:
    renumber(delivery, FR_EVENTS, 0)


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
    rows = read(landing / "demo_shop_fr/commandes_2026-Q2.csv")
    fortnight = [row for row in rows if re.match(r"(1[6-9]|2\d)/06/2026", row[1])]
    delivery[FR_ORDERS].extend(fortnight)
    change(delivery[FR_ORDERS], lambda customer: f"X{customer}", 2)
    change(delivery[FR_ORDERS], lambda _: "30/06/2026 23:00:00", 10)


def rates_are_stale(delivery: Delivery, landing: Path) -> None:
    seeds = landing.parent / "seeds" / RATES
    seeds.parent.mkdir(parents=True)
    header, *rates = (DEMO_COMPANY_DIR / "seeds" / RATES).read_text().splitlines()
    seeds.write_text("\n".join([header, *(rate for rate in rates if rate < "2026-05")]) + "\n")


def everything_again(delivery: Delivery, landing: Path) -> None:
    """Each file a second time under another name, and the quarter's files with today's in them."""
    for name, rows in list(delivery.items()):
        delivery[name.replace("2026-06-30", "2026-06-30 (1)")] = rows
        whole = name.replace("2026-06-30", "2026-06" if name == UK_EVENTS else "2026-Q2")
        delivery[whole] = [*read(landing / whole), *rows[1:]]


def unreadable(delivery: Delivery, landing: Path) -> None:
    """Points for commas, the month before the day, one table's file under another's name."""
    change(delivery[FR_ORDERS], lambda amount: amount.replace(",", "."), 4, 5, 6, 7)
    change(delivery[BING], lambda _: "06/30/2026", 0)
    delivery[UK_REFUNDS] = delivery.pop(UK_ORDERS)


FAULTS: Mapping[str, Callable[[Delivery, Path], None]] = {
    "the day's files come twice, and the quarter's with the day in them": everything_again,
    "points for commas, month before day, a file under another table's name": unreadable,
    "yesterday's advertising report comes instead of today's": report_is_yesterdays,
    "yesterday's advertising report comes with today's date": report_is_yesterdays_with_todays_date,
    "the day's visits come twice, under other numbers": visits_come_twice,
    "the day's events come twice, under other numbers": events_come_twice,
    "the day's orders come twice, under other numbers": orders_come_twice,
    "a shop sends cents for euros": cents_for_euros,
    "a shop's pounds are said to be euros": pounds_are_euros,
    "an ad platform reports whole euros for millionths": cost_in_euros,
    "a fortnight's orders come again with customers that nobody knows": customers_are_orphans,
    "the list of rates has not been updated for two months": rates_are_stale,
}


@dataclass(frozen=True)
class Today:
    """What a refresh made of a delivery.

    Why nothing was published, empty where something was; content hashes by table, those of
    yesterday in the former case, but for `source_health`, which counts files; rows that were
    refused or quarantined by today's files; the severity of each check that did not pass.
    """

    reason: str
    hashes: dict[str, str]
    refused: dict[str, int]
    failed: dict[Check, str]

    def seen(self, clean: "Today") -> str:
        """What the fault came to, in words; empty where nobody noticed it."""
        new = [check for check in self.failed if check not in clean.failed]
        new.sort(key=lambda check: self.failed[check])
        first = f"`{new[0][0]}`: {new[0][1].removeprefix('never: ')}" if new else ""
        if self.reason:
            return f"blocked by {first or self.reason}"
        if self.hashes == clean.hashes:
            return f"harmless: {len(self.hashes)} tables as without it"
        refused = f"refused, each file named: {len(self.refused)}" if self.refused else ""
        return "; ".join(filter(None, (refused, first and f"a warning of {first}")))


@dataclass(frozen=True)
class Scene:
    """A home as of yesterday evening, kept, and what came today."""

    kept: Path
    house: House
    delivery: Delivery

    def refresh(self, fault: Callable[[Delivery, Path], None]) -> Today:
        """Yesterday evening once more, at the same place, then today's delivery with a fault."""
        for folder in self.house.home.rglob("releases/**"):
            folder.chmod(0o755)
        shutil.rmtree(self.house.home)
        shutil.copytree(self.kept, self.house.home, symlinks=True)
        delivery = {name: [list(row) for row in rows] for name, rows in self.delivery.items()}
        fault(delivery, self.house.landing)
        deliver(delivery, self.house.landing)
        seeds = self.house.home / "seeds"
        outcome = self.house.refresh(
            WAREHOUSE_AS_OF=TODAY, WAREHOUSE_SEEDS=str(seeds) if seeds.exists() else ""
        )
        refused = self.house.warehouse(
            "select file_name, sum(rows_quarantined) from ops.ledger where file_name like '%06-30%'"
            " and (status = 'refused' or rows_quarantined > 0) group by file_name"
        )
        verdicts = (self.house.home / "releases").glob("*-20260630/verdict.json")
        suites = [s for path in verdicts for s in json.loads(path.read_text())["report"]["suites"]]
        return Today(
            outcome.reason,
            {t: h for t, h in self.house.content_hashes().items() if t != "core.source_health"},
            dict(refused),
            {
                (suite["name"], result["name"]): result["severity"]
                for suite in suites
                for result in suite["results"]
                if result["status"] != "passed"
            },
        )


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
    outcome = house.refresh(WAREHOUSE_AS_OF=YESTERDAY)
    assert outcome.code == 0, outcome.printed
    kept = house.home.with_name("kept")
    shutil.copytree(house.home, kept, symlinks=True)
    return Scene(kept, house, delivery)


@pytest.mark.long
def test_what_goes_wrong_with_a_delivery_is_harmless_or_seen(scene: Scene) -> None:
    clean = scene.refresh(lambda *_: None)
    assert (clean.reason, clean.refused) == ("", {})
    missed = []
    for name, fault in FAULTS.items():
        found = scene.refresh(fault)
        seen = found.seen(clean)
        figures.note(f"Delivery: {name}", (seen or "missed").replace("|", "or"))
        if fault is everything_again:
            assert (found.hashes, found.refused) == (clean.hashes, {})
        if fault is unreadable:
            assert set(found.refused) == {FR_ORDERS, BING, UK_REFUNDS}
        if not seen:
            missed.append(name)
    assert missed == []
