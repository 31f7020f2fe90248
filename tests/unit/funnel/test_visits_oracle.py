"""Pages and carts against a plain recomputation of docs/funnels.md, from the raw tables on.

How events become visits is recomputed in `tests/unit/sessions_oracle.py`. A browser is a person
here: who is who has tests of its own.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, zip_longest
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.keys import key
from tests.model_sql import CompiledModels, Row
from tests.unit.sessions_oracle import (
    BOT_EVENTS_PER_MINUTE,
    LONG,
    TIMEOUT,
    Event,
    is_bot,
    sessions_of,
)

AS_OF = datetime(2026, 3, 31, 6)
WINDOW = timedelta(days=3)
STALE_AFTER = timedelta(days=3)
RARE_BELOW = 3
PRODUCT_PATH, PRODUCT_PAGE = "/(p|product)/.+", "/product/*"


@dataclass(frozen=True)
class Step(Event):
    name: str = "page_view"
    path: str | None = None
    ordered: int | None = None  # the order's number

    @property
    def reports(self) -> int | None:
        return self.ordered if self.name == "purchase" else None

    def as_raw(self, load: int, row: int) -> Row:
        url = self.path and f"https://shop.example{self.path}"
        order = None if self.ordered is None else f"o{self.ordered}"
        named = {"event_name": self.name, "page_url": url, "product_id": "p", "order_id": order}
        return super().as_raw(load, row) | named


@dataclass(frozen=True)
class Order:
    """One piece of the only product."""

    number: int
    at: datetime
    visitor: str | None
    session: str | None
    status: str
    price: int


@dataclass(frozen=True)
class Visit:
    key: int
    events: list[Step]
    has_purchase: bool

    @property
    def is_denied(self) -> bool:
        return any(event.consent == "denied" for event in self.events)

    @property
    def browser(self) -> str | None:
        return min((event.visitor for event in self.events if event.visitor), key=key, default=None)

    @property
    def person(self) -> str | None:
        return None if self.is_denied else self.browser

    @property
    def is_counted(self) -> bool:
        return not is_bot(self.events) and self.end - self.events[0].at <= LONG

    @property
    def end(self) -> datetime:
        return self.events[-1].at

    @property
    def filled_at(self) -> list[datetime]:
        return [event.at for event in self.events if event.name == "add_to_cart"]

    @property
    def views(self) -> list[tuple[datetime, str]]:
        """When each page was opened, and which: of one instant, page views come first."""
        found, before = [], None
        placed = [event for event in self.events if event.path]
        for event in sorted(placed, key=lambda one: (one.at, one.name != "page_view", one.order)):
            if event.name == "page_view" or event.path != before:
                found.append((event.at, page_of(str(event.path))))
            before = event.path
        return found


def day_of(at: datetime) -> date:
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/Paris")).date()


def periods_of(day: date) -> Iterator[tuple[str, date]]:
    yield "day", day
    yield "week", day - timedelta(days=day.weekday())
    yield "month", day.replace(day=1)


def page_of(path: str) -> str:
    if re.fullmatch(PRODUCT_PATH, path):
        return PRODUCT_PAGE
    first, *rest = path.strip("/").split("/")
    if not re.fullmatch("([a-z]{2,})?", first):
        return "/*"
    return f"/{first}/*" if rest else f"/{first}"


def visits_of(events: list[Step], orders: list[Order]) -> list[Visit]:
    sold = {
        key("session", "site", one.session)
        for one in orders
        if one.session and one.status == "completed"
    }
    by_session: Mapping[int, list[Any]] = sessions_of(events)
    first = first_reports(event for found in by_session.values() for event in found)
    return [
        Visit(name, found, name in sold or any(is_purchase(event, first) for event in found))
        for name, found in by_session.items()
    ]


def first_reports(events: Iterable[Step]) -> Mapping[int | None, Step]:
    """Of each order, delivered by the shop or not, the purchase that reported it first."""
    found: dict[int | None, Step] = {}
    for event in sorted(events, key=lambda one: (one.at, one.key)):
        if event.reports is not None:
            found.setdefault(event.reports, event)
    return found


def is_purchase(event: Step, first: Mapping[int | None, Step]) -> bool:
    return event.name == "purchase" and event == first.get(event.reports, event)


def purchases_of(visits: list[Visit], orders: list[Order]) -> Iterator[tuple[Any, datetime, Any]]:
    """Whose cart each purchase ends, when, and the visit that it names."""
    named = {visit.key: visit for visit in visits if visit.events[0].session}
    refusals = [event for visit in visits for event in visit.events if event.consent == "denied"]
    refusals += [event for visit in named.values() if visit.is_denied for event in visit.events]
    refusing = {event.visitor for event in refusals}
    reports = defaultdict[int | None, list[Step]](list)
    for event in sorted(
        (event for visit in visits for event in visit.events), key=lambda one: (one.at, one.key)
    ):
        reports[event.reports].append(event)
    for order in orders:
        if order.status == "completed":
            visit = named.get(key("session", "site", order.session)) if order.session else None
            told = reports[order.number]
            at = told[0].at if told else order.at
            seen = [event.visitor for event in told if event.visitor]
            browser = order.visitor or (visit and visit.browser) or (seen[0] if seen else None)
            is_denied = (visit and visit.is_denied) or any(event in refusals for event in told)
            if browser not in refusing and not is_denied:
                yield browser, at, visit and visit.key
            if visit and visit.is_counted:
                yield visit.person or visit.key, at, visit.key
    first = first_reports(event for visit in visits for event in visit.events)
    for visit in visits:
        for event in visit.events:
            if visit.is_counted and is_purchase(event, first):
                yield visit.person or visit.key, event.at, None


@dataclass(frozen=True)
class Cart:
    opened_on: date
    outcome: str
    value: int | None
    hours: float | None = None


def told_at(*tables: list[Any]) -> datetime:
    """The instant to which the shop's orders, or its visits, are delivered."""
    last = min((max(row.at for row in rows) for rows in tables if rows), default=AS_OF)
    if last >= AS_OF - STALE_AFTER:
        return AS_OF
    midnight = datetime.combine(day_of(last) + timedelta(days=1), time(), ZoneInfo("Europe/Paris"))
    return midnight.astimezone(UTC).replace(tzinfo=None)


