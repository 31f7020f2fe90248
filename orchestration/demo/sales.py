"""The sales team's system: leads, opportunities, stages, activities, events, and reorders."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np

from orchestration.demo import assumptions as a
from orchestration.demo.clicks import Clicks
from orchestration.demo.journeys import Visits
from orchestration.demo.people import People
from orchestration.demo.timeline import (
    AS_OF_S,
    DAY,
    DAYS,
    HOUR,
    START,
    TIMEZONES,
    Ints,
    day_number,
    day_of,
    demand,
    instant,
    stream,
)

OUTSIDE_LEADS = 2_000
"""Leads at scale 1 that no web form brought: fairs, webinars, calls, recommendations."""
EXPANSIONS = 260
REORDERS = 1_300
NEVER: Final = -1
CHANCE_MQL, CHANCE_SQL, CHANCE_OPPORTUNITY = 0.62, 0.62, 0.88
CHANCE_BY_ORIGIN = {"web": 1.0, "fair": 1.1, "webinar": 0.85, "call": 0.7, "recommended": 1.45}
PRODUCTS = ("Starter fit-out", "Showroom", "Hotel rooms", "Office lounge")
COMPETITORS = ("Mobiliane", "Oak & Thistle", "Casavanti")
LOST_REASONS = ("price", "no_budget", "timing", "competitor", "no_reply")
SELF_REPORTED = ("search engine", "a colleague", "trade fair", "LinkedIn", "ChatGPT", "podcast")
OUTCOMES = ("reached", "no_answer", "voicemail", "rescheduled")


@dataclass(frozen=True)
class Event:
    """A trade fair, webinar or mailing; `cost` in cents is for all who came."""

    campaign: str
    channel: str
    day: date
    country: str
    cost: int
    share: float


EVENTS = (
    Event("Salon Intérieurs Lyon 2024", "Trade Fair", date(2024, 10, 8), "FR", 1_450_000, 1.6),
    Event("Home & Contract London 2025", "Trade Fair", date(2025, 2, 11), "GB", 1_900_000, 1.7),
    Event("Salon Intérieurs Lyon 2025", "Trade Fair", date(2025, 10, 7), "FR", 1_520_000, 1.8),
    Event("Home & Contract London 2026", "Trade Fair", date(2026, 2, 10), "GB", 2_050_000, 1.9),
    *(
        Event(
            f"Webinar {2024 + (6 + m) // 12}-{(6 + m) % 12 + 1:02d}",
            "Webinar",
            date(2024 + (6 + m) // 12, (6 + m) % 12 + 1, 17),
            "FR" if m % 4 else "GB",
            60_000,
            0.35,
        )
        for m in range(0, 24, 2)
    ),
)
MAILINGS = tuple(
    Event(f"Mailing {d:%Y-%m}", "Direct Mail", d, "", 90_000, 1.0)
    for d in (date(2024, 9, 16), date(2025, 4, 14), date(2025, 9, 15), date(2026, 4, 13))
)


@dataclass
class Lead:
    """A lead with the instants of its progress (`NEVER` where not reached)."""

    lead_id: str
    created_at: int
    country: str
    origin: str
    person: int
    visit: int
    first_name: str
    last_name: str
    email: str
    company: str
    rep: int
    event: int
    score: int
    bant: tuple[bool, bool, bool, bool]
    self_reported: str
    mql_at: int = NEVER
    sql_at: int = NEVER
    converted_at: int = NEVER
    disqualified_at: int = NEVER
    disqualified_reason: str = ""
    deleted_at: int = NEVER
    opportunity_id: str = ""
    customer_id: str = ""
    won_at: int = NEVER

    def changes(self) -> list[int]:
        """Every instant at which the lead's record changed, up to the end of the period."""
        marks = [
            self.created_at,
            self.mql_at,
            self.sql_at,
            self.converted_at,
            self.disqualified_at,
            self.deleted_at,
            self.won_at,
        ]
        return [mark for mark in marks if 0 <= mark <= AS_OF_S]

    def status(self, at: int) -> str:
        """The status that the record showed at an instant."""
        steps = (
            (self.won_at, "customer"),
            (self.disqualified_at, "disqualified"),
            (self.converted_at, "converted"),
            (self.sql_at, "sql"),
            (self.mql_at, "mql"),
        )
        return next((name for mark, name in steps if 0 <= mark <= at), "new")


