"""A company as day-by-day components: seasons, weekdays, holidays, noise, and planted changes.

Visits are Poisson in cells of country, channel and device around a demand that moves by trend,
season, weekday, month's end and holidays and has noise of its own that lasts (autoregressive, and
a part per channel); orders are binomial in visits, amounts are gamma. It knows nothing of the code
under test.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from orchestration.lib.statistics.alert_series import Components, Kpi, Place

COUNTRIES = {"FR": 0.6, "GB": 0.4}
CHANNELS = {
    "Direct": 0.24,
    "Organic Search": 0.26,
    "Paid Search": 0.2,
    "Paid Social": 0.12,
    "Email": 0.1,
    "Referral": 0.08,
}
DEVICES = {"desktop": 0.42, "mobile": 0.5, "tablet": 0.08}
PAID = {"Paid Search": 0.9, "Paid Social": 0.5}
WEEKDAYS = (1.05, 1.0, 1.0, 0.98, 0.92, 0.95, 1.15)
MONTHS = (0.95, 0.9, 0.95, 0.98, 1.0, 1.0, 0.9, 0.82, 1.0, 1.05, 1.2, 1.3)
HOLIDAYS = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
FIRST = date(2023, 1, 2)
VISITS, CONVERSION, NOISE = 4000, 0.06, 0.03
RATE = 1.17
"""Euros for a pound."""


@dataclass
class Company:
    """Cells are country x channel x device x day; money in euros."""

    days: list[date]
    sessions: np.ndarray
    converting: np.ndarray
    orders: np.ndarray
    revenue: np.ndarray
    new: np.ndarray
    spend: np.ndarray  # channel x day
    spend_rows: np.ndarray
    labels: dict[str, list[str]] = field(
        default_factory=lambda: {
            "country": list(COUNTRIES),
            "channel": list(CHANNELS),
            "device": list(DEVICES),
        }
    )


def demand(days: list[date], rng: np.random.Generator) -> np.ndarray:
    position = np.array([day.toordinal() for day in days])
    year = np.array([day.timetuple().tm_yday for day in days])
    months = np.interp(
        year, [15 + 30.4 * m for m in range(-1, 13)], [MONTHS[-1], *MONTHS, MONTHS[0]]
    )
    weekday = np.array([WEEKDAYS[day.weekday()] for day in days])
    holiday = np.array([0.75 if (day.month, day.day) in HOLIDAYS else 1.0 for day in days])
    last = np.array([(day + timedelta(days=2)).month != day.month for day in days])
    trend = np.exp(0.2 * (position - position[0]) / 365)
    lasting = np.zeros(len(days))
    shocks = rng.standard_normal(len(days)) * NOISE
    for one in range(1, len(days)):
        lasting[one] = 0.5 * lasting[one - 1] + shocks[one]
    return np.asarray(
        trend * months * weekday * holiday * np.where(last, 1.08, 1.0) * np.exp(lasting)
    )


def company(seed: int, count: int, visits: int = VISITS) -> Company:
    rng = np.random.default_rng(seed)
    days = [FIRST + timedelta(days=number) for number in range(count)]
    whole = demand(days, rng)
    share = np.einsum(
        "c,h,d->chd", list(COUNTRIES.values()), list(CHANNELS.values()), list(DEVICES.values())
    )
    own = np.exp(NOISE * rng.standard_normal((len(CHANNELS), count)))
    mean = visits * share[..., None] * whole * own[None, :, None, :]
    sessions = rng.poisson(mean)
    converting = rng.binomial(sessions, CONVERSION)
    orders = converting + rng.binomial(converting, 0.03)
    revenue = np.where(orders > 0, rng.gamma(np.maximum(orders, 1) * 2.5, 40.0), 0.0)
    new = rng.binomial(orders, 0.45)
    paid = np.array([PAID.get(name, 0.0) for name in CHANNELS])
    clicks = sessions.sum(axis=(0, 2))
    cost = paid[:, None] * clicks * np.exp(0.04 * rng.standard_normal((len(CHANNELS), count)))
    rows = np.where(paid[:, None] > 0, 12, 0) * np.ones(count, dtype=int)
    return Company(days, sessions, converting, orders, revenue, new, cost, rows)


KPIS = [
    Kpi("revenue", "net_revenue", None, 1),
    Kpi("average_order_value", "order_revenue", "orders", 30),
    Kpi("session_conversion_rate", "converting_sessions", "sessions", 200),
    Kpi("new_customers", "new_customers", None, 1),
    Kpi("customer_acquisition_cost", "spend", "new_customers", 10),
]
TABLES = {
    "sessions": "web_events",
    "converting_sessions": "web_events",
    "orders": "shop_orders",
    "order_revenue": "shop_orders",
    "net_revenue": "shop_orders",
    "new_customers": "shop_orders",
    "spend": "ads_spend",
}
DIMENSIONS = {"country": 0, "channel": 1, "device": 2}


def components(made: Company) -> Components:
    """The company as the alerts read it: what the warehouse's components say of each day."""
    amounts: dict[tuple[str, Place], np.ndarray] = {}
    records: dict[tuple[str, Place], np.ndarray] = {}
    cells = {
        "sessions": (made.sessions, made.sessions, DIMENSIONS),
        "converting_sessions": (made.converting, made.sessions, DIMENSIONS),
        "orders": (made.orders, made.orders, {"country": 0, "channel": 1}),
        "order_revenue": (made.revenue, made.orders, {"country": 0, "channel": 1}),
        "net_revenue": (made.revenue, made.orders, {"country": 0, "channel": 1}),
        "new_customers": (made.new, made.orders, {"country": 0, "channel": 1}),
    }
    for component, (amount, counted, dimensions) in cells.items():
        places = {("overall", "all"): 0}
        for dimension in dimensions:
            for number, label in enumerate(made.labels[dimension]):
                places[dimension, label] = number
        for place, number in places.items():
            axis = dimensions.get(place[0])
            for target, values in ((amounts, amount), (records, counted)):
                part = values if axis is None else np.take(values, number, axis=axis)
                summed = part.sum(axis=tuple(range(part.ndim - 1)))
                target[component, place] = summed.astype(np.float64)
    for target, values in ((amounts, made.spend), (records, made.spend_rows)):
        target["spend", ("overall", "all")] = values.sum(axis=0).astype(np.float64)
        for number, label in enumerate(made.labels["channel"]):
            if label in PAID:
                target["spend", ("channel", label)] = values[number].astype(np.float64)
    days = np.array(made.days, dtype="datetime64[D]")
    holidays = np.array([float((day.month, day.day) in HOLIDAYS) for day in made.days])
    return Components(
        now=len(days),
        days=days,
        amounts=amounts,
        records=records,
        raw_tables={name: frozenset({table}) for name, table in TABLES.items()},
        holidays={"FR": holidays, "GB": holidays},
        rates={"GBP": RATE},
    )


