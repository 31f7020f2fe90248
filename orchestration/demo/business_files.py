"""Orders, sales, advertising and service as their systems export them, each in its own dialect."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

import numpy as np

from orchestration.demo import assumptions as a
from orchestration.demo.ads import Spend
from orchestration.demo.files import (
    Dialect,
    Landing,
    french_money,
    grouped,
    grouped_money,
    money,
)
from orchestration.demo.journeys import Visits
from orchestration.demo.people import People
from orchestration.demo.sales import EVENTS, NEVER, Lead, Opportunity, Sales
from orchestration.demo.service import Response, Ticket
from orchestration.demo.shop import Shop
from orchestration.demo.timeline import (
    AS_OF_S,
    START,
    TIMEZONES,
    Ints,
    Texts,
    iso,
    local_text,
    quarter_end,
    quarter_of,
)
from orchestration.demo.web_files import anonymous_ids, session_ids, tag_visits

PARIS = TIMEZONES["FR"]
FRENCH_TIME = "%d/%m/%Y %H:%M:%S"
SQL_TIME = "%Y-%m-%d %H:%M:%S"
FRENCH = Dialect(";", "utf-8-sig", "\r\n")
OLD_FRENCH = Dialect(";", "cp1252", "\r\n")
TABBED = Dialect("\t")
STATUS_WORDS = {"completed": "terminée", "cancelled": "annulée", "processing": "en cours"}
DISCONTINUED = 3
"""Products that the British shop's second catalogue no longer lists; none was ever sold."""


class _Changing(Protocol):
    def changes(self) -> list[int]: ...


Record = TypeVar("Record", bound=_Changing)


def customer_emails(shop: Shop, people: People) -> list[str]:
    """The e-mail of each shop customer, as the shops keep it."""
    return [str(people.email[person]) for person in shop.customers.person.tolist()]


# --- shops --------------------------------------------------------------------------------------


def write_shops(landing: Landing, shop: Shop, visits: Visits, people: People) -> None:
    """Both shops: orders that were open at a quarter's end come again with the next quarter."""
    _write_orders(landing, shop, visits, people)
    _write_lines(landing, shop)
    _write_refunds(landing, shop)
    _write_customers(landing, shop, visits, people)
    _write_products(landing, shop)


def _write_orders(landing: Landing, shop: Shop, visits: Visits, people: People) -> None:
    orders = shop.orders
    n = len(orders.ordered_at)
    again = np.flatnonzero(orders.is_unsettled & (quarter_end(orders.ordered_at) < AS_OF_S))
    rows = np.r_[np.arange(n), again]
    is_final = ~orders.is_unsettled[rows] | (np.arange(len(rows)) >= n)
    status = np.where(is_final, orders.final_status[rows], "processing").astype(object)
    updated = np.where(is_final, orders.updated_at[rows], orders.ordered_at[rows])
    # What comes again belongs to the file of the following quarter.
    label = quarter_of(orders.ordered_at[rows] + (np.arange(len(rows)) >= n) * 3 * 86_400)
    customer = shop.customers.customer_id[orders.customer]
    anonymous = anonymous_ids(visits, people)[orders.visit]
    french = orders.country[rows] == "FR"
    f, g = rows[french], rows[~french]
    landing.write_parts(
        "demo_shop_fr/commandes_{}.csv",
        label[french],
        {
            "N° commande": orders.order_id[f],
            "Date de commande": local_text(orders.ordered_at[f], PARIS, FRENCH_TIME),
            "N° client": customer[f],
            "État": np.array([STATUS_WORDS[word] for word in status[french]], dtype=object),
            "Total TTC": french_money(orders.total[f]),
            "Remise": french_money(orders.discount[f]),
            "TVA": french_money(orders.tax[f]),
            "Frais de port": french_money(orders.shipping[f]),
            "Code promo": np.where(orders.coupon[f] == "", "NULL", orders.coupon[f]),
            "Visiteur": anonymous[f],
            "Modifiée le": local_text(updated[french], PARIS, FRENCH_TIME),
        },
        FRENCH,
    )
    landing.write_parts(
        "demo_shop_uk/orders_{}.csv.gz",
        label[~french],
        {
            "order_id": orders.order_id[g],
            "ordered_at": iso(orders.ordered_at[g]),
            "customer_id": customer[g],
            "status": status[~french],
            "currency": orders.currency[g],
            "total": money(orders.total[g]),
            "discount": money(orders.discount[g]),
            "tax": money(orders.tax[g]),
            "shipping": money(orders.shipping[g]),
            "coupon": orders.coupon[g],
            "session_id": session_ids(visits)[orders.visit[g]],
            "anonymous_id": anonymous[g],
            "country": orders.country[g],
            "updated_at": iso(updated[~french]),
        },
    )