@dataclass
class Opportunity:
    """An opportunity and every stage it entered, in order; `amount` in cents."""

    opportunity_id: str
    lead: Lead | None
    account: str
    country: str
    segment: str
    product: str
    rep: int
    created_at: int
    amount: int
    expected_day: int
    customer_id: str
    stages: list[tuple[str, int]] = field(default_factory=list)
    lost_reason: str = ""
    competitor: str = ""
    deleted_at: int = NEVER

    @property
    def currency(self) -> str:
        """The currency of the amount."""
        return a.CURRENCIES[self.country]

    def stage(self, at: int) -> str:
        """The stage the opportunity was in at an instant."""
        return [name for name, entered in self.stages if entered <= at][-1]

    def closed_at(self, at: int) -> int:
        """When it was closed, as known at an instant; `NEVER` while open."""
        name, entered = [step for step in self.stages if step[1] <= at][-1]
        return entered if name in {"won", "lost"} else NEVER

    def is_won(self) -> bool:
        """Whether it was won by the end of the period."""
        return self.stage(AS_OF_S) == "won"

    def changes(self) -> list[int]:
        """Every instant at which the record changed, up to the end of the period."""
        marks = [entered for _, entered in self.stages] + [self.deleted_at]
        return [mark for mark in marks if 0 <= mark <= AS_OF_S]


@dataclass(frozen=True)
class Account:
    """A firm that became a customer."""

    customer_id: str
    company: str
    country: str
    email: str
    contact: str
    created_at: int
    rep: int


@dataclass(frozen=True)
class Activity:
    """Something a rep did."""

    activity_id: str
    at: int
    rep: int
    kind: str
    lead_id: str
    opportunity_id: str
    outcome: str
    minutes: int


@dataclass(frozen=True)
class Response:
    """A lead that came to a fair, sat in a webinar or answered a mailing; `cost` in cents."""

    campaign: str
    channel: str
    lead_id: str
    at: int
    cost: int


@dataclass(frozen=True)
class Reorder:
    """Supplies that an account orders from its rep; amounts in cents, one line each product."""

    order_id: str
    account: Account
    at: int
    rep: int
    lines: tuple[tuple[int, int, int], ...]
    """(product, quantity, unit price without tax)"""

    @property
    def gross(self) -> int:
        """Sum of the lines, without tax."""
        return sum(quantity * price for _, quantity, price in self.lines)


@dataclass(frozen=True)
class Sales:
    """Everything the sales system holds."""

    leads: list[Lead]
    opportunities: list[Opportunity]
    accounts: list[Account]
    activities: list[Activity]
    responses: list[Response]
    reorders: list[Reorder]


def create_sales(
    visits: Visits, clicks: Clicks, people: People, prices: dict[str, Ints], scale: float
) -> Sales:
    """Leads from web forms and from elsewhere, worked by the reps until `AS_OF`."""
    leads = _web_leads(visits, clicks, people) + _outside_leads(scale)
    leads.sort(key=lambda lead: (lead.created_at, lead.email))
    for number, lead in enumerate(leads, start=1):
        lead.lead_id = f"L-{number:05d}"
    _qualify(leads)
    opportunities, accounts = _sell(leads, scale)
    _delete_some(leads, opportunities)
    return Sales(
        leads,
        opportunities,
        accounts,
        _activities(leads, opportunities),
        _responses(leads),
        _reorders(accounts, prices, scale),
    )


def _reps_of(country: str) -> tuple[list[int], list[float]]:
    chosen = [number for number, rep in enumerate(a.REPS) if rep.country == country]
    return chosen, [a.REPS[number].load for number in chosen]


def _pick_rep(country: str, draw: float) -> int:
    numbers, loads = _reps_of(country)
    upto = np.cumsum(loads) / sum(loads)
    return numbers[min(int(np.searchsorted(upto, draw)), len(numbers) - 1)]