DATA_FAULTS = (
    "missing_channel",
    "doubled_day",
    "stopped_tracking",
    "cost_doubled",
    "currency_swapped",
)
BUSINESS_FAULTS = ("step_broken",)
LASTING_CHANGES = ("fewer_convert", "price_rise")
BUSINESS_CHANGES = ("demand_surge", "campaign_paused", "dearer_clicks", "price_cut", "site_outage")


Planter = Callable[[Company, slice, np.random.Generator], None]
SHORT = {"doubled_day": 1, "cost_doubled": 1, "site_outage": 1, "demand_surge": 3}


def plant(made: Company, kind: str, first: int, rng: np.random.Generator) -> int:
    """Changes the company from the day `first` on; returns the last day that is touched."""
    length = SHORT.get(kind) or int(rng.integers(5, 11))
    PLANTED[kind](made, slice(first, first + length), rng)
    return first + length - 1


def _paid(made: Company, days: slice) -> np.ndarray:
    return np.flatnonzero(made.spend_rows[:, days.start] > 0)


def _bought(count: np.ndarray, price: float, rng: np.random.Generator) -> np.ndarray:
    """The amounts of that many orders."""
    return np.where(count > 0, rng.gamma(np.maximum(count, 1) * 2.5, price), 0)


def _missing_channel(made: Company, days: slice, rng: np.random.Generator) -> None:
    channel = int(rng.integers(1, len(CHANNELS)))
    made.sessions[:, channel, :, days] = 0
    made.converting[:, channel, :, days] = 0
    # Their orders are still there, credited to no visit.
    for part in (made.orders, made.revenue, made.new):
        part[:, 0, :, days] += part[:, channel, :, days]
        part[:, channel, :, days] = 0


def _doubled_day(made: Company, days: slice, rng: np.random.Generator) -> None:
    shop = bool(rng.integers(0, 2))
    parts = (made.orders, made.revenue, made.new) if shop else (made.sessions, made.converting)
    for part in parts:
        part[..., days] *= 2