def _write_lines(landing: Landing, shop: Shop) -> None:
    lines, orders = shop.lines, shop.orders
    order_id = orders.order_id[lines.order]
    label = quarter_of(orders.ordered_at[lines.order])
    line_id = _line_ids(order_id, lines.number)
    product = shop.products.product_id[lines.product]
    french = orders.country[lines.order] == "FR"
    landing.write_parts(
        "demo_shop_fr/lignes_{}.csv",
        label[french],
        {
            "N° ligne": line_id[french],
            "N° commande": order_id[french],
            "Référence": product[french],
            "Quantité": lines.quantity[french],
            "Prix unitaire HT": french_money(lines.unit_price[french]),
            "Remise ligne": french_money(lines.discount[french]),
            "Coût unitaire": french_money(lines.unit_cost[french]),
        },
        FRENCH,
    )
    landing.write_parts(
        "demo_shop_uk/order_items_{}.csv.gz",
        label[~french],
        {
            "order_item_id": line_id[~french],
            "order_id": order_id[~french],
            "product_id": product[~french],
            "quantity": lines.quantity[~french],
            "unit_price": money(lines.unit_price[~french]),
            "discount": money(lines.discount[~french]),
            "unit_cost": money(lines.unit_cost[~french]),
        },
    )


def _line_ids(order_id: Texts, number: Ints) -> Texts:
    pairs = zip(order_id.tolist(), number.tolist(), strict=True)
    return np.array([f"{order}-{k}" for order, k in pairs], dtype=object)


def _write_refunds(landing: Landing, shop: Shop) -> None:
    refunds, orders = shop.refunds, shop.orders
    number = refunds.order
    french = orders.country[number] == "FR"
    line_id = _line_ids(orders.order_id[number], shop.lines.number[refunds.line])
    line_id = np.where(refunds.line >= 0, line_id, "").astype(object)
    refund_id = np.array([f"RF{k:05d}" for k in range(1, len(number) + 1)], dtype=object)
    customer = shop.customers.customer_id[orders.customer[number]]
    label = quarter_of(refunds.refunded_at)
    landing.write_parts(
        "demo_shop_fr/remboursements_{}.csv",
        label[french],
        {
            "N° remboursement": refund_id[french],
            "Date": local_text(refunds.refunded_at[french], PARIS, FRENCH_TIME),
            "N° commande": orders.order_id[number[french]],
            "N° ligne": line_id[french],
            "N° client": customer[french],
            "Montant HT": french_money(refunds.amount[french]),
            "Motif": refunds.reason[french],
        },
        FRENCH,
    )
    landing.write_parts(
        "demo_shop_uk/refunds_{}.csv.gz",
        label[~french],
        {
            "refund_id": refund_id[~french],
            "refunded_at": iso(refunds.refunded_at[~french]),
            "order_id": orders.order_id[number[~french]],
            "order_item_id": line_id[~french],
            "customer_id": customer[~french],
            "amount": money(refunds.amount[~french]),
            "currency": orders.currency[number[~french]],
            "reason": refunds.reason[~french],
        },
    )