def _new_lead(rng: np.random.Generator, at: int, country: str, origin: str) -> Lead:
    first = a.FIRST_NAMES[int(rng.integers(len(a.FIRST_NAMES)))]
    last = a.LAST_NAMES[int(rng.integers(len(a.LAST_NAMES)))]
    firm = int(rng.integers(100_000))
    bant = rng.random(4) < 0.5
    return Lead(
        lead_id="",
        created_at=at,
        country=country,
        origin=origin,
        person=-1,
        visit=-1,
        first_name=first,
        last_name=last,
        email=f"{first}.{last}@firm9{firm:05d}.example.net".lower(),
        company=f"{last} & {a.LAST_NAMES[firm % len(a.LAST_NAMES)]}",
        rep=_pick_rep(country, float(rng.random())),
        event=-1,
        score=int(np.clip(rng.normal(48, 20), 0, 100)),
        bant=(bool(bant[0]), bool(bant[1]), bool(bant[2]), bool(bant[3])),
        self_reported=SELF_REPORTED[int(rng.integers(len(SELF_REPORTED)))]
        if rng.random() < 0.5
        else "",
    )


def _web_leads(visits: Visits, clicks: Clicks, people: People) -> list[Lead]:
    rng = stream("leads.web")
    leads = []
    for row in clicks.of_kind("lead_form").tolist():
        visit = int(clicks.visit[row])
        person = int(visits.person[visit])
        lead = _new_lead(rng, int(clicks.at[row]), str(people.country[person]), "web")
        lead.person, lead.visit = person, visit
        lead.first_name = str(people.first_name[person])
        lead.last_name = str(people.last_name[person])
        lead.email = str(people.email[person])
        leads.append(lead)
    return leads