def carts_of(visits: list[Visit], orders: list[Order], told: datetime) -> Iterator[Cart]:
    ends = defaultdict(list)
    for owner, at, named in purchases_of(visits, orders):
        ends[owner].append((at, named))
    filled = [visit for visit in visits if visit.is_counted and visit.filled_at]
    groups = defaultdict[Any, list[list[Visit]]](list)
    for visit in sorted(filled, key=lambda one: (one.filled_at[0], one.key)):
        owner, opened = visit.person or visit.key, visit.filled_at[0]
        own = groups[owner]
        if (
            own
            and opened <= max(one.end for one in own[-1]) + WINDOW
            and not any(own[-1][0].filled_at[0] <= at < opened for at, _ in ends[owner])
        ):
            own[-1].append(visit)
        else:
            own.append([visit])
    for owner, own in groups.items():
        for group in own:
            yield cart_of(group, ends[owner], orders, told)


def cart_of(
    group: list[Visit], ends: list[tuple[datetime, Any]], orders: list[Order], told: datetime
) -> Cart:
    opening, closes = group[0], max(visit.end for visit in group) + WINDOW
    opened = opening.filled_at[0]
    prices = [price_at(at, orders) for visit in group for at in visit.filled_at]
    value = sum(price or 0 for price in prices) if None not in prices else None
    ends = sorted((end for end in ends if end[0] >= opened), key=lambda end: end[0])
    if not ends or ends[0][0] > closes:
        return Cart(day_of(opened), "open" if closes >= told else "lost", value)
    ordered_at = ends[0][0]
    if ordered_at <= opening.end + TIMEOUT or opening.key in [named for _, named in ends]:
        return Cart(day_of(opened), "ordered", value)
    hours = (ordered_at - opening.end) / timedelta(hours=1)
    return Cart(day_of(opened), "recovered", value, hours)