def _write_customers(landing: Landing, shop: Shop, visits: Visits, people: People) -> None:
    customers = shop.customers
    n = len(customers.person)
    gone = np.flatnonzero((customers.deleted_at >= 0) & (customers.deleted_at <= AS_OF_S))
    rows = np.r_[np.arange(n), gone]
    is_deleted = np.arange(len(rows)) >= n
    updated = np.where(is_deleted, customers.deleted_at[rows], customers.created_at[rows])
    label = quarter_of(updated)
    emails = np.array(customer_emails(shop, people), dtype=object)[rows]
    names = (
        people.first_name[customers.person[rows]] + " " + people.last_name[customers.person[rows]]
    )
    anonymous = anonymous_ids(visits, people)[customers.visit[rows]]
    anonymous[customers.second_account[rows]] = ""
    french = customers.country[rows] == "FR"
    f, g = rows[french], rows[~french]
    landing.write_parts(
        "demo_shop_fr/clients_{}.csv",
        label[french],
        {
            "N° client": customers.customer_id[f],
            "Créé le": local_text(customers.created_at[f], PARIS, FRENCH_TIME),
            "Courriel": emails[french],
            "Nom complet": names[french],
            "Compte": customers.user_id[f],
            "Accord marketing": np.where(customers.marketing_consent[f], "oui", "non"),
            "Modifié le": local_text(updated[french], PARIS, FRENCH_TIME),
            "Supprimé": np.where(is_deleted[french], "oui", "non"),
        },
        OLD_FRENCH,
    )
    spaced = np.array([f" {email}" if k % 13 == 0 else email for k, email in enumerate(emails)])
    landing.write_parts(
        "demo_shop_uk/customers_{}.csv.gz",
        label[~french],
        {
            "customer_id": customers.customer_id[g],
            "created_at": iso(customers.created_at[g]),
            "email": spaced[~french],
            "full_name": names[~french],
            "country": customers.country[g],
            "segment": np.full(len(g), "consumer", dtype=object),
            "user_id": customers.user_id[g],
            "anonymous_id": anonymous[~french],
            "marketing_consent": np.where(customers.marketing_consent[g], "true", "false"),
            "updated_at": iso(updated[~french]),
            "is_deleted": np.where(is_deleted[~french], "true", "false"),
        },
    )


def _write_products(landing: Landing, shop: Shop) -> None:
    products = shop.products
    landing.write(
        "demo_shop_fr/produits.csv",
        {
            "Référence": products.product_id,
            "Désignation": products.name["FR"],
            "Famille": products.category["FR"],
            "Coût unitaire": french_money(products.unit_cost["FR"]),
        },
        OLD_FRENCH,
    )
    for label, count in (("2024-07", None), ("2026-01", -DISCONTINUED)):
        landing.write(
            f"demo_shop_uk/products_{label}.csv",
            {
                "product_id": products.product_id[:count],
                "name": products.name["GB"][:count],
                "category": products.category["GB"][:count],
                "unit_cost": money(products.unit_cost["GB"][:count]),
                "currency": np.full(len(products.product_id[:count]), "GBP", dtype=object),
            },
        )


# --- advertising --------------------------------------------------------------------------------


def write_ads(landing: Landing, spend: Spend) -> None:
    """Each platform's report, a file a quarter; late corrections come with the next one."""
    day = np.datetime64(START) + spend.day
    seconds = day.astype("datetime64[s]").astype(np.int64)
    is_corrected = (spend.first_cost != spend.cost) | (spend.first_clicks != spend.clicks)
    corrected = np.flatnonzero(is_corrected)
    rows = np.r_[np.arange(len(day)), corrected]
    is_second = np.arange(len(rows)) >= len(day)
    label = quarter_of(seconds[rows] + is_second * 5 * 86_400)
    clicks = np.where(is_second, spend.clicks[rows], spend.first_clicks[rows])
    cost = np.where(is_second, spend.cost[rows], spend.first_cost[rows])
    for platform, write in _PLATFORMS.items():
        here = spend.platform[rows] == platform
        write(landing, label[here], _Report(spend, rows[here], clicks[here], cost[here]))


