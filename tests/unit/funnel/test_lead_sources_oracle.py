"""Where leads came from and what became of them, in plain Python: docs/funnels.md read literally.

From the raw tables on, but for two things: no cost is known, and nobody has two records, so that
who is who needs no computing (`test_identity.py` is about people).
"""

import csv
import re
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.settings import PROJECT_ROOT
from tests.model_sql import NO_EXTENTS, CompiledModels, Row, empty

AS_OF = datetime(2026, 4, 30, 22, 30)  # In Paris it is the first of May.
WINDOW, LOOK_BACK = timedelta(days=10), timedelta(days=5)
CHANNELS = {
    (None, None): "Direct",
    ("google", "cpc"): "Paid Search",
    ("newsletter", "email"): "Email",
    ("who", "knows"): "Unassigned",
    "trade fair": "Events",
    "webinar": "Webinars",
}
NOT_SET = "(not set)"
SUMS = (
    *("mql", "sql", "bant_qualified", "opportunities", "won", "customers", "revenue"),
    *("unvalued_deals", "answered", "comparable", "agreed"),
)
with (PROJECT_ROOT / "seeds/funnels/self_reported_sources.csv").open(encoding="utf-8") as file:
    MEANINGS = [(row["answer_pattern"], row["channel"]) for row in csv.DictReader(file)]
# Costs, and how far the data reach, are none of these tests' concern.
WITHOUT = {
    "int_attribution__performance_daily": empty(
        **dict.fromkeys(("channel", "campaign", "model"), pa.string()),
        **dict.fromkeys(("spend", "other_costs", "impressions", "clicks"), pa.int64()),
        activity_date=pa.date32(),
    ),
    "int_kpi__component_extents": NO_EXTENTS,
    "int_core__raw_tables": empty(raw_table=pa.string(), reached_on=pa.date32()),
}


def instants(*hours: int) -> st.SearchStrategy[datetime]:
    """Few of them, so that days, windows and rows meet at their edges."""
    return st.builds(
        lambda days, hour: datetime(2026, 4, 30) + timedelta(days=-days, hours=hour),
        st.sampled_from([0, 1, 5, 6, 10, 11, 20, 33]),
        st.sampled_from(hours),
    )


def rows(size: int, keys: list[tuple[str, ...]], *columns: dict[str, Any]) -> Any:
    """Half to all of so many rows of these columns, of which no two share one of the keys."""
    choices = {
        name: choice if isinstance(choice, st.SearchStrategy) else st.sampled_from(choice)
        for some in columns
        for name, choice in some.items()
    }
    return st.lists(
        st.fixed_dictionaries(choices),
        min_size=size // 2,
        max_size=size,
        unique_by=tuple(itemgetter(*key) for key in keys),
    )


CRMS = ("crm_a", "crm_b")
LEADS, DEALS, CUSTOMERS, BROWSERS = (tuple(f"{kind}{n}" for n in range(1, 5)) for kind in "ldcb")
TAGS = st.sampled_from([(None, None), (None, None), *list(CHANNELS)[1:4]])
ANSWERS = ("Google", "LinkedIn", "trade fair", "my aunt", None)
OFTEN = (True, True, True, None)
COMPANIES = st.fixed_dictionaries(
    {
        # The clock of the CRM is ahead: some leads are of tomorrow.
        "crm_leads": rows(
            8,
            [("_source", "lead_id")],
            {"_source": (*CRMS, "form"), "lead_id": LEADS, "created_at": instants(0, 10, 22, 46)},
            {"tags": TAGS, "utm_campaign": ("a", None), "anonymous_id": (*BROWSERS, None)},
            {"customer_id": (*CUSTOMERS, *[None] * 8), "opportunity_id": (*DEALS, *[None] * 4)},
            {"self_reported_source": ANSWERS, "converted_at": (AS_OF, None, None, None)},
            {"mql_at": (AS_OF, None), "sql_at": (AS_OF, None, None)},
            dict.fromkeys(("budget_ok", "authority_ok", "need_ok", "timeline_ok"), OFTEN),
        ),
        # `days` after which it closed.
        "crm_opportunities": rows(
            6,
            [("_source", "opportunity_id"), ("created_at",)],
            {"_source": (*CRMS, "deals"), "opportunity_id": DEALS},
            {"created_at": instants(0, 10, 22)},
            {"lead_id": (*LEADS, None), "customer_id": (*CUSTOMERS, None)},
            {"is_won": (True, True, False, None), "days": (0, 1, 5, 10)},
            {"amount": (Decimal(100), Decimal(30), None)},
        ),
        "shop_orders": rows(
            6,
            [("order_id",)],
            {"_source": ("shop",), "order_id": tuple("ABCDEF"), "customer_id": CUSTOMERS},
            {"status": ("completed", "cancelled"), "ordered_at": instants(0, 10, 21, 22)},
        ),
        # `lead_id` where the visitor filled in a form.
        "web_sessions": rows(
            8,
            [("started_at",)],
            # One CRM has forms of its own.
            {"_source": ("web", "web", "crm_b"), "started_at": instants(0, 9, 10, 22)},
            {"anonymous_id": BROWSERS, "tags": TAGS, "utm_campaign": ("a", None)},
            {"consent": (*["granted"] * 3, "denied"), "lead_id": (*LEADS, None, None)},
        ),
        "crm_campaign_members": rows(
            5,
            [("responded_at",)],
            {"_source": (*CRMS, "fair"), "responded_at": instants(1, 8, 21), "lead_id": LEADS},
            {"channel": ("trade fair", "webinar"), "campaign": ("x",)},
        ),
        "survey_responses": rows(
            4,
            [("answered_at",)],
            {"_source": ("tool",), "answered_at": instants(1, 8, 21), "lead_id": LEADS},
            {"survey": ("source", "source", "nps"), "answer": ANSWERS},
        ),
    }
)
Company = dict[str, list[Row]]


