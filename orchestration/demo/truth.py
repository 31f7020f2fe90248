"""The truth file: what was planted, and the exact totals the landing files add up to.

Money is in whole cents. Totals describe the company at the end of the period: the latest
version of every record, events once each.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from orchestration.demo import assumptions as a
from orchestration.demo.clicks import KIND, KINDS
from orchestration.demo.journeys import PURCHASE, Visits
from orchestration.demo.people import DEVICES, scramble
from orchestration.demo.sales import Opportunity
from orchestration.demo.timeline import (
    AS_OF,
    AS_OF_S,
    DAY,
    END,
    START,
    TIMEZONES,
    Bools,
    Texts,
    instant,
)
from orchestration.demo.web_files import LATE_FILE, MALFORMED_QUARTER, WebFacts, anonymous_ids

if TYPE_CHECKING:
    from orchestration.demo.company import Company

SHOPS = {"FR": "demo_shop_fr", "GB": "demo_shop_uk"}
EFFECT_WINDOW_DAYS = 91
"""Days before and after the corrective action that the observed effect is taken from."""


def describe(company: Company, web: WebFacts, scale: float) -> dict[str, Any]:
    """Everything in the truth file, as JSON values."""
    return {
        "scale": scale,
        "period": {"first_day": START.isoformat(), "last_day": END.isoformat()},
        "as_of": AS_OF.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "reporting_currency": "EUR",
        "business_timezone": TIMEZONES["FR"],
        "web": _web(company, web),
        "shops": {source: _shop(company, country) for country, source in SHOPS.items()},
        "order_book": _order_book(company),
        "ad_spend": _spend(company),
        "sales": _sales(company),
        "service": _service(company),
        "identity": _identity(company),
        "planted": _planted(company),
    }


def _countries(company: Company) -> Texts:
    return np.asarray(company.people.country[company.visits.person], dtype=object)


def _web(company: Company, web: WebFacts) -> dict[str, Any]:
    country = _countries(company)
    known = anonymous_ids(company.visits, company.people) != ""
    event_known = known[company.clicks.visit]
    event_country = country[company.clicks.visit]
    buys = company.visits.depth == PURCHASE
    by_name = np.bincount(company.clicks.kind, minlength=len(KINDS))
    return {
        "events": {"demo_web_fr": web.events["FR"], "demo_web_uk": web.events["GB"]},
        "events_without_anonymous_id": {
            "demo_web_fr": int(((event_country == "FR") & ~event_known).sum()),
            "demo_web_uk": int(((event_country == "GB") & ~event_known).sum()),
        },
        "events_by_kind": {name: int(by_name[number]) for name, number in KIND.items()},
        "sessions": {
            # Without consent the French site has neither a browser id nor sessions.
            "demo_web_fr": int(((country == "FR") & known).sum()),
            "demo_web_uk": int((country == "GB").sum()),
        },
        "sessions_with_purchase": {
            "demo_web_fr": int(((country == "FR") & known & buys).sum()),
            "demo_web_uk": int(((country == "GB") & buys).sum()),
        },
        "visits": {name: int((country == name).sum()) for name in a.SITES},
        "late_events": {"file_label": LATE_FILE, "events": web.late_events},
        "repeated_events": web.repeated_events,
        "quarantined_events": {"file_label": MALFORMED_QUARTER, "events": web.malformed_events},
    }


def _shop(company: Company, country: str) -> dict[str, Any]:
    orders, customers, refunds = (
        company.shop.orders,
        company.shop.customers,
        company.shop.refunds,
    )
    here = orders.country == country
    done = here & (orders.known_status == "completed")
    paid_back = orders.country[refunds.order] == country
    registered = customers.country == country
    deleted = registered & (customers.deleted_at >= 0) & (customers.deleted_at <= AS_OF_S)
    return {
        "currency": a.CURRENCIES[country],
        "orders": {
            status: int((here & (orders.known_status == status)).sum())
            for status in ("completed", "cancelled", "processing")
        },
        "order_items": int(here[company.shop.lines.order].sum()),
        "completed": {
            "gross_revenue": int(orders.gross[done].sum()),
            "discount": int((orders.line_discounts + orders.discount)[done].sum()),
            "net_revenue": int(orders.net[done].sum()),
            "tax": int(orders.tax[done].sum()),
            "shipping": int(orders.shipping[done].sum()),
            "total": int(orders.total[done].sum()),
            "buyers": len(np.unique(orders.customer[done])),
        },
        "refunds": {
            "count": int(paid_back.sum()),
            "amount": int(refunds.amount[paid_back].sum()),
        },
        "customers": {"all": int(registered.sum()), "deleted": int(deleted.sum())},
        "products": len(company.shop.products.product_id),
    }


def _order_book(company: Company) -> dict[str, Any]:
    """Reorders of firms, taken by the reps."""
    found: dict[str, Any] = {}
    for currency in ("EUR", "GBP"):
        orders = [
            order
            for order in company.sales.reorders
            if a.CURRENCIES[order.account.country] == currency
        ]
        found[currency] = {
            "orders": len(orders),
            "net_revenue": sum(order.gross for order in orders),
        }
    found["by_rep"] = {
        rep.rep_id: {
            currency: sum(
                order.gross
                for order in company.sales.reorders
                if order.rep == number and a.CURRENCIES[order.account.country] == currency
            )
            for currency in ("EUR", "GBP")
        }
        for number, rep in enumerate(a.REPS)
    }
    return found


def _spend(company: Company) -> dict[str, Any]:
    spend = company.spend
    found: dict[str, Any] = {}
    for platform in np.unique(spend.platform.astype(str)).tolist():
        here = spend.platform == platform
        found[platform] = {
            "rows": int(here.sum()),
            "impressions": int(spend.impressions[here].sum()),
            "clicks": int(spend.clicks[here].sum()),
            "spend": {
                currency: int(spend.cost[here & (spend.currency == currency)].sum())
                for currency in np.unique(spend.currency[here].astype(str)).tolist()
            },
            "platform_conversions": int(spend.conversions[here].sum()),
        }
    return found


def _sales(company: Company) -> dict[str, Any]:
    leads, deals = company.sales.leads, company.sales.opportunities
    live = [lead for lead in leads if not 0 <= lead.deleted_at <= AS_OF_S]
    kept = [deal for deal in deals if not 0 <= deal.deleted_at <= AS_OF_S]
    won = [deal for deal in kept if deal.is_won()]

    def reached(name: str) -> int:
        return sum(0 <= getattr(lead, name) <= AS_OF_S for lead in live)

    return {
        "leads": {
            "all": len(leads),
            "deleted": len(leads) - len(live),
            "from_web_forms": sum(lead.visit >= 0 for lead in leads),
            "mql": reached("mql_at"),
            "sql": reached("sql_at"),
            "converted": reached("converted_at"),
            "became_customers": reached("won_at"),
        },
        "opportunities": {
            "all": len(deals),
            "deleted": len(deals) - len(kept),
            "won": len(won),
            "lost": sum(deal.stage(AS_OF_S) == "lost" for deal in kept),
            "open": sum(deal.closed_at(AS_OF_S) < 0 for deal in kept),
            "won_amount": {
                currency: sum(deal.amount for deal in won if deal.currency == currency)
                for currency in ("EUR", "GBP")
            },
        },
        "stage_visits": sum(entered <= AS_OF_S for deal in deals for _, entered in deal.stages),
        "activities": len(company.sales.activities),
        "campaign_members": len(company.sales.responses),
        "campaign_cost": sum(response.cost for response in company.sales.responses),
        "accounts": len(company.sales.accounts),
    }


def _service(company: Company) -> dict[str, Any]:
    answers = [row for row in company.responses if row.answered_at >= 0]
    csat = [row.score for row in answers if row.survey == "csat"]
    nps = [row.score for row in answers if row.survey == "nps"]
    return {
        "tickets": len(company.tickets),
        "solved": sum(ticket.solved_at >= 0 for ticket in company.tickets),
        "surveys_sent": len(company.responses),
        "csat": {"answers": len(csat), "satisfied": sum(score >= 4 for score in csat)},
        "nps": {
            "answers": len(nps),
            "promoters": sum(score >= 9 for score in nps),
            "detractors": sum(score <= 6 for score in nps),
        },
    }


def _identity(company: Company) -> dict[str, Any]:
    """Which browsers belong to whom; `browsers` lists them per customer with an account.

    Only browsers with consent count. A household's browser is listed under both people.
    """
    visits, people, customers = company.visits, company.people, company.shop.customers
    may_track = people.consent[visits.person] != "denied"
    pairs = np.unique(np.stack([visits.person, visits.browser], axis=1)[may_track], axis=0)
    ids = scramble(pairs[:, 1], 3)
    of_person: dict[int, list[str]] = {}
    for person, text in zip(pairs[:, 0].tolist(), ids, strict=True):
        of_person.setdefault(person, []).append(text)
    own = np.flatnonzero(~customers.second_account)
    listed = {
        str(customers.customer_id[row]): " ".join(of_person[int(customers.person[row])])
        for row in own.tolist()
        if int(customers.person[row]) in of_person
    }
    owners = np.bincount(np.unique(pairs, axis=0)[:, 1])
    return {
        "people_seen": len(np.unique(visits.person)),
        "anonymous_ids": len(np.unique(visits.browser[may_track])),
        "anonymous_ids_of_two_people": int((owners > 1).sum()),
        "customers_with_browsers": len(listed),
        "customer_browser_pairs": sum(len(text.split()) for text in listed.values()),
        "people_with_two_accounts": int(customers.second_account.sum()),
        "browsers": listed,
    }


# --- planted truths -----------------------------------------------------------------------------


def _planted(company: Company) -> dict[str, Any]:
    return {
        "broken_checkout_step": _plain(asdict(a.BROKEN_STEP)) | _broken_step(company),
        "cost_rise": _plain(asdict(a.COST_RISE)) | _cost_rise(company),
        "corrective_action": _plain(asdict(a.ACTION)) | _action(company),
        "improving_rep": _plain(asdict(a.IMPROVING_REP)) | _improving_rep(company),
        "team_change": _plain(asdict(a.TEAM_CHANGE)),
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in values.items()}


def _between(visits: Visits, first: int, last: int) -> Bools:
    return np.asarray((visits.start >= first) & (visits.start < last), dtype=bool)


def _broken_step(company: Company) -> dict[str, Any]:
    """Visits that reached the step before and the step, in the fault's weeks and those before."""
    visits, plan = company.visits, a.BROKEN_STEP
    begins = instant(plan.first_day, TIMEZONES["FR"])
    ends = instant(plan.last_day, TIMEZONES["FR"]) + DAY
    device = DEVICES[visits.device]

    def passing(rows: Bools) -> dict[str, int]:
        return {
            "reached_previous_step": int((visits.depth[rows] >= a.DEPTH[plan.previous_step]).sum()),
            "reached_step": int((visits.depth[rows] >= a.DEPTH[plan.step]).sum()),
        }

    during, before = _between(visits, begins, ends), _between(visits, 0, begins)
    return {
        "observed": {
            "device_during": passing(during & (device == plan.device)),
            "device_before": passing(before & (device == plan.device)),
            "others_during": passing(during & (device != plan.device)),
        }
    }