@dataclass(frozen=True)
class _Report:
    """Chosen rows of the spend, with the clicks and cost reported at the time (cents)."""

    spend: Spend
    rows: Ints
    clicks: Ints
    cost: Ints

    def of_campaign(self, name: str) -> Texts:
        """An attribute of each row's campaign."""
        values = np.array([getattr(plan, name) for plan in a.CAMPAIGNS], dtype=object)
        return np.asarray(values[self.spend.campaign[self.rows]], dtype=object)

    def ad_ids(self) -> tuple[Texts, Texts]:
        """Ids of each row's ad group and ad."""
        campaign = self.of_campaign("campaign_id")
        pairs = zip(campaign, self.spend.ad[self.rows].tolist(), strict=True)
        ads = [f"{number}{ad + 1:02d}" for number, ad in pairs]
        return (campaign + "0").astype(object), np.array(ads, dtype=object)

    def days(self, pattern: str) -> Texts:
        """Each row's day in a `strftime` pattern."""
        day = np.datetime64(START) + self.spend.day[self.rows]
        return local_text(day.astype("datetime64[s]").astype(np.int64), "UTC", pattern)


def _write_google(landing: Landing, label: Texts, report: _Report) -> None:
    group, ad = report.ad_ids()
    landing.write_parts(
        "google_ads/report_{}.csv",
        label,
        {
            "Day": report.days("%Y-%m-%d"),
            "Customer ID": report.of_campaign("account_id"),
            "Campaign ID": report.of_campaign("campaign_id"),
            "Campaign": report.of_campaign("name"),
            "Ad group ID": group,
            "Ad ID": ad,
            "Impr.": report.spend.impressions[report.rows],
            "Clicks": report.clicks,
            "Cost (micros)": report.cost * 10_000,
            "Currency code": report.of_campaign("currency"),
            "Conversions": report.spend.conversions[report.rows],
            "Conv. value": money(report.spend.conversion_value[report.rows]),
        },
    )


def _write_meta(landing: Landing, label: Texts, report: _Report) -> None:
    group, ad = report.ad_ids()
    landing.write_parts(
        "meta_ads/insights_{}.csv.gz",
        label,
        {
            "Reporting day": report.days("%Y-%m-%d"),
            "Account ID": report.of_campaign("account_id"),
            "Campaign ID": report.of_campaign("campaign_id"),
            "Campaign name": report.of_campaign("name"),
            "Ad set ID": group,
            "Ad ID": ad,
            "Impressions": grouped(report.spend.impressions[report.rows]),
            "Link clicks": grouped(report.clicks),
            "Amount spent (EUR)": grouped_money(report.cost),
            "Purchases": report.spend.conversions[report.rows],
            "Purchases conversion value": grouped_money(report.spend.conversion_value[report.rows]),
        },
    )


def _write_linkedin(landing: Landing, label: Texts, report: _Report) -> None:
    _, ad = report.ad_ids()
    landing.write_parts(
        "linkedin_ads/creative_report_{}.tsv",
        label,
        {
            "Start Date (in UTC)": report.days("%m/%d/%Y"),
            "Account ID": report.of_campaign("account_id"),
            "Campaign ID": report.of_campaign("campaign_id"),
            "Campaign Name": report.of_campaign("name"),
            "Creative ID": ad,
            "Currency": report.of_campaign("currency"),
            "Total Spent": money(report.cost),
            "Impressions": report.spend.impressions[report.rows],
            "Clicks": report.clicks,
            "Conversions": report.spend.conversions[report.rows],
        },
        TABBED,
    )