def closed_at(deal: Row) -> datetime | None:
    return None if deal["is_won"] is None else deal["created_at"] + timedelta(days=deal["days"])


def raw(company: Company) -> dict[str, Any]:
    """The company as its tables have it."""
    tables: dict[str, Any] = defaultdict(list)
    for table, found in company.items():
        for number, row in enumerate(found):
            full = {"_source_file": "f", "_row_number": number, "_batch_id": 1, **row}
            full["utm_source"], full["utm_medium"] = row.get("tags", (None, None))
            full["session_id"] = full["event_id"] = full["response_id"] = f"{number}"
            full["occurred_at"], full["event_name"] = row.get("started_at"), "form_submit"
            if table == "crm_opportunities":
                full["stage"], full["closed_at"] = "any", closed_at(row)
            tables[table].append({"currency": "EUR", "total": 10, **full})
    tables["web_events"] = [row for row in tables["web_sessions"] if row["lead_id"]]
    return tables | WITHOUT


def day_of(at: datetime) -> date:
    """The business day, of which none lies ahead of the running one."""
    utc = min(at, AS_OF).replace(tzinfo=ZoneInfo("UTC"))
    return utc.astimezone(ZoneInfo("Europe/Paris")).date()


def lead_of(row: Row, leads: list[Row]) -> Row | None:
    """The lead that a row names: of its source if this has leads, else the only one of that id."""
    return meant(row, leads, "lead_id")


def meant(row: Row, others: list[Row], column: str) -> Row | None:
    """The one of its source, or, where that has none at all, the only one of that id."""
    alike = [one for one in others if one[column] == row[column]]
    if row["_source"] in {one["_source"] for one in others}:
        alike = [one for one in alike if one["_source"] == row["_source"]]
    return alike[0] if len(alike) == 1 else None


def deals_of(lead: Row, company: Company) -> list[Row]:
    """The deals that name the lead, or name none that is there and that it is the first to name."""
    leads, found = company["crm_leads"], []
    for deal in company["crm_opportunities"]:
        source = lead_of(deal, leads)
        if source is None:
            deals = company["crm_opportunities"]
            naming = [one for one in leads if meant(one, deals, "opportunity_id") is deal]
            source = min(naming, key=lambda o: (o["created_at"], o["lead_id"]), default=None)
        if source is lead:
            found.append(deal)
    return sorted(found, key=lambda deal: deal["created_at"])


def origin(lead: Row, company: Company) -> tuple[str, str]:
    """Channel and campaign: of the lead's tags, else of the last visit or answer before it, else
    the campaign that it names alone."""
    leads, visits = company["crm_leads"], company["web_sessions"]
    if lead["tags"][0]:
        return CHANNELS[lead["tags"]], lead["utm_campaign"] or NOT_SET
    denied = {visit["anonymous_id"] for visit in visits if visit["consent"] == "denied"}
    granted = [visit for visit in visits if visit["consent"] != "denied"]
    forms = [one for one in granted if one["lead_id"] and lead_of(one, leads) is lead]
    browsers = {lead["anonymous_id"]} - denied | {form["anonymous_id"] for form in forms}
    contacts = [
        (visit["started_at"], CHANNELS[visit["tags"]], visit["utm_campaign"] or NOT_SET)
        for visit in granted
        if visit["anonymous_id"] in browsers
    ]
    contacts += [
        (answer["responded_at"], CHANNELS[answer["channel"]], answer["campaign"])
        for answer in company["crm_campaign_members"]
        if lead_of(answer, leads) is lead
    ]
    created = lead["created_at"]
    known = [one for one in contacts if created - LOOK_BACK <= one[0] <= created]
    return max(known)[1:] if known else ("Unassigned", lead["utm_campaign"] or NOT_SET)


