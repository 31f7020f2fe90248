"""The two shops: products, customers, orders, lines and refunds. Money is in whole cents."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from orchestration.demo import assumptions as a
from orchestration.demo.clicks import (
    PRODUCTS,
    Clicks,
    has_account,
    product_weights,
    wanted_products,
)
from orchestration.demo.journeys import Visits
from orchestration.demo.people import People
from orchestration.demo.timeline import (
    AS_OF_S,
    DAY,
    HOUR,
    TIMEZONES,
    Bools,
    Ints,
    Texts,
    day_in,
    instant,
    office_time,
    quarter_end,
    stream,
)

TAX_PERCENT = 20
SHIPPING = {"FR": 490, "GB": 395}
FREE_SHIPPING_FROM = {"FR": 6_000, "GB": 9_000}
PRICE_RISE_ON = date(2026, 1, 1)
"""Prices of both shops rose by 3 % on this day."""
UNSETTLED_S = 2 * DAY
"""An order younger than this when its quarter's file was cut is still being processed there."""
PHRASES = (
    ("Lampe", "Lamp"),
    ("Théière", "Teapot"),
    ("Plaid", "Throw"),
    ("Vase", "Vase"),
    ("Étagère", "Shelf"),
    ("Corbeille", "Basket"),
    ("Coussin", "Cushion"),
    ("Horloge", "Clock"),
)
MAKES = (
    ("en céramique", "ceramic"),
    ("en lin", "linen"),
    ("en chêne", "oak"),
    ("tressé", "woven"),
    ("émaillé", "enamelled"),
)
CATEGORIES = (
    ("Éclairage", "Lighting"),
    ("Cuisine", "Kitchen"),
    ("Textile", "Textiles"),
    ("Décoration", "Decoration"),
    ("Rangement", "Storage"),
    ("Rangement", "Storage"),
    ("Textile", "Textiles"),
    ("Décoration", "Decoration"),
)


@dataclass(frozen=True)
class Products:
    """One element per product; prices without tax and unit costs in cents per country."""

    product_id: Texts
    name: dict[str, Texts]
    category: dict[str, Texts]
    price: dict[str, Ints]
    unit_cost: dict[str, Ints]


@dataclass(frozen=True)
class Customers:
    """One element per shop customer, ordered by registration within a country.

    `visit` is where the person registered; `user_id` is empty for guests. `deleted_at` is
    negative for customers who were not deleted. `second_account` marks the later one of people
    who hold an account in both shops under one e-mail.
    """

    customer_id: Texts
    person: Ints
    country: Texts
    visit: Ints
    created_at: Ints
    user_id: Texts
    marketing_consent: Bools
    deleted_at: Ints
    second_account: Bools


@dataclass(frozen=True)
class Orders:
    """One element per web order, ordered by instant; amounts in cents of `currency`.

    `discount` is the order's own, beside its lines' discounts. `final_status` is reached at
    `updated_at`; before, the order is `processing`.
    """

    order_id: Texts
    visit: Ints
    customer: Ints
    country: Texts
    currency: Texts
    ordered_at: Ints
    updated_at: Ints
    final_status: Texts
    coupon: Texts
    gross: Ints
    line_discounts: Ints
    discount: Ints
    shipping: Ints
    tax: Ints

    @property
    def net(self) -> Ints:
        """Gross less every discount, without tax and shipping."""
        return self.gross - self.line_discounts - self.discount

    @property
    def total(self) -> Ints:
        """What the customer paid."""
        return self.net + self.tax + self.shipping

    @property
    def is_unsettled(self) -> Bools:
        """Delivered as `processing` in the first file that holds the order."""
        return np.asarray(quarter_end(self.ordered_at) - self.ordered_at < UNSETTLED_S, dtype=bool)

    @property
    def known_status(self) -> Texts:
        """The status at the end of the period."""
        open_still = self.is_unsettled & (quarter_end(self.ordered_at) > AS_OF_S)
        return np.where(open_still, "processing", self.final_status).astype(object)


@dataclass(frozen=True)
class Lines:
    """One element per order line; amounts in cents."""

    order: Ints
    number: Ints
    product: Ints
    quantity: Ints
    unit_price: Ints
    discount: Ints
    unit_cost: Ints


@dataclass(frozen=True)
class Refunds:
    """One element per refund; `line` is -1 when the whole order is paid back."""

    order: Ints
    line: Ints
    refunded_at: Ints
    amount: Ints
    reason: Texts


@dataclass(frozen=True)
class Shop:
    """Both shops together; a row's country tells which one."""

    products: Products
    customers: Customers
    orders: Orders
    lines: Lines
    refunds: Refunds