def _write_microsoft(landing: Landing, label: Texts, report: _Report) -> None:
    group, ad = report.ad_ids()
    conversions = report.spend.conversions[report.rows].astype(object)
    landing.write_parts(
        "microsoft_ads/performance_{}.csv",
        label,
        {
            "Gregorian date": report.days("%d/%m/%Y"),
            "Account number": report.of_campaign("account_id"),
            "Campaign id": report.of_campaign("campaign_id"),
            "Campaign name": report.of_campaign("name"),
            "Ad group id": group,
            "Ad id": ad,
            "Impressions": report.spend.impressions[report.rows],
            "Clicks": report.clicks,
            "Spend": money(report.cost),
            "Conversions": np.where(conversions == 0, "--", conversions),
        },
    )


_PLATFORMS: dict[str, Callable[[Landing, Texts, _Report], None]] = {
    "google_ads": _write_google,
    "meta_ads": _write_meta,
    "linkedin_ads": _write_linkedin,
    "microsoft_ads": _write_microsoft,
}


# --- sales --------------------------------------------------------------------------------------


def versions(
    records: Sequence[Record], created: Callable[[Record], int]
) -> list[tuple[Record, int]]:
    """Each record as it stood when its first quarter ended, and as it stood after its last change.

    A pair is the record and the instant it is shown as of; one pair where both are the same.
    """
    ends = quarter_end(np.array([created(record) for record in records])) - 1
    shown = [(record, min(int(end), AS_OF_S)) for record, end in zip(records, ends, strict=True)]
    later = [(record, AS_OF_S) for record, end in shown if max(record.changes()) > end]
    return [*shown, *later]


def last_change(record: _Changing, at: int) -> int:
    """The last instant at which the record changed, as known at an instant."""
    return max(mark for mark in record.changes() if mark <= at)


def _known(mark: int, at: int) -> int:
    return mark if 0 <= mark <= at else NEVER


def _crm_time(values: Sequence[int]) -> Texts:
    return local_text(np.array(values, dtype=np.int64), PARIS, SQL_TIME)


def _labels(values: Sequence[int]) -> Texts:
    return quarter_of(np.array(values, dtype=np.int64))


def _rep_id(number: int) -> str:
    return a.REPS[number].rep_id


def _flag(value: bool) -> str:
    return "true" if value else "false"


def write_crm(landing: Landing, sales: Sales, shop: Shop, visits: Visits, people: People) -> None:
    """The sales system's tables; a record that changed later comes again with its last change."""
    _write_leads(landing, sales.leads, visits, people)
    _write_opportunities(landing, sales.opportunities)
    _write_reference(landing)
    _write_activities(landing, sales)
    _write_accounts(landing, sales, shop)