def described(lead: Row, company: Company) -> Row:
    """All that the tables say of a lead."""
    created, deals = lead["created_at"], deals_of(lead, company)
    customer = next((row["customer_id"] for row in [lead, *deals] if row["customer_id"]), None)
    first_order = min(
        (
            order["ordered_at"]
            for order in company["shop_orders"]
            if order["customer_id"] == customer and order["status"] == "completed"
        ),
        default=created - LOOK_BACK,
    )
    led_to = [deal for deal in deals if day_of(deal["created_at"]) >= day_of(created)]
    won = [deal for deal in led_to if deal["is_won"] and (closed_at(deal) or AS_OF) <= AS_OF]
    wins = [max(closed_at(deal) or created, created) for deal in won]
    since = min(wins + [first_order] * (first_order >= created), default=None)
    surveys = sorted(
        (row["answered_at"], row["answer"])
        for row in company["survey_responses"]
        if row["survey"] == "source" and row["answer"]
        if lead_of(row, company["crm_leads"]) is lead
    )
    answer = lead["self_reported_source"] or (surveys[-1][1] if surveys else None)
    meant = {to for pattern, to in MEANINGS if answer and re.fullmatch(pattern, answer, re.I)}
    channel, campaign = origin(lead, company)
    is_opportunity = bool(led_to or lead["converted_at"])
    amounts = [deal["amount"] for deal in won]
    return {
        "created_date": day_of(created),
        "channel": channel,
        "campaign": campaign,
        "customer_since": since,
        "is_converted": since is not None and since - created <= WINDOW,
        "mql": bool(is_opportunity or lead["sql_at"] or lead["mql_at"]),
        "sql": bool(is_opportunity or lead["sql_at"]),
        "bant_qualified": all(lead[f"{n}_ok"] for n in ("budget", "authority", "need", "timeline")),
        "opportunities": is_opportunity,
        "won": bool(won),
        "customers": since is not None,
        "revenue": sum(filter(None, amounts), Decimal(0)),
        "unvalued_deals": amounts.count(None),
        "days_to_win": (min(wins) - created) / timedelta(days=1) if wins else None,
        "answered": answer is not None,
        "said": meant,
        "comparable": bool(meant) and channel != "Unassigned",
        "agreed": channel in meant,
    }


def summed(leads: list[Row]) -> dict[Any, Row]:
    """The rows of lead_sources by period, level, channel and campaign."""
    found: dict[Any, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for lead in leads:
        day = lead["created_date"]
        monday = day - timedelta(days=day.weekday())
        for at in (("day", day), ("week", monday), ("month", day.replace(day=1))):
            found[*at, "overall", "all", "all"][0].append(lead)
            found[*at, "channel", lead["channel"], "all"][0].append(lead)
            found[*at, "campaign", lead["channel"], lead["campaign"]][0].append(lead)
            found[*at, "overall", "all", "all"][1].extend([lead] if lead["said"] else [])
            for channel in lead["said"]:
                found[*at, "channel", channel, "all"][1].append(lead)
    expected = {}
    for key, (own, said) in found.items():
        days = [lead["days_to_win"] for lead in own if lead["days_to_win"] is not None]
        expected[key] = {
            **{name: sum(lead[name] for lead in own) for name in SUMS},
            "leads": len(own),
            "said_leads": len(said),
            "median_days_to_win": median(days) if days else None,
        }
    return expected


@pytest.fixture(scope="module")
def models() -> CompiledModels:
    variables = {"as_of": AS_OF.isoformat(), "business_timezone": "Europe/Paris"} | {
        "lead_conversion_window_days": WINDOW.days,
        "attribution_lookback_days": LOOK_BACK.days,
    }
    return CompiledModels(["fct_leads", "lead_sources"], variables)


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(company=COMPANIES)
def test_leads_and_their_sources_are_what_plain_python_finds(
    models: CompiledModels, company: Company
) -> None:
    found = models.run(raw(company))
    leads = {
        (lead["_source"], lead["lead_id"]): described(lead, company)
        for lead in company["crm_leads"]
    }
    columns = ("created_date", "channel", "campaign", "customer_since", "is_converted")
    assert {
        (row["source_name"], row["lead_id"]): {column: row[column] for column in columns}
        for row in found["fct_leads"]
    } == {key: {column: lead[column] for column in columns} for key, lead in leads.items()}
    expected = summed(list(leads.values()))
    keys = ("period_grain", "period_start", "level", "channel", "campaign")
    compared = (*SUMS, "leads", "said_leads", "median_days_to_win")
    assert {
        tuple(row[key] for key in keys): {name: row[name] for name in compared}
        for row in found["lead_sources"]
        if row["period_grain"] not in ("quarter", "year")
    } == expected
