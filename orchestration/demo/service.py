"""After the sale: support tickets and surveys."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from orchestration.demo.sales import NEVER, Account, Sales
from orchestration.demo.shop import Shop
from orchestration.demo.timeline import AS_OF_S, DAY, HOUR, TIMEZONES, quarter_end, stream

CHANNELS = ("email", "chat", "phone", "form")
TOPICS = ("delivery", "damaged_item", "invoice", "return", "product_question")
PRIORITIES = ("low", "normal", "high", "urgent")
AGENTS = ("AG1", "AG2", "AG3", "AG4", "AG5", "AG6")
COMMENTS = (
    "Quick and friendly, thank you.",
    "Réponse claire, merci.",
    "The parcel came late; nobody told me.",
    "Colis abîmé, mais remplacé vite.",
    "",
    "",
    "",
)
SOURCES = (
    "search engine",
    "social media",
    "friend or family",
    "newsletter",
    "press",
    "AI assistant",
)


@dataclass(frozen=True)
class Ticket:
    """A support request; instants are `NEVER` where not reached."""

    ticket_id: str
    created_at: int
    customer_id: str
    email: str
    channel: str
    priority: str
    topic: str
    assignee_id: str
    first_replied_at: int
    solved_at: int
    reopened_count: int

    def changes(self) -> list[int]:
        """Every instant at which the record changed, up to the end of the period."""
        marks = (self.created_at, self.first_replied_at, self.solved_at)
        return [mark for mark in marks if 0 <= mark <= AS_OF_S]

    def status(self, at: int) -> str:
        """The status that the record showed at an instant."""
        if 0 <= self.solved_at <= at:
            return "solved"
        return "open" if 0 <= self.first_replied_at <= at else "new"


@dataclass(frozen=True)
class Response:
    """A survey that was sent, and its answer if there is one (`answered_at` not `NEVER`)."""

    response_id: str
    survey: str
    sent_at: int
    answered_at: int
    customer_id: str
    email: str
    ticket_id: str
    order_id: str
    score: int
    scale: tuple[int, int]
    answer: str
    comment: str


def create_tickets(shop: Shop, sales: Sales, emails: list[str], scale: float) -> list[Ticket]:
    """Requests about orders, from accounts, and from people who bought nothing yet.

    `emails` holds the e-mail of each shop customer.
    """
    rng = stream("tickets")
    asked: list[tuple[int, str, str]] = []
    refunded = set(shop.refunds.order.tolist())
    for number, at in enumerate(shop.orders.ordered_at.tolist()):
        if rng.random() < (0.62 if number in refunded else 0.24):
            who = int(shop.orders.customer[number])
            known = rng.random() < 0.75
            customer = str(shop.customers.customer_id[who]) if known else ""
            asked.append((at + int(rng.integers(HOUR, 18 * DAY)), customer, emails[who]))
    for account in sales.accounts:
        asked += _account_requests(account, rng)
    for number in range(max(10, round(420 * scale))):
        at = AS_OF_S - int(rng.integers(DAY, 725 * DAY))
        asked.append((at, "", f"visitor{number:04d}@example.org"))
    asked.sort()
    return [
        _ticket(number, row, rng)
        for number, row in enumerate((row for row in asked if row[0] < AS_OF_S), start=1)
    ]


def _account_requests(account: Account, rng: np.random.Generator) -> list[tuple[int, str, str]]:
    count = int(rng.poisson(1.2))
    return [
        (
            account.created_at + int(rng.integers(DAY, 300 * DAY)),
            account.customer_id,
            account.email,
        )
        for _ in range(count)
    ]


def _ticket(number: int, asked: tuple[int, str, str], rng: np.random.Generator) -> Ticket:
    at, customer, email = asked
    priority = PRIORITIES[int(rng.choice(4, p=[0.2, 0.55, 0.18, 0.07]))]
    channel = CHANNELS[int(rng.choice(4, p=[0.48, 0.27, 0.13, 0.12]))]
    pace = {"low": 1.5, "normal": 1.0, "high": 0.5, "urgent": 0.25}[priority]
    wait = float(rng.exponential(4.5 if channel in {"email", "form"} else 0.5))
    replied = _in_office(at + 120 + int(wait * pace * HOUR), rng)
    solved = _in_office(replied + 600 + int(float(rng.exponential(26.0)) * pace * HOUR), rng)
    is_solved = rng.random() < 0.97
    return Ticket(
        ticket_id=f"T{number:06d}",
        created_at=at,
        customer_id=customer,
        email=email,
        channel=channel,
        priority=priority,
        topic=TOPICS[int(rng.integers(len(TOPICS)))],
        assignee_id=AGENTS[int(rng.integers(len(AGENTS)))],
        first_replied_at=replied if replied <= AS_OF_S else NEVER,
        solved_at=solved if is_solved and solved <= AS_OF_S else NEVER,
        reopened_count=int(rng.random() < 0.08) if is_solved else 0,
    )


def _in_office(at: int, rng: np.random.Generator) -> int:
    """The same instant in office hours (9 to 18 in Paris, weekdays), else soon after opening."""
    clock = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(TIMEZONES["FR"]))
    if clock.weekday() < 5 and 9 <= clock.hour < 18:
        return at
    days = 0 if clock.hour < 9 and clock.weekday() < 5 else 1
    opening = (clock + timedelta(days=days)).replace(hour=9, minute=0, second=0)
    while opening.weekday() >= 5:
        opening += timedelta(days=1)
    return int(opening.timestamp()) + int(rng.integers(60, 2 * HOUR))


def create_responses(shop: Shop, tickets: list[Ticket], emails: list[str]) -> list[Response]:
    """Satisfaction after a ticket, recommendation each quarter, and how buyers found the shop."""
    found = _satisfaction(tickets) + _recommendation(shop, emails) + _how_found(shop)
    found.sort(key=lambda response: (response.sent_at, response.survey, response.customer_id))
    return [
        Response(f"S{number:06d}", *(getattr(response, name) for name in _AFTER_ID))
        for number, response in enumerate(found, start=1)
    ]


_AFTER_ID = tuple(Response.__dataclass_fields__)[1:]


def _satisfaction(tickets: list[Ticket]) -> list[Response]:
    rng = stream("surveys.csat")
    found = []
    for ticket in tickets:
        sent = ticket.solved_at + HOUR
        if ticket.solved_at == NEVER or rng.random() < 0.3:
            continue
        slow = (ticket.solved_at - ticket.created_at) / DAY
        score = int(np.clip(round(float(rng.normal(4.5 - 0.18 * slow, 0.9))), 1, 5))
        answered = sent + int(rng.integers(600, 4 * DAY)) if rng.random() < 0.42 else NEVER
        comment = COMMENTS[int(rng.integers(len(COMMENTS)))]
        who = (ticket.customer_id, ticket.email if not ticket.customer_id else "")
        found.append(
            _response(
                "csat",
                sent,
                answered,
                who,
                ticket_id=ticket.ticket_id,
                score=score,
                scale=(1, 5),
                comment=comment,
            )
        )
    return [response for response in found if response is not None]


def _recommendation(shop: Shop, emails: list[str]) -> list[Response]:
    """Three in ten buyers of a quarter are asked right after it."""
    rng = stream("surveys.nps")
    ends = quarter_end(shop.orders.ordered_at)
    found = []
    for end in np.unique(ends).tolist():
        buyers = np.unique(shop.orders.customer[ends == end])
        for who in buyers[rng.random(len(buyers)) < 0.3].tolist():
            sent = end + int(rng.integers(9 * HOUR, 12 * DAY))
            answered = sent + int(rng.integers(600, 5 * DAY)) if rng.random() < 0.3 else NEVER
            score = int(np.clip(round(float(rng.normal(8.2, 1.9))), 0, 10))
            person = (str(shop.customers.customer_id[who]), emails[who])
            found.append(_response("nps", sent, answered, person, score=score, scale=(0, 10)))
    return [response for response in found if response is not None]


def _how_found(shop: Shop) -> list[Response]:
    rng = stream("surveys.source")
    found = []
    for number, at in enumerate(shop.orders.ordered_at.tolist()):
        draw = rng.random()
        answer = SOURCES[int(rng.choice(len(SOURCES), p=[0.36, 0.2, 0.2, 0.08, 0.06, 0.1]))]
        if draw < 0.16:
            who = (str(shop.customers.customer_id[int(shop.orders.customer[number])]), "")
            order = str(shop.orders.order_id[number])
            found.append(_response("source", at, at + 90, who, order_id=order, answer=answer))
    return [response for response in found if response is not None]


def _response(
    survey: str,
    sent: int,
    answered: int,
    who: tuple[str, str],
    *,
    ticket_id: str = "",
    order_id: str = "",
    score: int = NEVER,
    scale: tuple[int, int] = (0, 0),
    answer: str = "",
    comment: str = "",
) -> Response | None:
    """A response as it stands at the end of the period; none if it was not sent by then."""
    if sent > AS_OF_S:
        return None
    is_answered = 0 <= answered <= AS_OF_S
    return Response(
        response_id="",
        survey=survey,
        sent_at=sent,
        answered_at=answered if is_answered else NEVER,
        customer_id=who[0],
        email=who[1],
        ticket_id=ticket_id,
        order_id=order_id,
        score=score if is_answered else NEVER,
        scale=scale,
        answer=answer if is_answered else "",
        comment=comment if is_answered else "",
    )