def price_at(at: datetime, orders: list[Order]) -> int | None:
    known = [(one.at, key("shop", f"i{one.number}"), one.price) for one in orders if one.at <= at]
    return max(known)[2] if known else None


def middle(values: Iterable[float | None]) -> Any:
    known = [value for value in values if value is not None]
    return pytest.approx(median(known)) if known else None


def cart_rows(carts: list[Cart]) -> dict[Any, Row]:
    rows = defaultdict(list)
    for cart in carts:
        for period in periods_of(cart.opened_on):
            rows[period].append(cart)
    found = {}
    for (grain, start), some in rows.items():
        outcomes = Counter(cart.outcome for cart in some)
        gone = [cart for cart in some if cart.outcome != "ordered"]
        days = {"day": 1, "week": 7, "month": 31}[grain]
        found[grain, start] = {
            "carts": len(some),
            "abandoned": len(gone),
            **{name: outcomes[name] for name in ("ordered", "recovered", "open", "lost")},
            "is_mature": not outcomes["open"] and start + timedelta(days) <= day_of(AS_OF),
            "unpriced_carts": sum(cart.value is None for cart in some),
            "value_carts": sum(cart.value or 0 for cart in some),
            "value_abandoned": sum(cart.value or 0 for cart in gone),
            "value_recovered": sum(cart.value or 0 for cart in gone if cart.hours is not None),
            "median_hours_to_recovery": middle(cart.hours for cart in gone),
        }
    return found


def page_rows(visits: list[Visit]) -> dict[Any, Row]:
    counted = [visit for visit in visits if visit.is_counted]
    seen = Counter(page for visit in counted for page in {page for _, page in visit.views})
    rows = defaultdict(list)
    for visit in counted:
        views = visit.views
        for number, (view, following) in enumerate(zip_longest(views, views[1:])):
            page = view[1] if seen[view[1]] >= RARE_BELOW else "(rare)"
            seconds = following and (following[0] - view[0]).total_seconds()
            for period in periods_of(day_of(visit.events[0].at)):
                rows[*period, page].append((visit, number == 0, seconds))
    found = {}
    for name, some in rows.items():
        by_key = {visit.key: visit for visit, _, _ in some}
        found[name] = {
            "views": len(some),
            "sessions": len(by_key),
            "people": len({visit.person for visit in by_key.values()} - {None}),
            "entries": sum(is_entry for _, is_entry, _ in some),
            "exits": sum(seconds is None for _, _, seconds in some),
            "median_seconds_on_page": middle(seconds for _, _, seconds in some),
            "converted_sessions": sum(visit.has_purchase for visit in by_key.values()),
        }
    return found


@pytest.fixture(scope="module")
def models() -> CompiledModels:
    return CompiledModels(
        ("page_engagement", "cart_abandonment"),
        {
            "as_of": AS_OF.isoformat(),
            "business_timezone": "Europe/Paris",
            "session_timeout_minutes": TIMEOUT // timedelta(minutes=1),
            "bot_events_per_minute": BOT_EVENTS_PER_MINUTE,
            "long_session_hours": LONG // timedelta(hours=1),
            "cart_window_days": WINDOW.days,
            "page_min_sessions": RARE_BELOW,
        },
    )


# Around midnight in Paris, on both sides of the change of the clock, three days apart and less.
STARTS = st.builds(
    datetime,
    st.just(2026),
    st.just(3),
    st.sampled_from([2, 19, 22, 25, 28, 29, 30]),
    st.sampled_from([8, 21, 22, 23]),
    st.sampled_from([0, 29, 30, 59]),
)
GAPS = st.sampled_from([0, 1, 60, 60, 600, 1800, 1801, 3600])
PATHS = st.sampled_from(["/", "/p/a", "/product/b", "/cart", "/blog/x-1", "/u/12", "/12", None])
NAMES = st.sampled_from([*["page_view"] * 3, *["add_to_cart"] * 4, "purchase", "x"])
LATER = st.sampled_from([-1, 0, 60, 1200, 1800, 1801, 86400, 3 * 86400, 3 * 86400 + 1])
STATUSES = st.sampled_from(["completed", "completed", "completed", "cancelled"])


