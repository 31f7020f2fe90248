"""The demo company's figures, computed from its landing files without any of the models.

Plain Python over the files as the sources write them: the other side of the comparison. Money is
in the reporting currency (EUR), rounded as the warehouse promises: half away from zero to the
fourth decimal.
"""

import csv
import gzip
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from orchestration.settings import DEMO_COMPANY_DIR

PARIS = ZoneInfo("Europe/Paris")
FRENCH_STATUS = {"terminée": "completed", "annulée": "cancelled", "en cours": "processing"}
CENTS_OF_CENTS = Decimal("0.0001")


def rows(
    landing: Path, pattern: str, delimiter: str = ",", encoding: str = "utf-8-sig"
) -> Iterator[dict[str, str]]:
    """Every row of every file that matches, in name order."""
    for path in sorted(landing.glob(pattern)):
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding=encoding, newline="") as file:
            yield from csv.DictReader(file, delimiter=delimiter)


def french_instant(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M:%S").replace(tzinfo=PARIS)


def paris_instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def number(text: str) -> Decimal:
    plain = text.replace("\u202f", "").replace("\u00a0", "").replace(" ", "").replace(",", ".")
    return Decimal(plain) if plain else Decimal(0)


def month(instant: datetime | date) -> date:
    """The first day of the month, in Paris for an instant."""
    day = instant.astimezone(PARIS).date() if isinstance(instant, datetime) else instant
    return day.replace(day=1)


class Rates:
    """Dated rates to EUR: between two dates the older one holds."""

    def __init__(self) -> None:
        with (DEMO_COMPANY_DIR / "seeds/finance/fx_rates.csv").open(newline="") as file:
            dated = sorted(
                (date.fromisoformat(row["rate_date"]), Decimal(row["rate"]))
                for row in csv.DictReader(file)
                if row["from_currency"] == "GBP" and row["to_currency"] == "EUR"
            )
        self._dates = [day for day, _ in dated]
        self._rates = [rate for _, rate in dated]

    def euros(self, amount: Decimal, currency: str, day: date) -> Decimal:
        rate = (
            Decimal(1)
            if currency == "EUR"
            else self._rates[max(bisect_right(self._dates, day) - 1, 0)]
        )
        return (amount * rate).quantize(CENTS_OF_CENTS, ROUND_HALF_UP)


RATES = Rates()


@dataclass(frozen=True)
class Order:
    """The latest version of an order; money in EUR, `day` in Paris."""

    source: str
    order_id: str
    customer_id: str
    ordered_at: datetime
    day: date
    status: str
    gross: Decimal
    discount: Decimal

    @property
    def net(self) -> Decimal:
        return self.gross - self.discount


def orders(landing: Path) -> list[Order]:
    """Every order of both shops and of the sales team."""
    lines: dict[tuple[str, str], dict[str, tuple[Decimal, Decimal]]] = defaultdict(dict)
    for row in rows(landing, "demo_shop_fr/lignes_*.csv", ";"):
        lines["demo_shop_fr", row["N° commande"]][row["N° ligne"]] = (
            number(row["Quantité"]) * number(row["Prix unitaire HT"]),
            number(row["Remise ligne"]),
        )
    for source, pattern, key in (
        ("demo_shop_uk", "demo_shop_uk/order_items_*.csv.gz", "order_item_id"),
        ("demo_crm", "demo_crm/reorder_lines_*.csv", "line_id"),
    ):
        for row in rows(landing, pattern):
            lines[source, row["order_id"]][row[key]] = (
                number(row["quantity"]) * number(row["unit_price"]),
                number(row.get("discount", "")),
            )
    latest: dict[tuple[str, str], tuple[datetime, Order]] = {}
    for version, order in _order_versions(landing, lines):
        key_of_order = order.source, order.order_id
        if key_of_order not in latest or version >= latest[key_of_order][0]:
            latest[key_of_order] = version, order
    return [order for _, order in latest.values()]


def _order_versions(
    landing: Path, lines: dict[tuple[str, str], dict[str, tuple[Decimal, Decimal]]]
) -> Iterator[tuple[datetime, Order]]:
    def order(  # noqa: PLR0917
        source: str,
        order_id: str,
        customer_id: str,
        ordered_at: datetime,
        status: str,
        currency: str,
        discount: Decimal,
    ) -> Order:
        day = ordered_at.astimezone(PARIS).date()
        items = lines[source, order_id].values()
        gross = sum((amount for amount, _ in items), Decimal(0))
        discounts = discount + sum((part for _, part in items), Decimal(0))
        return Order(
            source, order_id, customer_id, ordered_at, day, status,
            RATES.euros(gross, currency, day), RATES.euros(discounts, currency, day),
        )  # fmt: skip

    for row in rows(landing, "demo_shop_fr/commandes_*.csv", ";"):
        yield (
            french_instant(row["Modifiée le"]),
            order(
                "demo_shop_fr", row["N° commande"], row["N° client"],
                french_instant(row["Date de commande"]), FRENCH_STATUS[row["État"]], "EUR",
                number(row["Remise"]),
            ),
        )  # fmt: skip
    for row in rows(landing, "demo_shop_uk/orders_20*.csv.gz"):
        yield (
            datetime.fromisoformat(row["updated_at"]),
            order(
                "demo_shop_uk", row["order_id"], row["customer_id"],
                datetime.fromisoformat(row["ordered_at"]), row["status"], row["currency"],
                number(row["discount"]),
            ),
        )  # fmt: skip
    for row in rows(landing, "demo_crm/reorders_*.csv"):
        instant = paris_instant(row["ordered_at"])
        yield (
            instant,
            order(
                "demo_crm", row["order_id"], row["account_id"], instant, "completed",
                row["currency"], Decimal(0),
            ),
        )  # fmt: skip


def refunds_by_month(landing: Path) -> dict[date, Decimal]:
    """Refunds in EUR on their own day."""
    found: dict[date, Decimal] = defaultdict(Decimal)
    for row in rows(landing, "demo_shop_fr/remboursements_*.csv", ";"):
        instant = french_instant(row["Date"])
        found[month(instant)] += RATES.euros(number(row["Montant HT"]), "EUR", instant.date())
    for row in rows(landing, "demo_shop_uk/refunds_*.csv.gz"):
        instant = datetime.fromisoformat(row["refunded_at"])
        day = instant.astimezone(PARIS).date()
        found[month(instant)] += RATES.euros(number(row["amount"]), row["currency"], day)
    return dict(found)


def spend_by_platform(landing: Path) -> dict[str, Decimal]:
    """Advertising cost in EUR; a day that a later file restates counts once, as restated."""
    latest: dict[tuple[str, ...], Decimal] = {}

    key: tuple[str, ...]

    def put(key: tuple[str, ...], amount: Decimal, currency: str, day: date) -> None:
        latest[key] = RATES.euros(amount, currency, day)

    for row in rows(landing, "google_ads/report_*.csv"):
        key = ("google_ads", row["Day"], row["Customer ID"], row["Campaign ID"], row["Ad ID"])
        cost = Decimal(row["Cost (micros)"]) / 1_000_000
        put(key, cost, row["Currency code"], date.fromisoformat(row["Day"]))
    for row in rows(landing, "meta_ads/insights_*.csv.gz"):
        key = (
            "meta_ads",
            row["Reporting day"],
            row["Account ID"],
            row["Campaign ID"],
            row["Ad ID"],
        )
        cost = Decimal(row["Amount spent (EUR)"].replace(",", ""))
        put(key, cost, "EUR", date.fromisoformat(row["Reporting day"]))
    for row in rows(landing, "microsoft_ads/performance_*.csv"):
        key = ("microsoft_ads", row["Gregorian date"], row["Campaign id"], row["Ad id"])
        day = datetime.strptime(row["Gregorian date"], "%d/%m/%Y").date()
        put(key, Decimal(row["Spend"]), "GBP", day)
    for row in rows(landing, "linkedin_ads/creative_report_*.tsv", "\t"):
        key = ("linkedin_ads", row["Start Date (in UTC)"], row["Campaign ID"], row["Creative ID"])
        day = datetime.strptime(row["Start Date (in UTC)"], "%m/%d/%Y").date()
        put(key, Decimal(row["Total Spent"]), row["Currency"], day)
    found: dict[str, Decimal] = defaultdict(Decimal)
    for (platform, *_), amount in latest.items():
        found[platform] += amount
    return dict(found)


def french_sessions(landing: Path) -> int:
    """Visits of the French site: a browser's events without a pause of over 30 minutes."""
    instants: dict[str, list[datetime]] = defaultdict(list)
    for row in rows(landing, "demo_web_fr/evenements_*.csv.gz"):
        try:
            instant = datetime.fromisoformat(row["horodatage"])
        except ValueError:
            continue
        if row["visiteur"]:
            instants[row["visiteur"]].append(instant)
    return sum(
        1
        + sum((later - earlier).total_seconds() > 1800 for earlier, later in pairwise(sorted(one)))
        for one in instants.values()
    )


@dataclass(frozen=True)
class Lead:
    """The latest version of a lead that was not deleted."""

    lead_id: str
    created_at: datetime
    customer_id: str


def leads(landing: Path) -> list[Lead]:
    """Every lead of the sales team."""
    latest: dict[str, dict[str, str]] = {}
    for row in rows(landing, "demo_crm/leads_*.csv"):
        known = latest.get(row["lead_id"])
        if known is None or row["updated_at"] >= known["updated_at"]:
            latest[row["lead_id"]] = row
    return [
        Lead(row["lead_id"], paris_instant(row["created_at"]), row["customer_id"])
        for row in latest.values()
        if row["is_deleted"] != "true"
    ]


def by_month(amounts: Iterable[tuple[datetime | date, Decimal | int]]) -> dict[date, Decimal]:
    """Sums by month, in Paris."""
    found: dict[date, Decimal] = defaultdict(Decimal)
    for when, amount in amounts:
        found[month(when)] += amount
    return dict(found)


def utc(instant: datetime) -> datetime:
    """The instant as the warehouse stores it: UTC without saying so."""
    return instant.astimezone(UTC).replace(tzinfo=None)


def team_on(landing: Path, rep_id: str, day: date) -> str:
    """The team of a rep on a day, by the sales team's own list."""
    (team,) = [
        row["team"]
        for row in rows(landing, "demo_crm/reps.csv")
        if row["rep_id"] == rep_id
        and row["valid_from"] <= day.isoformat() <= (row["valid_to"] or "9999-12-31")
    ]
    return team


def deals_won(landing: Path) -> dict[str, tuple[str, date, Decimal]]:
    """Owner's team on the day of closing, that day and value in EUR of each won deal, by id."""
    latest = {row["opportunity_id"]: row for row in _latest_deals(landing)}
    won = {}
    for deal_id, row in latest.items():
        if row["is_won"] == "true" and row["is_deleted"] != "true":
            day = paris_instant(row["closed_at"]).date()
            amount = RATES.euros(number(row["amount"]), row["currency"], day)
            won[deal_id] = team_on(landing, row["owner"], day), day, amount
    return won


def _latest_deals(landing: Path) -> list[dict[str, str]]:
    return sorted(
        rows(landing, "demo_crm/opportunities_*.csv"),
        key=lambda row: paris_instant(row["updated_at"]),
    )


def activities_by_team(landing: Path) -> dict[tuple[str, str], int]:
    """Activities by kind and by the team of the rep on the day in Paris."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows(landing, "demo_crm/activities_*.csv"):
        day = paris_instant(row["occurred_at"]).date()
        found[team_on(landing, row["rep_id"], day), row["activity_type"]] += 1
    return dict(found)


def survey_answers(landing: Path, survey: str) -> list[int]:
    """The scores given in a survey, on its own scale."""
    return [
        int(row["score"])
        for row in rows(landing, "demo_surveys/responses_*.csv")
        if row["survey"] == survey and row["score"]
    ]