def _write_leads(landing: Landing, leads: list[Lead], visits: Visits, people: People) -> None:
    tags = tag_visits(visits)
    anonymous = anonymous_ids(visits, people)
    shown = versions(leads, lambda lead: lead.created_at)
    updated = [last_change(lead, at) for lead, at in shown]

    def from_web(values: Texts) -> list[str]:
        return [str(values[lead.visit]) if lead.visit >= 0 else "" for lead, _ in shown]

    def mark(name: str) -> Texts:
        return _crm_time([_known(getattr(lead, name), at) for lead, at in shown])

    def when_won(name: str) -> list[str]:
        return [getattr(lead, name) if 0 <= lead.won_at <= at else "" for lead, at in shown]

    landing.write_parts(
        "demo_crm/leads_{}.csv",
        _labels(updated),
        {
            "lead_id": [lead.lead_id for lead, _ in shown],
            "created_at": _crm_time([lead.created_at for lead, _ in shown]),
            "email": [lead.email for lead, _ in shown],
            "full_name": [f"{lead.first_name} {lead.last_name}" for lead, _ in shown],
            "company": [lead.company for lead, _ in shown],
            "country": [lead.country for lead, _ in shown],
            "anonymous_id": from_web(anonymous),
            "lead_source": [_lead_source(lead) for lead, _ in shown],
            "utm_source": from_web(tags.source),
            "utm_medium": from_web(tags.medium),
            "utm_campaign": from_web(tags.campaign),
            "self_reported_source": [lead.self_reported for lead, _ in shown],
            "owner": [_rep_id(lead.rep) for lead, _ in shown],
            "status": [lead.status(at) for lead, at in shown],
            "score": [lead.score for lead, _ in shown],
            "budget_ok": [_bant(lead, at, 0) for lead, at in shown],
            "authority_ok": [_bant(lead, at, 1) for lead, at in shown],
            "need_ok": [_bant(lead, at, 2) for lead, at in shown],
            "timeline_ok": [_bant(lead, at, 3) for lead, at in shown],
            "mql_at": mark("mql_at"),
            "sql_at": mark("sql_at"),
            "converted_at": mark("converted_at"),
            "opportunity_id": [
                lead.opportunity_id if 0 <= lead.converted_at <= at else "" for lead, at in shown
            ],
            "customer_id": when_won("customer_id"),
            "disqualified_at": mark("disqualified_at"),
            "disqualified_reason": [
                lead.disqualified_reason if 0 <= lead.disqualified_at <= at else ""
                for lead, at in shown
            ],
            "updated_at": _crm_time(updated),
            "is_deleted": [_flag(0 <= lead.deleted_at <= at) for lead, at in shown],
        },
    )


def _bant(lead: Lead, at: int, number: int) -> str:
    """An answer is known once marketing has qualified the lead."""
    return _flag(lead.bant[number]) if 0 <= lead.mql_at <= at else ""


def _lead_source(lead: Lead) -> str:
    names = {"web": "web_form", "call": "outbound_call", "recommended": "recommendation"}
    return names.get(lead.origin, EVENTS[lead.event].channel.lower().replace(" ", "_"))


def _write_opportunities(landing: Landing, deals: list[Opportunity]) -> None:
    shown = versions(deals, lambda deal: deal.created_at)
    updated = [last_change(deal, at) for deal, at in shown]
    closed = [deal.closed_at(at) for deal, at in shown]

    def when_lost(name: str) -> list[str]:
        return [getattr(deal, name) if deal.stage(at) == "lost" else "" for deal, at in shown]

    expected = np.array([deal.expected_day * 86_400 for deal, _ in shown], dtype=np.int64)
    landing.write_parts(
        "demo_crm/opportunities_{}.csv",
        _labels(updated),
        {
            "opportunity_id": [deal.opportunity_id for deal, _ in shown],
            "lead_id": [deal.lead.lead_id if deal.lead else "" for deal, _ in shown],
            "customer_id": [
                deal.customer_id if deal.lead is None or deal.stage(at) == "won" else ""
                for deal, at in shown
            ],
            "account_name": [deal.account for deal, _ in shown],
            "segment": [deal.segment for deal, _ in shown],
            "product": [deal.product for deal, _ in shown],
            "owner": [_rep_id(deal.rep) for deal, _ in shown],
            "created_at": _crm_time([deal.created_at for deal, _ in shown]),
            "stage": [deal.stage(at) for deal, at in shown],
            "amount": money([deal.amount for deal, _ in shown]),
            "currency": [deal.currency for deal, _ in shown],
            "expected_close_on": local_text(expected, "UTC", "%Y-%m-%d"),
            "closed_at": _crm_time(closed),
            "is_won": [
                _flag(deal.stage(at) == "won") if end >= 0 else ""
                for (deal, at), end in zip(shown, closed, strict=True)
            ],
            "lost_reason": when_lost("lost_reason"),
            "competitor": when_lost("competitor"),
            "updated_at": _crm_time(updated),
            "is_deleted": [_flag(0 <= deal.deleted_at <= at) for deal, at in shown],
        },
    )
    visited = sorted(
        (entered, deal.opportunity_id, name)
        for deal in deals
        for name, entered in deal.stages
        if entered <= AS_OF_S
    )
    landing.write_parts(
        "demo_crm/stage_history_{}.csv",
        _labels([entered for entered, _, _ in visited]),
        {
            "opportunity_id": [deal for _, deal, _ in visited],
            "stage": [name for _, _, name in visited],
            "entered_at": _crm_time([entered for entered, _, _ in visited]),
        },
    )