@st.composite
def companies(draw: st.DrawFn) -> tuple[list[Step], list[Order]]:
    events: list[Step] = []
    for _ in range(draw(st.integers(8, 25))):
        start, browser = draw(STARTS), draw(st.sampled_from("abcdef"))
        session = draw(st.sampled_from([None, None, f"{browser}-1", f"{browser}-2"]))
        visitor = draw(st.sampled_from([browser] * 5 + [None]))
        consent = draw(st.sampled_from(["granted"] * 6 + ["unknown", "denied"]))
        for offset in accumulate(draw(st.lists(GAPS, min_size=1, max_size=5))):
            at, name, path = start + timedelta(seconds=offset), draw(NAMES), draw(PATHS)
            if visitor is None and session is None and name == "purchase":
                # That it may deny consent for its order is for the tests of who is who.
                name = "x"
            step = Step(len(events), at, visitor, session, consent=consent, name=name, path=path)
            events.append(step)
    orders = []
    delivered_to = draw(st.sampled_from([AS_OF, AS_OF, datetime(2026, 3, 22, 22, 30)]))
    for number in range(draw(st.integers(6, 14))):
        near = draw(st.sampled_from(events))
        at = min(near.at + timedelta(seconds=draw(LATER)), delivered_to)
        visitor = draw(st.sampled_from([near.visitor, near.visitor, None]))
        session = draw(st.sampled_from([near.session, None]))
        price = draw(st.sampled_from([7, 10]))
        orders.append(Order(number, at, visitor, session, draw(STATUSES), price))
    numbers = st.sampled_from([None, *range(len(orders) + 1)])  # of the last nobody knows
    return [replace(event, ordered=draw(numbers)) for event in events], orders


def raw_tables(events: list[Step], orders: list[Order]) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = {
        "web_events": [event.as_raw(1, event.number) for event in events],
        "shop_orders": [],
        "shop_order_items": [],
        "page_rules": [{"priority": 1, "path_pattern": PRODUCT_PATH, "page": PRODUCT_PAGE}],
    }
    for order in orders:
        named = {"_source": "shop", "order_id": f"o{order.number}"}
        line = {"order_item_id": f"i{order.number}", "product_id": "p", "quantity": 1}
        tables["shop_order_items"].append(named | line | {"unit_price": order.price})
        placed = {"session_id": order.session, "anonymous_id": order.visitor, "currency": "EUR"}
        sold = {"ordered_at": order.at, "status": order.status}
        tables["shop_orders"].append(named | placed | sold)
    return tables


def compare(found: dict[Any, Row], expected: dict[Any, Row]) -> None:
    assert found.keys() == expected.keys()
    for name, row in expected.items():
        assert {column: found[name][column] for column in row} == row, name


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(company=companies())
def test_pages_and_carts_are_those_of_the_rules(
    models: CompiledModels, company: tuple[list[Step], list[Order]]
) -> None:
    tables = models.run(raw_tables(*company))
    visits, grains = visits_of(*company), ("day", "week", "month")
    pages = {
        (row["period_grain"], row["period_start"], row["page"]): row
        for row in tables["page_engagement"]
        if row["period_grain"] in grains
    }
    carts = {
        (row["period_grain"], row["period_start"]): row
        for row in tables["cart_abandonment"]
        if row["period_grain"] in grains and row["dimension"] == "overall"
    }
    compare(pages, page_rows(visits))
    compare(carts, cart_rows(list(carts_of(visits, company[1], told_at(*company)))))