def create_shop(visits: Visits, clicks: Clicks, people: People) -> Shop:
    """Everything the shops recorded, from the purchase events of the visits."""
    products = _products()
    buying = clicks.of_kind("purchase")
    signing = clicks.of_kind("newsletter")
    customers = _customers(visits, clicks, people, np.sort(np.concatenate([buying, signing])))
    visit, at = clicks.visit[buying], clicks.at[buying]
    country = people.country[visits.person[visit]]
    lines = _lines(visit, at, country, len(visits), products)
    orders = _orders(visit, at, country, visits, people, customers=customers, lines=lines)
    return Shop(products, customers, orders, lines, _refunds(orders, lines))


def _products() -> Products:
    rng = stream("products")
    kinds = np.arange(PRODUCTS) % len(PHRASES)
    makes = np.arange(PRODUCTS) // len(PHRASES) % len(MAKES)
    price = (np.round(np.exp(rng.normal(3.25, 0.5, PRODUCTS))).astype(np.int64) + 4) * 100 - 10
    cost = price * rng.integers(38, 62, PRODUCTS) // 100
    names: dict[str, Texts] = {}
    categories: dict[str, Texts] = {}
    for language, country in enumerate(("FR", "GB")):
        words = [
            (PHRASES[k][language], MAKES[m][language]) for k, m in zip(kinds, makes, strict=True)
        ]
        names[country] = np.array(
            [
                f"{noun} {make} n° {number}" if country == "FR" else f"{make} {noun}, no. {number}"
                for number, (noun, make) in enumerate(words, start=1)
            ],
            dtype=object,
        )
        categories[country] = np.array([CATEGORIES[k][language] for k in kinds], dtype=object)
    return Products(
        product_id=np.array([f"P-{number:04d}" for number in range(1, PRODUCTS + 1)], dtype=object),
        name=names,
        category=categories,
        price={"FR": price, "GB": price * 88 // 100},
        unit_cost={"FR": cost, "GB": cost * 87 // 100},
    )


def _customers(visits: Visits, clicks: Clicks, people: People, registering: Ints) -> Customers:
    """One customer per person at the first purchase or sign-up."""
    rng = stream("customers")
    person = visits.person[clicks.visit[registering]]
    _, first = np.unique(person, return_index=True)
    rows = registering[np.sort(first)]
    person, visit, at = visits.person[clicks.visit[rows]], clicks.visit[rows], clicks.at[rows]
    country = people.country[person].copy()
    is_signup = clicks.kind[rows] == clicks.kind[clicks.of_kind("newsletter")[:1]]
    account = has_account(people)[person] | is_signup
    # A few French customers open a second account, in the other shop, under the same e-mail.
    french = np.flatnonzero((country == "FR") & account & (at < AS_OF_S - 90 * DAY))
    twice = np.sort(rng.permutation(french)[: max(2, len(french) // 150)])
    again = at[twice] + rng.integers(10 * DAY, 80 * DAY, len(twice))
    person, visit = np.r_[person, person[twice]], np.r_[visit, visit[twice]]
    at = np.r_[at, again]
    country = np.r_[country, np.full(len(twice), "GB", dtype=object)].astype(object)
    account = np.r_[account, np.ones(len(twice), dtype=bool)]
    second = np.arange(len(person)) >= len(person) - len(twice)
    order = np.lexsort((person, at))
    person, visit, at, country = person[order], visit[order], at[order], country[order]
    account, second = account[order], second[order]
    n = len(person)
    number = np.zeros(n, dtype=np.int64)
    for name in a.SITES:
        here = country == name
        number[here] = np.arange(1, here.sum() + 1)
    ids = [
        f"C-FR-{k:05d}" if c == "FR" else f"UK{k:06d}" for c, k in zip(country, number, strict=True)
    ]
    gone = rng.permutation(np.flatnonzero(at < AS_OF_S - 200 * DAY))[: max(2, n // 400)]
    deleted_at = np.full(n, -1)
    deleted_at[gone] = at[gone] + rng.integers(60 * DAY, 190 * DAY, len(gone))
    return Customers(
        customer_id=np.array(ids, dtype=object),
        person=person,
        country=country,
        visit=visit,
        created_at=at,
        user_id=np.where(account, [f"u-{p:06d}" for p in person], "").astype(object),
        marketing_consent=rng.random(n) < 0.6,
        deleted_at=deleted_at,
        second_account=second,
    )


def _lines(visit: Ints, at: Ints, country: Texts, visits: int, products: Products) -> Lines:
    rng = stream("lines")
    count = 1 + np.minimum(rng.poisson(0.8, len(visit)), 4)
    order = np.repeat(np.arange(len(visit)), count)
    begins = np.r_[0, np.cumsum(count)[:-1]]
    number = np.arange(len(order)) - begins[order] + 1
    product = rng.choice(PRODUCTS, len(order), p=product_weights())
    product[number == 1] = wanted_products(visits)[visit]
    quantity = rng.choice([1, 2, 3, 4], len(order), p=[0.74, 0.17, 0.06, 0.03])
    british = country[order] == "GB"
    price = np.where(british, products.price["GB"][product], products.price["FR"][product])
    dearer = at[order] >= instant(PRICE_RISE_ON, TIMEZONES["FR"])
    price = np.where(dearer, price * 103 // 100, price)
    cost = np.where(british, products.unit_cost["GB"][product], products.unit_cost["FR"][product])
    percent = np.where(rng.random(len(order)) < 0.1, rng.choice([10, 15, 20], len(order)), 0)
    return Lines(order, number, product, quantity, price, quantity * price * percent // 100, cost)


def _orders(
    visit: Ints,
    at: Ints,
    country: Texts,
    visits: Visits,
    people: People,
    *,
    customers: Customers,
    lines: Lines,
) -> Orders:
    rng = stream("orders")
    n = len(visit)
    gross, line_discounts = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    np.add.at(gross, lines.order, lines.quantity * lines.unit_price)
    np.add.at(line_discounts, lines.order, lines.discount)
    reminded = visits.channel[visit] == a.CHANNEL_INDEX["cart_reminder"]
    draw = rng.random(n)
    percent = np.select([reminded & (draw < 0.7), draw < 0.06, draw < 0.1], [10, 10, 15], 0)
    word = np.where(country == "FR", "BIENVENUE", "WELCOME")
    coupon = [f"{w}{p}" if p else "" for w, p in zip(word, percent.tolist(), strict=True)]
    discount = (gross - line_discounts) * percent // 100
    net = gross - line_discounts - discount
    shipping = _shipping(net, at, country)
    number = np.zeros(n, dtype=np.int64)
    for name in a.SITES:
        here = country == name
        number[here] = np.arange(1, here.sum() + 1)
    owner = np.full(len(people), -1)
    own = np.flatnonzero(~customers.second_account)
    owner[customers.person[own]] = own
    cancelled = rng.random(n) < 0.032
    return Orders(
        order_id=np.array(
            [
                f"F{100_000 + k}" if c == "FR" else f"GB-{100_000 + k}"
                for c, k in zip(country, number, strict=True)
            ],
            dtype=object,
        ),
        visit=visit,
        customer=owner[visits.person[visit]],
        country=country,
        currency=np.where(country == "FR", "EUR", "GBP").astype(object),
        ordered_at=at,
        updated_at=at + rng.integers(2 * HOUR, 44 * HOUR, n),
        final_status=np.where(cancelled, "cancelled", "completed").astype(object),
        coupon=np.array(coupon, dtype=object),
        gross=gross,
        line_discounts=line_discounts,
        discount=discount,
        shipping=shipping,
        tax=((net + shipping) * TAX_PERCENT + 50) // 100,
    )


def _shipping(net: Ints, at: Ints, country: Texts) -> Ints:
    """Flat, free from a value on; the corrective action lowers that value in one country."""
    free_from = np.where(country == "FR", FREE_SHIPPING_FROM["FR"], FREE_SHIPPING_FROM["GB"])
    begins = instant(a.ACTION.first_day, TIMEZONES[a.ACTION.segment])
    lowered = (country == a.ACTION.segment) & (at >= begins)
    free_from = np.where(lowered, a.ACTION.free_shipping_from, free_from)
    flat = np.where(country == "FR", SHIPPING["FR"], SHIPPING["GB"])
    return np.where(net >= free_from, 0, flat)


def _refunds(orders: Orders, lines: Lines) -> Refunds:
    """Money back, without tax, some days after the order; in part for orders of several lines."""
    rng = stream("refunds")
    n = len(orders.ordered_at)
    chosen = np.flatnonzero((orders.known_status == "completed") & (rng.random(n) < 0.07))
    day = day_in(orders.ordered_at[chosen], "UTC") + rng.integers(4, 36, len(chosen))
    timezone = TIMEZONES["FR"]
    at = office_time(day, rng, timezone)
    count = np.bincount(lines.order, minlength=n)
    begins = np.r_[0, np.cumsum(count)[:-1]]
    in_part = (count[chosen] > 1) & (rng.random(len(chosen)) < 0.6)
    line = np.where(in_part, begins[chosen], -1)
    value = lines.quantity * lines.unit_price - lines.discount
    before = orders.gross[chosen] - orders.line_discounts[chosen]
    share = value[begins[chosen]] * orders.net[chosen] // np.maximum(before, 1)
    amount = np.where(in_part, share, orders.net[chosen])
    reason = rng.choice(["damaged", "changed_mind", "late", "wrong_item"], len(chosen))
    kept = at < AS_OF_S
    kept &= amount > 0
    order = np.argsort(at[kept], kind="stable")
    return Refunds(
        chosen[kept][order],
        line[kept][order],
        at[kept][order],
        amount[kept][order],
        reason[kept][order].astype(object),
    )