def _write_reference(landing: Landing) -> None:
    landing.write(
        "demo_crm/pipeline_stages.csv",
        {
            "pipeline": ["default"] * len(a.STAGES),
            "stage": [row[0] for row in a.STAGES],
            "position": [row[1] for row in a.STAGES],
            "is_closed": [_flag(row[2]) for row in a.STAGES],
            "is_won": [_flag(row[3]) for row in a.STAGES],
            "probability": [row[4] for row in a.STAGES],
        },
    )
    change = a.TEAM_CHANGE
    rows = []
    for rep in a.REPS:
        first = START.isoformat()
        if rep.rep_id == change.rep_id:
            last = (change.first_day - timedelta(days=1)).isoformat()
            rows.append((rep, change.team_before, first, last))
            rows.append((rep, change.team_after, change.first_day.isoformat(), ""))
        else:
            rows.append((rep, rep.team, first, ""))
    managers = {"France": "R01", "United Kingdom": "R06", "Key Accounts": "R10"}
    landing.write(
        "demo_crm/reps.csv",
        {
            "rep_id": [rep.rep_id for rep, *_ in rows],
            "full_name": [rep.full_name for rep, *_ in rows],
            "email": [f"{rep.rep_id.lower()}@company.example.com" for rep, *_ in rows],
            "team": [team for _, team, *_ in rows],
            "manager": [
                managers[team] if managers[team] != rep.rep_id else "" for rep, team, *_ in rows
            ],
            "region": [rep.country for rep, *_ in rows],
            "valid_from": [begins for *_, begins, _ in rows],
            "valid_to": [ends for *_, ends in rows],
        },
    )


def _write_activities(landing: Landing, sales: Sales) -> None:
    done = sales.activities
    landing.write_parts(
        "demo_crm/activities_{}.csv",
        _labels([row.at for row in done]),
        {
            "activity_id": [row.activity_id for row in done],
            "occurred_at": _crm_time([row.at for row in done]),
            "rep_id": [_rep_id(row.rep) for row in done],
            "activity_type": [row.kind for row in done],
            "lead_id": [row.lead_id for row in done],
            "opportunity_id": [row.opportunity_id for row in done],
            "outcome": [row.outcome for row in done],
            "duration_minutes": [row.minutes if row.kind != "email" else "" for row in done],
        },
    )
    came = sales.responses
    landing.write_parts(
        "demo_crm/campaign_members_{}.csv",
        _labels([row.at for row in came]),
        {
            "campaign": [row.campaign for row in came],
            "channel": [row.channel for row in came],
            "lead_id": [row.lead_id for row in came],
            "responded_at": _crm_time([row.at for row in came]),
            "cost": money([row.cost for row in came]),
        },
    )


