"""What customers did and brought, from the raw tables on, in plain Python.

The rules stand in docs/sales_and_service.md (retention and value, service) and in the descriptions
of the tables' columns. Orders, customers and surveys as such have tests of their own.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from math import ceil
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.model_sql import CompiledModels, Row

AS_OF = datetime(2026, 4, 30, 22, 30)  # In Paris it is the 1st of May already.
PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 5, 1)
WINDOW, REPURCHASE, STALE = 7, timedelta(days=10), timedelta(days=3)
OWN_GAPS, ALL_GAPS, QUANTILE = 2, 4, Fraction(3, 4)
KEYS = {
    "retention_cohorts": ("cohort_month", "months_since"),
    "retention_windows": ("cohort_month", "window_number"),
    "customer_value": ("customer_id",),
    "satisfaction_repurchase": ("period_grain", "period_start", "survey", "score_band"),
}
Raw = dict[str, list[Row]]
Table = dict[tuple[Any, ...], Row]


def day_of(at: datetime) -> date:
    return at.replace(tzinfo=ZoneInfo("UTC")).astimezone(PARIS).date()


def month_after(month: date, number: int) -> date:
    count = month.year * 12 + month.month - 1 + number
    return date(count // 12, count % 12 + 1, 1)


def company(random: Random) -> Raw:
    """Few customers of one shop, whose orders may have stopped; days and months end often."""
    raw: Raw = {"shop_orders": [], "shop_order_items": [], "shop_refunds": []}
    raw["survey_responses"] = []
    one = random.choice
    last = TODAY - timedelta(days=one([0, 0, 1, 2, 5, 20]))
    first = last - timedelta(days=one([10, 35, 70, 100]))

    def at() -> datetime:
        day = first + timedelta(days=random.randint(0, (last - first).days))
        day = one([day, day, day, first, last, day.replace(day=1)])
        hours = timedelta(hours=one([0, 12, 21, 22, 23]), minutes=one([0, 30]))
        return min(datetime.combine(day, datetime.min.time()) + hours, AS_OF)

    def add(table: str, row: Row) -> None:
        added = {"_source": "s", "_source_file": "f", "_batch_id": 1, "_loaded_at": AS_OF}
        raw[table].append({**row, **added, "_row_number": len(raw[table])})

    for number in range(random.randint(3, 20)):
        order: Row = {"order_id": f"o{number}", "ordered_at": at(), "currency": "EUR"}
        order |= {"customer_id": one([None, *"aaabbbccdef"]), "total": one([0, 10, 20, 33, -5])}
        add("shop_orders", order | {"status": one(["completed"] * 6 + ["cancelled"])})
        if random.random() < 0.7:
            line: Row = {"order_item_id": f"l{number}", "order_id": f"o{number}", "quantity": 1}
            add(
                "shop_order_items",
                line | {"unit_price": one([7, 50]), "unit_cost": one([None, 3, 3, 3])},
            )
    for number in range(random.randint(0, 3)):
        refund: Row = {"refund_id": f"r{number}", "refunded_at": at(), "currency": "EUR"}
        add(
            "shop_refunds", refund | {"order_id": f"o{random.randint(0, 9)}", "amount": one([1, 5])}
        )
    for number in range(random.randint(0, 8)):
        sent, answered = sorted([at(), at()])
        survey: Row = {"response_id": f"q{number}", "survey": one(["csat", "nps"]), "sent_at": sent}
        survey["customer_id"] = one([None, *"aabbcg"])
        if random.random() < 0.7:
            scores = [1, 3, 4, 5] if survey["survey"] == "csat" else [0, 7, 9, 10]
            survey |= {"answered_at": answered, "score": one(scores)}
        add("survey_responses", survey)
    return raw


def per(number: Any, count: int) -> Fraction | None:
    return None if number is None or not count else Fraction(number) / count


def total(orders: list[Row], name: str) -> Fraction | None:
    """Unknown once it is of one order."""
    known = [order[name] for order in orders if order[name] is not None]
    return sum(known, Fraction(0)) if len(known) == len(orders) else None


def quantile(gaps: list[int]) -> Fraction:
    place = QUANTILE * (len(gaps) - 1)
    low, high = sorted(gaps)[int(place)], sorted(gaps)[ceil(place)]
    return low + (place - int(place)) * (high - low)


class Shop:
    """What the raw tables say of customers, and the tables that follow from it."""

    def __init__(self, raw: Raw) -> None:
        lines = {row["order_id"]: row for row in raw["shop_order_items"]}
        orders: dict[str, Row] = {}
        for row in raw["shop_orders"]:
            line = lines.get(row["order_id"])
            net = Fraction(line["unit_price"] if line else row["total"])
            cost = line["unit_cost"] if line else None
            orders[row["order_id"]] = {
                "at": row["ordered_at"],
                "day": day_of(row["ordered_at"]),
                "who": row["customer_id"],
                "counts": row["status"] == "completed",
                "net": net,
                "margin": None if cost is None else net - cost,
            }
        named = [*orders.values(), *({"who": r["customer_id"]} for r in raw["survey_responses"])]
        self.bought: dict[str, list[Row]] = {row["who"]: [] for row in named if row["who"]}
        for order in sorted(orders.values(), key=lambda order: order["at"]):
            if order["who"] and order["counts"]:
                self.bought[order["who"]].append(order)
        self.buyers = {who: found for who, found in self.bought.items() if found}
        self.back: Counter[str] = Counter()
        for row in raw["shop_refunds"]:
            refunded = orders.get(row["order_id"])
            if refunded and refunded["who"] and refunded["counts"]:
                self.back[refunded["who"]] += row["amount"]
        instants = [row["ordered_at"] for row in raw["shop_orders"]]
        dated = [row.values() for rows in raw.values() for row in rows]
        told = [day_of(at) for row in dated for at in row if isinstance(at, datetime)]
        self.begin, self.since, self.reached = min(told), day_of(min(instants)), max(instants)
        self.is_known = any(order["counts"] for order in orders.values())
        has_stopped = AS_OF - self.reached > STALE
        self.now = day_of(self.reached) + timedelta(days=1) if has_stopped else TODAY
        self.surveys = raw["survey_responses"]
        self.cohorts: dict[date, list[str]] = defaultdict(list)
        for who, own in self.buyers.items():
            self.cohorts[own[0]["day"].replace(day=1)].append(who)

    def spans(self, month: date) -> bool:
        """Orders begin within a twentieth of the month, and have not stopped before its end."""
        end = month_after(month, 1)
        is_begun = self.begin <= month and 20 * (self.since - month).days <= (end - month).days
        return is_begun and end <= self.now and day_of(self.reached) >= month

    def retention_cohorts(self) -> Table:
        table: Table = {}
        for cohort, people in self.cohorts.items():
            own = [order for who in people for order in self.bought[who]]
            number, month = 0, cohort
            while month <= TODAY:
                of_month = [order for order in own if order["day"].replace(day=1) == month]
                so_far = [order for order in own if order["day"].replace(day=1) <= month]
                days = Counter(who for who, _ in {(order["who"], order["day"]) for order in so_far})
                row: Row = {"customers": len(people), "orders": len(of_month)}
                row |= {"order_month": month, "active": len({order["who"] for order in of_month})}
                row["repeat_customers"] = sum(count > 1 for count in days.values())
                row["is_complete"] = self.spans(month) and self.spans(cohort)
                row |= {"revenue": total(of_month, "net"), "margin": total(of_month, "margin")}
                row |= {"retention": per(row["active"], len(people))}
                row |= {"repeat_rate": per(row["repeat_customers"], len(people))}
                for name, column in (("revenue", "net"), ("margin", "margin")):
                    row[f"cumulative_{name}"] = total(so_far, column)
                    brought = per(total(so_far, column), len(people))
                    row[f"cumulative_{name}_per_customer"] = brought
                table[cohort, number] = row
                number, month = number + 1, month_after(month, 1)
        return table

    def retention_windows(self) -> Table:
        table: Table = {}
        for cohort, people in self.cohorts.items():
            begun = {who: self.bought[who][0]["day"] for who in people}
            for number in range((TODAY - min(begun.values())).days // WINDOW + 1):
                over = timedelta(days=WINDOW * (number + 1))
                mature = {who for who in people if begun[who] + over <= self.now}
                own = [
                    {**order, "window": (order["day"] - begun[who]).days // WINDOW}
                    for who in people
                    for order in self.bought[who]
                ]
                here = [order for order in own if order["window"] == number]
                so_far = [o for o in own if o["window"] <= number and o["who"] in mature]
                active = len({order["who"] for order in here} & mature) if mature else None
                row: Row = {"customers": len(people), "mature_customers": len(mature)}
                row |= {"is_mature": len(mature) == len(people), "active": active}
                row |= {"retention": per(active, len(mature)), "revenue": total(here, "net")}
                for name, column in (("revenue", "net"), ("margin", "margin")):
                    brought = total(so_far, column) if mature else None
                    row[f"cumulative_{name}"] = brought
                    row[f"cumulative_{name}_per_customer"] = per(brought, len(mature))
                table[cohort, number] = row
        return table

    def customer_value(self) -> Table:
        days = {who: sorted({o["day"] for o in found}) for who, found in self.buyers.items()}
        gaps = {
            who: [(later - day).days for day, later in pairwise(own)] for who, own in days.items()
        }
        everybodys = [gap for own in gaps.values() for gap in own]
        table: Table = {}
        for who, own in self.bought.items():
            row: Row = {"orders": len(own), "lifetime_margin": None, "purchases": 0}
            row["lifetime_revenue"] = sum(order["net"] for order in own) - self.back[who]
            row |= dict.fromkeys(("churn_after_days", "is_churned", "churned_on", "age_days"))
            row |= {"churn_rule": "no_order", "silent_days": None}
            if own:
                first, last = days[who][0], days[who][-1]
                row |= {"purchases": len(days[who]), "age_days": (self.now - first).days}
                row["silent_days"] = (self.now - last).days
                margin = total(own, "margin")
                row["lifetime_margin"] = None if margin is None else margin - self.back[who]
                row["churn_rule"], measure = "too_few_gaps", []
                if len(gaps[who]) >= OWN_GAPS:
                    row["churn_rule"], measure = "own_gaps", gaps[who]
                elif len(everybodys) >= ALL_GAPS:
                    row["churn_rule"], measure = "all_gaps", everybodys
                if measure:
                    after = ceil(quantile(measure))
                    is_gone = row["silent_days"] > after
                    gone_on = last + timedelta(days=after + 1) if is_gone else None
                    row |= {"churn_after_days": after, "is_churned": is_gone, "churned_on": gone_on}
            table[who,] = row
        return table

    def satisfaction_repurchase(self) -> Table:
        counts: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
        bands = {"csat": ["satisfied", "neutral", "dissatisfied"]}
        bands["nps"] = ["promoter", "passive", "detractor"]
        for survey in self.surveys:
            if survey["customer_id"] is None:
                continue
            at, score = survey.get("answered_at") or survey["sent_at"], survey.get("score")
            limits = [4, 3, 0] if survey["survey"] == "csat" else [9, 7, 0]
            place = next(
                (n for n, limit in enumerate(limits) if score is not None and score >= limit), 3
            )
            band = [*bands[survey["survey"]], "no_answer"][place]
            over, day = at + REPURCHASE, day_of(at)
            is_known = day >= self.since and (day_of(over) < self.now or self.now == TODAY)
            is_mature = self.is_known and is_known and over <= AS_OF
            again = any(at < o["at"] <= over for o in self.bought[survey["customer_id"]])
            quarter = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
            starts = {"month": day.replace(day=1), "quarter": quarter, "year": date(day.year, 1, 1)}
            for period in starts.items():
                count = counts[*period, survey["survey"], band]
                count.update(surveys=1, mature_surveys=is_mature, repurchased=is_mature and again)
        return {
            group: dict(c) | {"repurchase_rate": per(c["repurchased"], c["mature_surveys"])}
            for group, c in counts.items()
        }


def differs(found: Any, told: Any) -> bool:
    if isinstance(told, Fraction) and found is not None:
        return abs(Fraction(found) - told) > Fraction(1, 10**4)
    return bool(found != told)


def check_scores(rows: list[Row], shop: Shop) -> None:
    """Fifths by value: nobody with less has a higher score, and fifths are alike in size."""

    def is_in(row: Row, **lowest: int) -> bool:
        return all(row[f"{name}_score"] >= least for name, least in lowest.items())

    for row in (row for row in rows if row["orders"]):
        fits = {
            "champion": is_in(row, recency=4, frequency=4, monetary=4),
            "loyal": is_in(row, recency=3, frequency=4),
            "new": is_in(row, recency=4) and row["orders"] == 1,
            "at_risk": not is_in(row, recency=3)
            and (is_in(row, frequency=4) or is_in(row, monetary=4)),
            "hibernating": not is_in(row, recency=3),
            "regular": True,
        }
        assert row["rfm_segment"] == next(name for name, fit in fits.items() if fit), row
    by_id = {row["customer_id"]: row for row in rows}
    worths: dict[str, Callable[[list[Row]], Any]] = {
        "recency_score": lambda own: own[-1]["at"],
        "frequency_score": lambda own: (len(own), own[-1]["at"]),
        "monetary_score": lambda own: total(own, "net"),
    }
    for score, worth in worths.items():
        ranked = [(worth(own), by_id[who][score]) for who, own in shop.buyers.items()]
        assert all(one <= other for w, one in ranked for x, other in ranked if w < x), score
        sizes = Counter(number for _, number in ranked)
        assert max(sizes.values(), default=0) - min(sizes[n] for n in range(1, 6)) <= 1, score


@pytest.fixture(scope="module")
def models() -> CompiledModels:
    return CompiledModels(
        tuple(KEYS),
        {
            "as_of": AS_OF.isoformat(),
            "business_timezone": PARIS.key,
            "retention_window_days": WINDOW,
            "repurchase_window_days": REPURCHASE.days,
            "stale_after_days": STALE.days,
            "churn_min_own_gaps": OWN_GAPS,
            "churn_min_gaps": ALL_GAPS,
            "churn_gap_quantile": float(QUANTILE),
        },
    )


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=True))
def test_customers_did_and_brought_what_plain_python_says(
    models: CompiledModels, random: Random
) -> None:
    raw = company(random)
    shop, tables = Shop(raw), models.run(raw)
    for name, key in KEYS.items():
        found = {tuple(row[column] for column in key): row for row in tables[name]}
        told: Table = getattr(shop, name)()
        assert found.keys() == told.keys(), name
        wrong = {
            (name, *group, column): (found[group][column], value)
            for group, row in told.items()
            for column, value in row.items()
            if differs(found[group][column], value)
        }
        assert wrong == {}
    check_scores(tables["customer_value"], shop)
