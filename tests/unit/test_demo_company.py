"""The generated company: always the same bytes, and files that add up to its truth file.

Everything is recounted from the landing files with the csv module and nothing of the generator.
"""

import csv
import gzip
import hashlib
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from orchestration import settings
from orchestration.demo import write_demo, write_seeds

Row = dict[str, str]
SOURCES = settings.DEMO_COMPANY_DIR
CONTRACT = settings.DBT_PROJECT_DIR / "models" / "staging"
PARIS = ZoneInfo("Europe/Paris")
REFERRERS = {
    *("www.google.com", "www.bing.com", "duckduckgo.com", "www.facebook.com"),
    *("www.instagram.com", "www.linkedin.com", "www.youtube.com", "chatgpt.com"),
    "www.perplexity.ai",
}


@dataclass(frozen=True)
class Demo:
    landing: Path
    truth: dict[str, Any]

    def rows(
        self, pattern: str, delimiter: str = ",", encoding: str = "utf-8-sig"
    ) -> Iterator[Row]:
        """The rows of every file that matches, in the order of the file names."""
        paths = sorted(self.landing.glob(pattern))
        assert paths, f"no file matches {pattern}"
        for path in paths:
            content = path.read_bytes()
            if path.suffix == ".gz":
                content = gzip.decompress(content)
            text = io.StringIO(content.decode(encoding), newline="")
            yield from csv.DictReader(text, delimiter=delimiter)

    def latest(self, pattern: str, *key: str, **dialect: str) -> list[Row]:
        """One row per key: the last one delivered."""
        return list(
            {tuple(row[k] for k in key): row for row in self.rows(pattern, **dialect)}.values()
        )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The full company: some planted effects are too small to be seen in a smaller one."""
    home = tmp_path_factory.mktemp("demo")
    summary = write_demo(home / "landing", home / "truth.json")
    assert summary.files == len(list((home / "landing").rglob("*.*")))
    return Demo(home / "landing", json.loads(summary.truth.read_text(encoding="utf-8")))


def cents(text: str) -> int:
    value = Decimal(text.replace(" ", "").replace(",", ".")) * 100
    assert value == int(value)
    return int(value)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def hashes(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


# --- the generator ------------------------------------------------------------------------------


def test_the_same_scale_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_demo(tmp_path / name / "landing", tmp_path / name / "truth.json", scale=0.03)
    first = hashes(tmp_path / "one")
    assert len(first) > 100
    assert first == hashes(tmp_path / "two")


def test_a_second_call_leaves_the_files_untouched(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    write_demo(landing, tmp_path / "truth.json", scale=0.01)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    write_demo(landing, tmp_path / "truth.json", scale=0.01)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_an_impossible_scale_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="scale=0"):
        write_demo(tmp_path / "landing", tmp_path / "truth.json", scale=0)


def test_the_committed_seeds_are_what_the_generator_writes(tmp_path: Path) -> None:
    names = write_seeds(tmp_path)
    assert hashes(tmp_path) == hashes(SOURCES / "seeds")
    assert len(names) == len(hashes(tmp_path))


# --- the files ----------------------------------------------------------------------------------


def test_every_contract_table_has_a_source() -> None:
    contract = {
        table["name"]
        for path in CONTRACT.glob("*/_*__sources.yml")
        for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
        if source["name"] not in ("ops", "derived")
        for table in source["tables"]
    }
    delivered = {
        table
        for path in SOURCES.glob("*/source.yaml")
        for table in yaml.safe_load(path.read_text(encoding="utf-8"))["tables"]
    }
    assert contract == delivered


def test_every_file_belongs_to_exactly_one_table_of_a_source(demo: Demo) -> None:
    locations = [
        table["location"]
        for path in SOURCES.glob("*/source.yaml")
        for table in yaml.safe_load(path.read_text(encoding="utf-8"))["tables"].values()
    ]
    matched = Counter(path for place in locations for path in demo.landing.glob(place))
    assert set(matched) == {path for path in demo.landing.rglob("*") if path.is_file()}
    assert set(matched.values()) == {1}


def test_only_reserved_domains_and_public_referrers_appear(demo: Demo) -> None:
    hosts: Counter[str] = Counter()
    for path in sorted(demo.landing.rglob("*.*")):
        content = path.read_bytes()
        text = gzip.decompress(content) if path.suffix == ".gz" else content
        found = re.findall(rb"(?:https?://|[\w.]@)([\w.-]+\.[A-Za-z]{2,})", text)
        hosts.update(host.decode().lower() for host in found)
    reserved = re.compile(r"(.+\.)?example\.(com|org|net)")
    assert {host for host in hosts if not reserved.fullmatch(host)} == REFERRERS


def test_the_company_has_the_stated_size(demo: Demo) -> None:
    shops = demo.truth["shops"].values()
    customers = sum(shop["customers"]["all"] for shop in shops)
    assert 4_700 <= customers + demo.truth["sales"]["accounts"] <= 5_300
    assert 290_000 <= sum(demo.truth["web"]["events"].values()) <= 320_000


# --- truth against an independent recount -------------------------------------------------------


@pytest.fixture(scope="module")
def french_events(demo: Demo) -> list[Row]:
    """Events of the French site without the planted malformed rows."""
    rows = list(demo.rows("demo_web_fr/evenements_*.csv.gz"))
    good = [row for row in rows if not row["horodatage"].startswith("2025-06-31")]
    assert len(rows) - len(good) == demo.truth["web"]["quarantined_events"]["events"] > 0
    return good


@pytest.fixture(scope="module")
def british_events(demo: Demo) -> list[Row]:
    """Events of the British site, once each."""
    rows = list(demo.rows("demo_web_uk/events_*.csv.gz"))
    distinct = list({row["event_id"]: row for row in rows}.values())
    assert len(rows) - len(distinct) == demo.truth["web"]["repeated_events"] > 0
    return distinct


def test_events_and_sessions_match_the_truth(
    demo: Demo, french_events: list[Row], british_events: list[Row]
) -> None:
    web = demo.truth["web"]
    found = {"demo_web_fr": len(french_events), "demo_web_uk": len(british_events)}
    assert found == web["events"]
    assert len({row["identifiant"] for row in french_events}) == len(french_events)
    assert web["events_without_anonymous_id"] == {
        "demo_web_fr": sum(not row["visiteur"] for row in french_events),
        "demo_web_uk": sum(not row["anonymous_id"] for row in british_events),
    }
    sessions = {row["session_id"] for row in demo.rows("demo_web_uk/sessions_*.csv.gz")}
    assert {row["session_id"] for row in british_events} == sessions
    assert len(sessions) == web["sessions"]["demo_web_uk"]
    bought = {row["session_id"] for row in british_events if row["event_name"] == "purchase"}
    assert len(bought) == web["sessions_with_purchase"]["demo_web_uk"]


def test_thirty_minutes_of_silence_give_the_french_sessions(
    demo: Demo, french_events: list[Row]
) -> None:
    visits: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for row in french_events:
        if row["visiteur"]:
            visits[row["visiteur"]].append((instant(row["horodatage"]), row["evenement"]))
    sessions, with_purchase = 0, 0
    for events in visits.values():
        last, bought = datetime.min.replace(tzinfo=PARIS), False
        for at, name in sorted(events):
            if at - last > timedelta(minutes=30):
                sessions, bought = sessions + 1, False
            if name == "purchase" and not bought:
                with_purchase, bought = with_purchase + 1, True
            last = at
    assert sessions == demo.truth["web"]["sessions"]["demo_web_fr"]
    assert with_purchase == demo.truth["web"]["sessions_with_purchase"]["demo_web_fr"]


def test_a_file_brings_events_from_before_an_earlier_file(demo: Demo) -> None:
    late = demo.truth["web"]["late_events"]
    rows = list(demo.rows(f"demo_web_fr/evenements_{late['file_label']}.csv.gz"))
    assert len(rows) == late["events"] > 0
    newest = max(row["horodatage"] for row in demo.rows("demo_web_fr/evenements_2025-Q1.csv.gz"))
    assert max(row["horodatage"] for row in rows) < newest


@dataclass(frozen=True)
class Dialect:
    orders: str
    items: str
    refunds: str
    delimiter: str
    names: dict[str, str]
    completed: str


SHOPS = {
    "demo_shop_fr": Dialect(
        "commandes_*.csv",
        "lignes_*.csv",
        "remboursements_*.csv",
        ";",
        {
            "order_id": "N° commande",
            "status": "État",
            "total": "Total TTC",
            "discount": "Remise",
            "tax": "TVA",
            "shipping": "Frais de port",
            "quantity": "Quantité",
            "unit_price": "Prix unitaire HT",
            "line_discount": "Remise ligne",
            "amount": "Montant HT",
            "customer_id": "N° client",
        },
        "terminée",
    ),
    "demo_shop_uk": Dialect(
        "orders_*.csv.gz",
        "order_items_*.csv.gz",
        "refunds_*.csv.gz",
        ",",
        {"line_discount": "discount"},
        "completed",
    ),
}


@pytest.mark.parametrize("source", SHOPS)
def test_orders_lines_and_refunds_match_the_truth(demo: Demo, source: str) -> None:
    dialect, truth = SHOPS[source], demo.truth["shops"][source]

    def value(row: Row, name: str) -> str:
        return row[dialect.names.get(name, name)]

    orders = demo.latest(
        f"{source}/{dialect.orders}",
        dialect.names.get("order_id", "order_id"),
        delimiter=dialect.delimiter,
    )
    gross: Counter[str] = Counter()
    line_discount: Counter[str] = Counter()
    lines = list(demo.rows(f"{source}/{dialect.items}", delimiter=dialect.delimiter))
    for line in lines:
        order_id = value(line, "order_id")
        gross[order_id] += int(value(line, "quantity")) * cents(value(line, "unit_price"))
        line_discount[order_id] += cents(value(line, "line_discount"))
    found: Counter[str] = Counter()
    for order in orders:
        order_id = value(order, "order_id")
        discount = line_discount[order_id] + cents(value(order, "discount"))
        net = gross[order_id] - discount
        tax, shipping = cents(value(order, "tax")), cents(value(order, "shipping"))
        assert cents(value(order, "total")) == net + tax + shipping
        if value(order, "status") == dialect.completed:
            found.update(
                gross_revenue=gross[order_id],
                discount=discount,
                net_revenue=net,
                tax=tax,
                shipping=shipping,
                total=net + tax + shipping,
            )
    completed = [o for o in orders if value(o, "status") == dialect.completed]
    found["buyers"] = len({value(order, "customer_id") for order in completed})
    assert dict(found) == truth["completed"]
    assert len(completed) == truth["orders"]["completed"]
    assert len(orders) == sum(truth["orders"].values())
    assert len(lines) == truth["order_items"]
    refunds = list(demo.rows(f"{source}/{dialect.refunds}", delimiter=dialect.delimiter))
    amount = sum(cents(value(row, "amount")) for row in refunds)
    assert {"count": len(refunds), "amount": amount} == truth["refunds"]


def test_orders_of_the_site_and_of_the_shop_are_the_same(
    demo: Demo, british_events: list[Row]
) -> None:
    shop = {row["order_id"]: row for row in demo.rows("demo_shop_uk/orders_*.csv.gz")}
    site = {row["order_id"]: row for row in british_events if row["event_name"] == "purchase"}
    assert shop.keys() == site.keys()
    for order_id, row in shop.items():
        seen = site[order_id]
        assert (row["session_id"], row["anonymous_id"], row["ordered_at"]) == (
            seen["session_id"],
            seen["anonymous_id"],
            seen["occurred_at"],
        )


def test_customers_match_the_truth(demo: Demo) -> None:
    french = demo.latest(
        "demo_shop_fr/clients_*.csv", "N° client", delimiter=";", encoding="cp1252"
    )
    british = demo.latest("demo_shop_uk/customers_*.csv.gz", "customer_id")
    truth = demo.truth["shops"]
    assert len(french) == truth["demo_shop_fr"]["customers"]["all"]
    assert len(british) == truth["demo_shop_uk"]["customers"]["all"]
    deleted = sum(row["Supprimé"] == "oui" for row in french)
    assert deleted == truth["demo_shop_fr"]["customers"]["deleted"] > 0
    deleted = sum(row["is_deleted"] == "true" for row in british)
    assert deleted == truth["demo_shop_uk"]["customers"]["deleted"] > 0
    accounts = list(demo.rows("demo_crm/accounts_*.csv"))
    assert len(accounts) == demo.truth["sales"]["accounts"]


def test_listed_browsers_are_those_the_files_link_to_a_customer(demo: Demo) -> None:
    browsers = demo.truth["identity"]["browsers"]
    linked = [
        (row["customer_id"], row["anonymous_id"])
        for row in demo.rows("demo_shop_uk/orders_*.csv.gz")
        if row["anonymous_id"]
    ]
    assert linked
    assert all(browser in browsers[customer].split() for customer, browser in linked)


@dataclass(frozen=True)
class Report:
    pattern: str
    key: tuple[str, ...]
    cost: str
    clicks: str
    currency: str
    delimiter: str = ","
    divisor: int = 1


REPORTS = {
    "google_ads": Report(
        "report_*.csv", ("Day", "Ad ID"), "Cost (micros)", "Clicks", "Currency code", ",", 1_000_000
    ),
    "meta_ads": Report(
        "insights_*.csv.gz", ("Reporting day", "Ad ID"), "Amount spent (EUR)", "Link clicks", "EUR"
    ),
    "linkedin_ads": Report(
        "creative_report_*.tsv",
        ("Start Date (in UTC)", "Creative ID"),
        "Total Spent",
        "Clicks",
        "Currency",
        "\t",
    ),
    "microsoft_ads": Report(
        "performance_*.csv", ("Gregorian date", "Ad id"), "Spend", "Clicks", "GBP"
    ),
}


@pytest.mark.parametrize("platform", REPORTS)
def test_spend_matches_the_truth(demo: Demo, platform: str) -> None:
    report, truth = REPORTS[platform], demo.truth["ad_spend"][platform]
    pattern = f"{platform}/{report.pattern}"
    rows = demo.latest(pattern, *report.key, delimiter=report.delimiter)
    assert len(rows) == truth["rows"]
    assert len(rows) < sum(1 for _ in demo.rows(pattern, delimiter=report.delimiter))
    spend: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        amount = Decimal(row[report.cost].replace(",", "")) / report.divisor
        spend[row.get(report.currency, report.currency)] += amount
    assert {currency: int(total * 100) for currency, total in spend.items()} == truth["spend"]
    clicks = sum(int(row[report.clicks].replace(",", "")) for row in rows)
    assert clicks == truth["clicks"]


def test_leads_and_opportunities_match_the_truth(demo: Demo) -> None:
    truth = demo.truth["sales"]
    leads = demo.latest("demo_crm/leads_*.csv", "lead_id")
    live = [row for row in leads if row["is_deleted"] == "false"]
    assert {
        "all": len(leads),
        "deleted": len(leads) - len(live),
        "from_web_forms": sum(row["lead_source"] == "web_form" for row in leads),
        "mql": sum(bool(row["mql_at"]) for row in live),
        "sql": sum(bool(row["sql_at"]) for row in live),
        "converted": sum(bool(row["converted_at"]) for row in live),
        "became_customers": sum(bool(row["customer_id"]) for row in live),
    } == truth["leads"]
    deals = demo.latest("demo_crm/opportunities_*.csv", "opportunity_id")
    kept = [row for row in deals if row["is_deleted"] == "false"]
    won = [row for row in kept if row["is_won"] == "true"]
    amounts: Counter[str] = Counter()
    for row in won:
        amounts[row["currency"]] += cents(row["amount"])
    assert {
        "all": len(deals),
        "deleted": len(deals) - len(kept),
        "won": len(won),
        "lost": sum(row["is_won"] == "false" for row in kept),
        "open": sum(not row["closed_at"] for row in kept),
        "won_amount": dict(amounts),
    } == truth["opportunities"]
    assert all(row["customer_id"] for row in won)
    visited = list(demo.rows("demo_crm/stage_history_*.csv"))
    assert len(visited) == truth["stage_visits"]
    assert len({tuple(row.values()) for row in visited}) == len(visited)
    members = list(demo.rows("demo_crm/campaign_members_*.csv"))
    assert len(members) == truth["campaign_members"]
    assert sum(cents(row["cost"]) for row in members) == truth["campaign_cost"]
    assert sum(1 for _ in demo.rows("demo_crm/activities_*.csv")) == truth["activities"]


def test_web_leads_are_found_among_the_form_events(
    demo: Demo, french_events: list[Row], british_events: list[Row]
) -> None:
    sent = {row["prospect"] for row in french_events if row["prospect"]}
    sent |= {row["lead_id"] for row in british_events if row["lead_id"]}
    leads = demo.latest("demo_crm/leads_*.csv", "lead_id")
    assert sent == {row["lead_id"] for row in leads if row["lead_source"] == "web_form"}


def test_the_order_book_matches_the_truth(demo: Demo) -> None:
    orders = {row["order_id"]: row for row in demo.rows("demo_crm/reorders_*.csv")}
    gross: Counter[str] = Counter()
    for line in demo.rows("demo_crm/reorder_lines_*.csv"):
        gross[line["order_id"]] += int(line["quantity"]) * cents(line["unit_price"])
    assert gross.keys() == orders.keys()
    for currency in ("EUR", "GBP"):
        here = [row for row in orders.values() if row["currency"] == currency]
        assert demo.truth["order_book"][currency] == {
            "orders": len(here),
            "net_revenue": sum(gross[row["order_id"]] for row in here),
        }
    for row in orders.values():
        assert cents(row["total"]) == gross[row["order_id"]] + cents(row["tax"])


def test_tickets_and_surveys_match_the_truth(demo: Demo) -> None:
    truth = demo.truth["service"]
    tickets = demo.latest("demo_helpdesk/tickets_*.csv.gz", "Ticket ID")
    assert len(tickets) == truth["tickets"]
    assert sum(row["Status"] == "solved" for row in tickets) == truth["solved"]
    surveys = list(demo.rows("demo_surveys/responses_*.csv"))
    assert len(surveys) == truth["surveys_sent"]
    csat = [int(row["score"]) for row in surveys if row["survey"] == "csat" and row["score"]]
    satisfied = sum(score >= 4 for score in csat)
    assert {"answers": len(csat), "satisfied": satisfied} == truth["csat"]
    assert {row["survey"] for row in surveys} == {"csat", "nps", "source"}


# --- planted truths, as a reader of the files sees them -----------------------------------------


def paris_day(text: str) -> date:
    return instant(text).astimezone(PARIS).date()


def test_the_broken_step_shows_on_its_device_and_in_its_weeks_only(
    demo: Demo, french_events: list[Row], british_events: list[Row]
) -> None:
    plan = demo.truth["planted"]["broken_checkout_step"]
    first, last = (date.fromisoformat(plan[name]) for name in ("first_day", "last_day"))
    assert (last - first).days + 1 == 21
    counts: Counter[tuple[str, bool, bool]] = Counter()
    for row in british_events:
        name, is_device = row["event_name"], row["device_type"] == plan["device"]
        counts[name, is_device, first <= paris_day(row["occurred_at"]) <= last] += 1
    for row in french_events:
        name, is_device = row["evenement"], row["appareil"] == plan["device"]
        counts[name, is_device, first <= paris_day(row["horodatage"]) <= last] += 1

    def pass_rate(*, is_device: bool, during: bool) -> float:
        reached = counts[plan["previous_step"], is_device, during]
        return counts[plan["step"], is_device, during] / reached

    assert pass_rate(is_device=True, during=True) < 0.45
    assert pass_rate(is_device=True, during=False) > 0.85
    assert pass_rate(is_device=False, during=True) > 0.85


def test_the_price_of_a_click_doubles_on_one_platform_only(demo: Demo) -> None:
    plan = demo.truth["planted"]["cost_rise"]
    begins = date.fromisoformat(plan["first_day"])
    # The same months of both years, so that the season is the same.
    same_months = (begins, begins + timedelta(days=270))

    def price(platform: str, day_format: str, years_back: int) -> Decimal:
        report = REPORTS[platform]
        spend, clicks = Decimal(0), 0
        pattern = f"{platform}/{report.pattern}"
        for row in demo.latest(pattern, *report.key, delimiter=report.delimiter):
            day = datetime.strptime(row[report.key[0]], day_format).date()
            if same_months[0] <= day + timedelta(days=365 * years_back) < same_months[1]:
                spend += Decimal(row[report.cost].replace(",", ""))
                clicks += int(row[report.clicks].replace(",", ""))
        return spend / clicks

    factor = price("meta_ads", "%Y-%m-%d", 0) / price("meta_ads", "%Y-%m-%d", 1)
    assert abs(factor - plan["factor"]) < Decimal("0.1")
    others = price("microsoft_ads", "%d/%m/%Y", 0) / price("microsoft_ads", "%d/%m/%Y", 1)
    assert abs(others - 1) < Decimal("0.1")


def test_the_action_lifts_conversion_against_the_control(
    demo: Demo, french_events: list[Row], british_events: list[Row]
) -> None:
    plan = demo.truth["planted"]["corrective_action"]
    begins = date.fromisoformat(plan["first_day"])
    events = [("FR", row["evenement"], row["horodatage"]) for row in french_events]
    events += [("GB", row["event_name"], row["occurred_at"]) for row in british_events]
    counts = Counter((where, paris_day(at) >= begins, name) for where, name, at in events)

    def lift(country: str) -> float:
        """Purchases per page view, after over before."""
        before, after = (
            counts[country, x, "purchase"] / counts[country, x, "page_view"] for x in (False, True)
        )
        return after / before

    assert lift("GB") / lift("FR") == pytest.approx(plan["factor"], rel=0.15)


def test_the_action_is_a_row_of_the_seed(demo: Demo) -> None:
    plan = demo.truth["planted"]["corrective_action"]
    path = SOURCES / "seeds" / "kpis" / "corrective_actions.csv"
    with path.open(encoding="utf-8", newline="") as file:
        actions = {row["action_id"]: row for row in csv.DictReader(file)}
    row = actions[plan["action_id"]]
    assert [row[name] for name in ("kpi_id", "segment", "control_segment", "started_on")] == [
        plan[name] for name in ("kpi_id", "segment", "control_segment", "first_day")
    ]


def test_the_rep_wins_more_from_the_day_on(demo: Demo) -> None:
    plan = demo.truth["planted"]["improving_rep"]
    begins = date.fromisoformat(plan["first_day"]).isoformat()
    closed = {"before": 0, "from_first_day": 0}
    won = dict(closed)
    for row in demo.latest("demo_crm/opportunities_*.csv", "opportunity_id"):
        if row["owner"] != plan["rep_id"] or not row["closed_at"] or row["is_deleted"] == "true":
            continue
        period = "from_first_day" if row["closed_at"] >= begins else "before"
        closed[period] += 1
        won[period] += row["is_won"] == "true"
    assert plan["observed"] == {
        period: {"closed": closed[period], "won": won[period]} for period in closed
    }
    before, after = (won[period] / closed[period] for period in closed)
    assert after > 1.8 * before


def test_one_rep_has_a_row_for_each_team(demo: Demo) -> None:
    plan = demo.truth["planted"]["team_change"]
    reps = list(demo.rows("demo_crm/reps.csv"))
    assert len({row["rep_id"] for row in reps}) == 12
    assert len({row["team"] for row in reps}) == 3
    moved = [row for row in reps if row["rep_id"] == plan["rep_id"]]
    assert [row["team"] for row in moved] == [plan["team_before"], plan["team_after"]]
    last = date.fromisoformat(moved[0]["valid_to"])
    assert last + timedelta(days=1) == date.fromisoformat(plan["first_day"])
    assert moved[1]["valid_from"] == plan["first_day"]
    assert len(reps) == 13