def _write_accounts(landing: Landing, sales: Sales, shop: Shop) -> None:
    """Firms that became customers, and the supplies they order from their rep."""
    firms = sales.accounts
    landing.write_parts(
        "demo_crm/accounts_{}.csv",
        _labels([firm.created_at for firm in firms]),
        {
            "account_id": [firm.customer_id for firm in firms],
            "created_at": _crm_time([firm.created_at for firm in firms]),
            "email": [firm.email for firm in firms],
            "contact": [firm.contact for firm in firms],
            "country": [firm.country for firm in firms],
        },
    )
    orders = sales.reorders
    tax = [(order.gross * 20 + 50) // 100 for order in orders]
    label = _labels([order.at for order in orders])
    landing.write_parts(
        "demo_crm/reorders_{}.csv",
        label,
        {
            "order_id": [order.order_id for order in orders],
            "ordered_at": _crm_time([order.at for order in orders]),
            "account_id": [order.account.customer_id for order in orders],
            "currency": [a.CURRENCIES[order.account.country] for order in orders],
            "total": money([order.gross + t for order, t in zip(orders, tax, strict=True)]),
            "tax": money(tax),
            "rep_id": [_rep_id(order.rep) for order in orders],
            "country": [order.account.country for order in orders],
        },
    )
    lines = [(order, k, *line) for order in orders for k, line in enumerate(order.lines, start=1)]
    landing.write_parts(
        "demo_crm/reorder_lines_{}.csv",
        _labels([order.at for order, *_ in lines]),
        {
            "line_id": [f"{order.order_id}-{k}" for order, k, *_ in lines],
            "order_id": [order.order_id for order, *_ in lines],
            "product_id": [str(shop.products.product_id[p]) for _, _, p, _, _ in lines],
            "quantity": [quantity for *_, quantity, _ in lines],
            "unit_price": money([price for *_, price in lines]),
        },
    )


# --- service ------------------------------------------------------------------------------------


def write_service(landing: Landing, tickets: list[Ticket], responses: list[Response]) -> None:
    """Tickets, again when they change after their first quarter, and survey answers."""
    shown = versions(tickets, lambda ticket: ticket.created_at)
    updated = [last_change(ticket, at) for ticket, at in shown]

    def mark(values: list[int]) -> Texts:
        text = iso(values)
        return np.where(text == "", "N/A", text).astype(object)

    landing.write_parts(
        "demo_helpdesk/tickets_{}.csv.gz",
        _labels(updated),
        {
            "Ticket ID": [ticket.ticket_id for ticket, _ in shown],
            "Created": iso([ticket.created_at for ticket, _ in shown]),
            "Requester": [ticket.email for ticket, _ in shown],
            "Customer number": [ticket.customer_id or "N/A" for ticket, _ in shown],
            "Via": [ticket.channel for ticket, _ in shown],
            "Priority": [ticket.priority for ticket, _ in shown],
            "Status": [ticket.status(at) for ticket, at in shown],
            "First reply": mark([_known(ticket.first_replied_at, at) for ticket, at in shown]),
            "Solved": mark([_known(ticket.solved_at, at) for ticket, at in shown]),
            "Reopened": [
                ticket.reopened_count if 0 <= ticket.solved_at <= at else 0 for ticket, at in shown
            ],
            "Assignee": [ticket.assignee_id for ticket, _ in shown],
            "Topic": [ticket.topic for ticket, _ in shown],
            "Updated": iso(updated),
        },
    )
    _write_responses(landing, responses)


def _write_responses(landing: Landing, responses: list[Response]) -> None:
    """Answers are exported when they come; what was not answered, when it was sent."""
    at = [max(row.sent_at, row.answered_at) for row in responses]

    def score(row: Response, value: int) -> str:
        return str(value) if row.scale != (0, 0) and value != NEVER else ""

    landing.write_parts(
        "demo_surveys/responses_{}.csv",
        _labels(at),
        {
            "response_id": [row.response_id for row in responses],
            "survey": [row.survey for row in responses],
            "sent_at": iso([row.sent_at for row in responses]),
            "answered_at": iso([row.answered_at for row in responses]),
            "customer_id": [row.customer_id for row in responses],
            "email": [row.email for row in responses],
            "ticket_id": [row.ticket_id for row in responses],
            "order_id": [row.order_id for row in responses],
            "score": [score(row, row.score) for row in responses],
            "scale_min": [score(row, row.scale[0]) for row in responses],
            "scale_max": [score(row, row.scale[1]) for row in responses],
            "answer": [row.answer for row in responses],
            "comment": [row.comment for row in responses],
        },
    )