def _outside_leads(scale: float) -> list[Lead]:
    rng = stream("leads.outside")
    total = max(30, round(OUTSIDE_LEADS * scale))
    fairs = np.array([event.share for event in EVENTS])
    at_events = rng.choice(len(EVENTS), total * 65 // 100, p=fairs / fairs.sum())
    leads = []
    for number in at_events.tolist():
        event = EVENTS[number]
        origin = "fair" if event.channel == "Trade Fair" else "webinar"
        day = day_number(event.day) + (int(rng.integers(0, 3)) if origin == "fair" else 0)
        at = _office(day, rng, event.country)
        lead = _new_lead(rng, at, event.country, origin)
        lead.event = number
        leads.append(lead)
    days = rng.choice(DAYS, total - len(leads), p=demand(0, office=True))
    for day in days.tolist():
        country = "FR" if rng.random() < 0.58 else "GB"
        origin = "call" if rng.random() < 0.6 else "recommended"
        at = _office(day, rng, country)
        if at < AS_OF_S:
            leads.append(_new_lead(rng, at, country, origin))
    return leads


def _office(day: int, rng: np.random.Generator, country: str) -> int:
    """An instant in office hours of `day`, counted from the start; after a weekend on Monday."""
    # The period starts on a Monday.
    worked = day + (7 - day % 7 if day % 7 >= 5 else 0)
    midnight = instant(day_of(worked), TIMEZONES[country])
    return midnight + int(rng.integers(9 * HOUR, 18 * HOUR))


def _qualify(leads: list[Lead]) -> None:
    """Marketing- and sales-qualified instants, or why the lead was given up."""
    rng = stream("leads.progress")
    for lead in leads:
        chance = CHANCE_BY_ORIGIN[lead.origin] * (0.75 + lead.score / 200)
        draws, waits = rng.random(4), rng.exponential(1.0, 4)
        at = lead.created_at + 2 * HOUR + int(waits[0] * 3 * DAY)
        if draws[0] < min(CHANCE_MQL * chance, 0.95):
            lead.mql_at = at
            at += 2 * HOUR + int(waits[1] * 5 * DAY)
            if draws[1] < min(CHANCE_SQL * chance, 0.95):
                lead.sql_at = at
                at += HOUR + int(waits[2] * 4 * DAY)
                if draws[2] < CHANCE_OPPORTUNITY:
                    lead.converted_at = at
        if lead.converted_at == NEVER and draws[3] < 0.75:
            lead.disqualified_at = at + DAY + int(waits[3] * 12 * DAY)
            lead.disqualified_reason = ("not_a_fit", "no_budget", "no_reply")[int(draws[3] * 4) % 3]


def _sell(leads: list[Lead], scale: float) -> tuple[list[Opportunity], list[Account]]:
    """Opportunities of converted leads, then further ones of the accounts they became."""
    rng = stream("opportunities")
    made: list[Opportunity] = []
    accounts: list[Account] = []
    for lead in leads:
        if not 0 <= lead.converted_at < AS_OF_S:
            continue
        deal = _opportunity(rng, lead.converted_at, lead.country, lead.rep, lead.company)
        deal.lead = lead
        made.append(deal)
        if deal.is_won():
            lead.won_at = deal.closed_at(AS_OF_S)
            account = _account(len(accounts) + 1, lead)
            lead.customer_id = deal.customer_id = account.customer_id
            accounts.append(account)
    early = [account for account in accounts if account.created_at < AS_OF_S - 120 * DAY]
    for _ in range(max(4, round(EXPANSIONS * scale)) if early else 0):
        account = early[int(rng.integers(len(early)))]
        at = account.created_at + int(rng.integers(60 * DAY, 500 * DAY))
        if at < AS_OF_S - DAY:
            deal = _opportunity(rng, at, account.country, account.rep, account.company)
            deal.customer_id = account.customer_id
            made.append(deal)
    made.sort(key=lambda deal: (deal.created_at, deal.account))
    for number, deal in enumerate(made, start=1):
        deal.opportunity_id = f"O-{number:05d}"
        if deal.lead is not None:
            deal.lead.opportunity_id = deal.opportunity_id
    return made, accounts


def _account(number: int, lead: Lead) -> Account:
    return Account(
        f"ACC-{number:05d}",
        lead.company,
        lead.country,
        lead.email,
        f"{lead.first_name} {lead.last_name}",
        lead.won_at,
        lead.rep,
    )


def _opportunity(
    rng: np.random.Generator, at: int, country: str, rep: int, company: str
) -> Opportunity:
    large = rng.random()
    segment = "enterprise" if large < 0.12 else "mid_market" if large < 0.4 else "small_business"
    typical = {"enterprise": 1_900_000, "mid_market": 720_000, "small_business": 260_000}[segment]
    amount = int(typical * float(np.exp(rng.normal(0, 0.4)))) // 5_000 * 5_000 + 5_000
    deal = Opportunity(
        opportunity_id="",
        lead=None,
        account=company,
        country=country,
        segment=segment,
        product=PRODUCTS[int(rng.integers(len(PRODUCTS)))],
        rep=rep,
        created_at=at,
        amount=amount,
        expected_day=(at // DAY) + int(rng.integers(30, 100)),
        customer_id="",
    )
    _walk_stages(deal, rng)
    return deal


def _walk_stages(deal: Opportunity, rng: np.random.Generator) -> None:
    """Stage visits: mostly in order; some skip, go back, or are reopened after a loss."""
    slow = {"enterprise": 1.7, "mid_market": 1.2, "small_business": 0.8}[deal.segment]
    path = ["qualification", "discovery", "proposal", "negotiation"]
    draws = rng.random(6)
    if draws[0] < 0.12:
        path.remove("discovery")
    if draws[1] < 0.08:
        path = ["qualification", "discovery", "proposal", "discovery", "proposal", "negotiation"]
    steps = rng.exponential(12.0, len(path)) * slow + 1
    at = deal.created_at
    for name, days in zip(path, steps.tolist(), strict=True):
        deal.stages.append((name, at))
        at += int(days * DAY)
    wins = draws[2] < _win_rate(deal.rep, at)
    if wins:
        deal.stages.append(("won", at))
        return
    # Lost deals end anywhere on the way.
    kept = 1 + int(draws[3] * len(deal.stages))
    ends = deal.stages[kept][1] if kept < len(deal.stages) else at
    deal.stages = [*deal.stages[:kept], ("lost", ends)]
    deal.lost_reason = LOST_REASONS[int(draws[4] * len(LOST_REASONS))]
    if deal.lost_reason in {"price", "competitor"}:
        deal.competitor = COMPETITORS[int(draws[5] * len(COMPETITORS))]
    elif draws[5] < 0.06:
        back = ends + 20 * DAY
        deal.stages += [("negotiation", back), ("lost", back + 15 * DAY)]


def _win_rate(rep: int, closed_at: int) -> float:
    """The chance to win; the improving rep's depends on the day the deal closes."""
    person = a.REPS[rep]
    plan = a.IMPROVING_REP
    if person.rep_id != plan.rep_id:
        return person.win_rate
    begins = instant(plan.first_day, TIMEZONES["FR"])
    return plan.rate_after if closed_at >= begins else plan.rate_before


def _delete_some(leads: list[Lead], opportunities: list[Opportunity]) -> None:
    """A few duplicates and test records that the team deleted softly."""
    rng = stream("deletions")
    idle = [lead for lead in leads if lead.disqualified_at != NEVER]
    for number in rng.permutation(len(idle))[: max(2, len(idle) // 100)].tolist():
        idle[number].deleted_at = idle[number].disqualified_at + 5 * DAY
    lost = [deal for deal in opportunities if deal.stage(AS_OF_S) == "lost"]
    for number in rng.permutation(len(lost))[: max(1, len(lost) // 100)].tolist():
        lost[number].deleted_at = lost[number].closed_at(AS_OF_S) + 3 * DAY


def _activities(leads: list[Lead], opportunities: list[Opportunity]) -> list[Activity]:
    rng = stream("activities")
    found: list[tuple[int, int, str, str, str]] = []
    for lead in leads:
        at = lead.created_at
        for _ in range(int(rng.integers(1, 4))):
            at += int(rng.exponential(1.5) * DAY) + HOUR
            kind = "call" if rng.random() < 0.6 else "email"
            found.append((at, lead.rep, kind, lead.lead_id, ""))
    for deal in opportunities:
        for name, entered in deal.stages:
            if name in {"won", "lost"}:
                continue
            for _ in range(int(rng.integers(1, 3))):
                at = entered + int(rng.integers(2 * HOUR, 6 * DAY))
                kind = ("meeting", "demo", "call", "email")[int(rng.integers(4))]
                found.append((at, deal.rep, kind, "", deal.opportunity_id))
    found.sort()
    minutes = rng.integers(5, 70, len(found)).tolist()
    outcome = rng.choice(len(OUTCOMES), len(found), p=[0.6, 0.22, 0.1, 0.08]).tolist()
    return [
        Activity(f"AC-{number:06d}", *row[:3], row[3], row[4], OUTCOMES[end], length)
        for number, (row, end, length) in enumerate(zip(found, outcome, minutes, strict=True))
        if row[0] <= AS_OF_S
    ]


def _responses(leads: list[Lead]) -> list[Response]:
    """Who came to which event; the event's cost is shared by its guests."""
    rng = stream("responses")
    guests: dict[int, list[Lead]] = {}
    for lead in leads:
        if lead.event >= 0:
            guests.setdefault(lead.event, []).append(lead)
    found = [
        Response(event.campaign, event.channel, lead.lead_id, lead.created_at, event.cost // count)
        for number, event in enumerate(EVENTS)
        for count in [len(guests.get(number, []))]
        for lead in guests.get(number, [])
    ]
    for mailing in MAILINGS:
        sent = instant(mailing.day, TIMEZONES["FR"]) + 10 * HOUR
        known = [lead for lead in leads if lead.created_at < sent]
        answered = [lead for lead in known if rng.random() < 0.06]
        found += [
            Response(
                mailing.campaign,
                mailing.channel,
                lead.lead_id,
                sent + int(rng.integers(HOUR, 5 * DAY)),
                mailing.cost // len(answered),
            )
            for lead in answered
        ]
    return sorted(found, key=lambda response: (response.at, response.lead_id))


def _reorders(accounts: list[Account], prices: dict[str, Ints], scale: float) -> list[Reorder]:
    """Supplies ordered from the reps by firms that are customers already."""
    rng = stream("reorders")
    found: list[tuple[int, int, tuple[tuple[int, int, int], ...]]] = []
    for _ in range(max(10, round(REORDERS * scale)) if accounts else 0):
        number = int(rng.integers(len(accounts)))
        account = accounts[number]
        day = account.created_at // DAY - instant(START, "UTC") // DAY
        at = _office(int(day + rng.integers(10, 600)), rng, account.country)
        lines = tuple(
            (
                product,
                int(rng.integers(2, 12)),
                int(prices[account.country][product]) * 85 // 100,
            )
            for product in rng.choice(100, int(rng.integers(1, 4)), replace=False).tolist()
        )
        if account.created_at < at <= AS_OF_S:
            found.append((at, number, lines))
    found.sort()
    return [
        Reorder(f"R-{serial:05d}", accounts[number], at, accounts[number].rep, lines)
        for serial, (at, number, lines) in enumerate(found, start=1)
    ]