def _stopped_tracking(made: Company, days: slice, rng: np.random.Generator) -> None:
    country = [[0], [1], [0, 1]][int(rng.integers(0, 3))]
    made.sessions[country, ..., days] = 0
    made.converting[country, ..., days] = 0


def _cost_doubled(made: Company, days: slice, rng: np.random.Generator) -> None:
    paid = _paid(made, days)
    channel = rng.choice(paid) if rng.integers(0, 2) else paid
    made.spend[channel, days] *= 2
    made.spend_rows[channel, days] *= 2


def _currency_swapped(made: Company, days: slice, rng: np.random.Generator) -> None:
    # Pounds taken for euros.
    made.revenue[1, ..., days] /= RATE


def _tracking_lost(made: Company, days: slice, rng: np.random.Generator) -> None:
    # A consent banner that forgets: most visits go unseen, the orders are placed all the same.
    for part in (made.sessions, made.converting):
        part[..., days] = rng.binomial(part[..., days], 0.4)


def _step_broken(made: Company, days: slice, rng: np.random.Generator) -> None:
    here = (slice(None), slice(None), int(rng.integers(0, 2)), days)
    kept = rng.binomial(made.orders[here], 0.4)
    made.revenue[here] *= kept / np.maximum(made.orders[here], 1)
    made.new[here] = np.minimum(made.new[here], kept)
    made.orders[here] = kept
    made.converting[here] = rng.binomial(made.converting[here], 0.4)


def _demand_surge(made: Company, days: slice, rng: np.random.Generator) -> None:
    more = rng.poisson(0.7 * made.sessions[..., days])
    bought = rng.binomial(more, CONVERSION)
    made.sessions[..., days] += more
    made.converting[..., days] += bought
    made.orders[..., days] += bought
    made.new[..., days] += rng.binomial(bought, 0.45)
    made.revenue[..., days] += _bought(bought, 40.0, rng)


def _campaign_paused(made: Company, days: slice, rng: np.random.Generator) -> None:
    channel = int(rng.choice(_paid(made, days)))
    for part in (made.sessions, made.converting, made.orders, made.new, made.revenue):
        part[:, channel, :, days] = 0
    made.spend[channel, days] = 0
    made.spend_rows[channel, days] = 0


def _dearer_clicks(made: Company, days: slice, rng: np.random.Generator) -> None:
    made.spend[int(rng.choice(_paid(made, days))), days] *= rng.uniform(1.6, 2.2)


def _price_cut(made: Company, days: slice, rng: np.random.Generator) -> None:
    more = rng.binomial(made.sessions[..., days], 0.4 * CONVERSION)
    made.converting[..., days] += more
    made.orders[..., days] += more
    made.revenue[..., days] *= 0.7
    made.revenue[..., days] += _bought(more, 28.0, rng)


def _fewer_convert(made: Company, days: slice, rng: np.random.Generator) -> None:
    # A dearer delivery: three of ten who would have ordered do not.
    orders = made.orders[..., days]
    kept = rng.binomial(orders, 0.7)
    made.revenue[..., days] *= kept / np.maximum(orders, 1)
    made.orders[..., days] = kept
    made.converting[..., days] = np.minimum(made.converting[..., days], kept)
    made.new[..., days] = np.minimum(made.new[..., days], kept)


def _price_rise(made: Company, days: slice, rng: np.random.Generator) -> None:
    made.revenue[..., days] *= 1.15


def _site_outage(made: Company, days: slice, rng: np.random.Generator) -> None:
    for part in (made.sessions, made.converting, made.orders, made.new):
        part[..., days] = rng.binomial(part[..., days], 0.4)
    made.revenue[..., days] *= 0.4


PLANTED: dict[str, Planter] = {
    "missing_channel": _missing_channel,
    "doubled_day": _doubled_day,
    "stopped_tracking": _stopped_tracking,
    "cost_doubled": _cost_doubled,
    "currency_swapped": _currency_swapped,
    "tracking_lost": _tracking_lost,
    "step_broken": _step_broken,
    "demand_surge": _demand_surge,
    "campaign_paused": _campaign_paused,
    "dearer_clicks": _dearer_clicks,
    "price_cut": _price_cut,
    "site_outage": _site_outage,
    "fewer_convert": _fewer_convert,
    "price_rise": _price_rise,
}
