"""What happens inside a visit: accounts, forms, and every single event with its instant."""

from dataclasses import dataclass

import numpy as np

from orchestration.demo import assumptions as a
from orchestration.demo.journeys import CART, PURCHASE, Visits
from orchestration.demo.people import People
from orchestration.demo.timeline import Bools, Floats, Ints, stream

LONGEST_GAP_S = 150
PRODUCTS = 120
_NEVER = np.iinfo(np.int64).max
# The order of events inside a visit; a visit has those its depth and its marks allow.
KINDS = (
    "landing",
    "category",
    "product_view",
    "login",
    "newsletter",
    "lead_form",
    "add_to_cart",
    "view_cart",
    "begin_checkout",
    "add_shipping_info",
    "add_payment_info",
    "purchase",
)
KIND = {name: number for number, name in enumerate(KINDS)}
EVENT_NAMES = {"landing": "page_view", "category": "page_view"} | dict.fromkeys(
    ("newsletter", "lead_form"), "form_submit"
)


@dataclass(frozen=True)
class Marks:
    """Per visit: whether the person signs up for the newsletter, asks sales, or logs in."""

    signs_up: Bools
    asks_sales: Bools
    logs_in: Bools


@dataclass(frozen=True)
class Clicks:
    """One element per event, ordered by instant: its visit, kind (`KINDS`), instant, product."""

    visit: Ints
    kind: Ints
    at: Ints
    product: Ints

    def of_kind(self, name: str) -> Ints:
        """The positions of the events of one kind."""
        return np.flatnonzero(self.kind == KIND[name])


def has_account(people: People) -> Bools:
    """Whether the person opens an account when buying; the others check out as guests."""
    return np.asarray(stream("accounts").random(len(people)) < 0.76, dtype=bool)


def mark_visits(visits: Visits, people: People) -> Marks:
    """Newsletter sign-ups, sales enquiries (at most one a person) and log-ins."""
    rng = stream("marks")
    firm = people.is_firm[visits.person]
    buys = visits.depth == PURCHASE
    is_buyer = np.zeros(len(people), dtype=bool)
    is_buyer[visits.person[buys]] = True
    draw = rng.random(len(visits))
    may_sign = ~firm & ~is_buyer[visits.person] & (visits.depth >= 1) & ~visits.resumed
    signs_up = _first_of_person(may_sign & (draw < 0.017), visits.person, len(people))
    asks = _first_of_person(firm & (visits.depth >= 1) & (draw < 0.38), visits.person, len(people))
    opened = np.full(len(people), _NEVER)
    opens = signs_up | (buys & has_account(people)[visits.person])
    np.minimum.at(opened, visits.person[opens], visits.start[opens])
    known = visits.start > opened[visits.person]
    logs_in = known & (buys | (visits.depth >= CART) | (rng.random(len(visits)) < 0.45))
    return Marks(signs_up, asks, logs_in & (visits.depth >= 1))


def _first_of_person(chosen: Bools, person: Ints, people: int) -> Bools:
    """Keeps only the first chosen visit of each person; visits are ordered by start."""
    rows = np.flatnonzero(chosen)
    first = np.full(people, len(chosen))
    np.minimum.at(first, person[rows], rows)
    result = np.zeros(len(chosen), dtype=bool)
    result[first[first < len(chosen)]] = True
    return result


def create_clicks(visits: Visits, marks: Marks, people: People) -> Clicks:
    """Every event of every visit; a visit takes at most `journeys.LONGEST_VISIT_S`."""
    rng = stream("clicks")
    n = len(visits)
    views = np.where(visits.depth >= a.DEPTH["product_view"], 1 + rng.binomial(4, 0.34, n), 0)
    looks = np.where(visits.depth >= 1, 1 + (rng.random(n) < 0.35), 0)
    straight = visits.resumed
    counts = {
        "landing": np.ones(n, dtype=np.int64),
        "category": np.where(straight, 0, looks),
        "product_view": np.where(straight, 0, views),
        "login": marks.logs_in,
        "newsletter": marks.signs_up,
        "lead_form": marks.asks_sales,
        "add_to_cart": (visits.depth >= CART) & ~straight,
    } | {name: visits.depth >= a.DEPTH[name] for name in KINDS[KIND["view_cart"] :]}
    every = [np.repeat(np.arange(n), counts[name].astype(np.int64)) for name in KINDS]
    visit = np.concatenate(every)
    kind = np.repeat(np.arange(len(KINDS)), [len(rows) for rows in every])
    order = np.lexsort((kind, visit))
    visit, kind = visit[order], kind[order]
    gap = np.clip(rng.lognormal(3.6, 0.8, len(visit)), 3, LONGEST_GAP_S).astype(np.int64)
    begins = np.r_[True, visit[1:] != visit[:-1]]
    gap[begins] = 0
    passed = np.cumsum(gap)
    at = visits.start[visit] + passed - np.maximum.accumulate(np.where(begins, passed, 0))
    product = _products(visit, kind, begins, n)
    late_first = np.lexsort((kind, visit, at))
    return Clicks(visit[late_first], kind[late_first], at[late_first], product[late_first])


def product_weights() -> Floats:
    """How often each product is looked at: few sell much, many sell little."""
    weights = 1 / (3.0 + np.arange(PRODUCTS)) ** 0.8
    # The last four are in the catalogue but never on the site.
    weights[-4:] = 0
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def wanted_products(visits: int) -> Ints:
    """The product each visit is about: seen first and, if it comes to that, put in the cart."""
    return stream("wanted").choice(PRODUCTS, visits, p=product_weights())


def _products(visit: Ints, kind: Ints, begins: Bools, visits: int) -> Ints:
    """The product of product views and cart events, -1 elsewhere."""
    seen = kind == KIND["product_view"]
    is_first_view = seen & ~np.r_[False, seen[:-1]]
    other = stream("seen").choice(PRODUCTS, len(visit), p=product_weights())
    wanted = wanted_products(visits)[visit]
    in_cart = kind == KIND["add_to_cart"]
    return np.where(is_first_view | in_cart, wanted, np.where(seen & ~begins, other, -1))