def _cost_rise(company: Company) -> dict[str, Any]:
    spend, plan = company.spend, a.COST_RISE
    here = spend.platform == plan.platform
    risen = spend.day >= (plan.first_day - START).days
    return {
        "observed": {
            name: {
                "clicks": int(spend.clicks[here & rows].sum()),
                "spend": int(spend.cost[here & rows].sum()),
            }
            for name, rows in (("before", ~risen), ("from_first_day", risen))
        }
    }


def _action(company: Company) -> dict[str, Any]:
    """Visits and purchases of both countries in equal windows before and after."""
    visits, plan = company.visits, a.ACTION
    country = _countries(company)
    begins = instant(plan.first_day, TIMEZONES[plan.segment])
    window = EFFECT_WINDOW_DAYS * DAY
    periods = {
        "before": _between(visits, begins - window, begins),
        "after": _between(visits, begins, begins + window),
    }
    return {
        "window_days": EFFECT_WINDOW_DAYS,
        "observed": {
            segment: {
                name: {
                    "visits": int((rows & (country == segment)).sum()),
                    "purchases": int(
                        (rows & (country == segment) & (visits.depth == PURCHASE)).sum()
                    ),
                }
                for name, rows in periods.items()
            }
            for segment in (plan.segment, plan.control_segment)
        },
    }


def _improving_rep(company: Company) -> dict[str, Any]:
    plan = a.IMPROVING_REP
    begins = instant(plan.first_day, TIMEZONES["FR"])

    def closed(deal: Opportunity) -> int:
        return deal.closed_at(AS_OF_S)

    def counts(chosen: list[Opportunity]) -> dict[str, int]:
        return {"closed": len(chosen), "won": sum(deal.is_won() for deal in chosen)}

    deals = [
        deal
        for deal in company.sales.opportunities
        if a.REPS[deal.rep].rep_id == plan.rep_id
        and closed(deal) >= 0
        and not 0 <= deal.deleted_at <= AS_OF_S
    ]
    return {
        "observed": {
            "before": counts([deal for deal in deals if closed(deal) < begins]),
            "from_first_day": counts([deal for deal in deals if closed(deal) >= begins]),
        }
    }
