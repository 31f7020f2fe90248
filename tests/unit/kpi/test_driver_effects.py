"""The driver trees' log-mean split, against the formula in plain Python and its laws."""

import math
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.explanation import driver_effects_sql

BASE, NOW = date(2026, 5, 1), date(2026, 6, 1)
TREE = {"sessions", "conversion", "order_value", "refunds"}
FOLDED = {"orders", "order_value", "refunds"}

# Sessions (None where nobody counts them), orders, their revenue and what was refunded.
Level = tuple[int | None, int, Decimal, Decimal]


class Engine:
    """The rule on two periods that each case fills."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(
            "create table levels (tree varchar, period_grain varchar, period_start date,"
            " dimension varchar, segment varchar, volume decimal(28, 4), successes decimal(28, 4),"
            " amount decimal(28, 4), deducted decimal(28, 4))"
        )
        self.sql = f"""
            with pairs as (
                select
                    'revenue' as tree,
                    'month' as period_grain,
                    date '{NOW}' as period_start,
                    'previous_period' as compared_with,
                    date '{BASE}' as base_period_start,
                    cast($is_volume_known as boolean) as is_volume_known
            ),
            {driver_effects_sql("pairs", "levels")}
            select * from driver_effects
        """

    def effects(
        self, before: Level | None, now: Level | None, *, is_volume_known: bool = True
    ) -> dict[str, dict[str, Any]]:
        """The drivers by name; a period that is None has no row."""
        self.connection.execute("delete from levels")
        for start, level in ((BASE, before), (NOW, now)):
            if level is not None:
                self.connection.execute(
                    "insert into levels"
                    " values ('revenue', 'month', ?, 'overall', 'all', ?, ?, ?, ?)",
                    [start, *level],
                )
        given = {"is_volume_known": is_volume_known}
        rows = self.connection.execute(self.sql, given).to_arrow_table().to_pylist()
        return {row["driver"]: row for row in rows}

    def amounts(self, before: Level | None, now: Level | None) -> dict[str, Decimal]:
        return {name: row["effect"] for name, row in self.effects(before, now).items()}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    one = Engine()
    yield one
    one.connection.close()


def level(sessions: int | None, orders: int, revenue: str, refunded: str = "0") -> Level:
    return sessions, orders, Decimal(revenue), Decimal(refunded)


money = st.decimals(min_value=0, max_value=10**8, places=4, allow_nan=False)
levels = st.one_of(
    st.none(),
    st.tuples(st.none() | st.integers(0, 10**7), st.just(0), st.just(Decimal(0)), money),
    st.tuples(st.none() | st.integers(0, 10**7), st.integers(1, 10**6), money, money),
)


@settings(max_examples=150, deadline=None)
@given(before=levels, now=levels)
def test_effects_add_up_to_the_change_to_the_last_decimal(
    engine: Engine, before: Level | None, now: Level | None
) -> None:
    drivers = engine.effects(before, now)
    nothing = (0, 0, Decimal(0), Decimal(0))
    (*_, old, old_back), (*_, new, new_back) = before or nothing, now or nothing
    if not any((old, old_back, new, new_back)):
        assert drivers == {}
        return
    assert set(drivers) in (TREE, FOLDED)
    change = (new - new_back) - (old - old_back)
    assert sum(row["effect"] for row in drivers.values()) == change
    assert {row["revenue_change"] for row in drivers.values()} == {change}
    assert drivers["refunds"]["effect"] == old_back - new_back
    assert "-0.0" not in [str(number) for row in drivers.values() for number in row.values()]


positive = st.tuples(
    st.integers(1, 10**7), st.integers(1, 10**6), st.integers(1, 10**8).map(Decimal)
)


@settings(max_examples=150, deadline=None)
@given(before=positive, now=positive)
def test_effects_are_those_of_the_logarithmic_mean(
    engine: Engine, before: tuple[int, int, Decimal], now: tuple[int, int, Decimal]
) -> None:
    found = engine.amounts((*before, Decimal(0)), (*now, Decimal(0)))
    (a0, b0, c0), (a1, b1, c1) = ([float(x) for x in level] for level in (before, now))
    x = (c1 - c0) / (c1 + c0)
    mean = (c1 + c0) / 2 * (x / math.atanh(x) if x else 1.0)
    logs = {
        "sessions": math.log(a1 / a0),
        "conversion": math.log(b1 / b0) - math.log(a1 / a0),
        "order_value": math.log(c1 / c0) - math.log(b1 / b0),
    }
    for name, log in logs.items():
        assert float(found[name]) == pytest.approx(mean * log, rel=1e-9, abs=1e-3), name


@settings(max_examples=60, deadline=None)
@given(before=positive, now=positive)
def test_turning_the_periods_round_turns_each_sign(
    engine: Engine, before: tuple[int, int, Decimal], now: tuple[int, int, Decimal]
) -> None:
    there = engine.amounts((*before, Decimal(3)), (*now, Decimal(5)))
    back = engine.amounts((*now, Decimal(5)), (*before, Decimal(3)))
    for name, effect in there.items():
        assert abs(effect + back[name]) <= Decimal("0.001"), name


def test_a_worked_example(engine: Engine) -> None:
    """1,000 sessions, 2 %, 50 each; then 2,000, 1 %, 100 each, and refunds of 80 instead of 30.

    L(2000, 1000) = 1000 / ln 2. Sessions: L x ln 2 = 1000; conversion: L x ln 0.5 = -1000; the
    value of an order: L x ln 2 = 1000.
    """
    assert engine.amounts(level(1000, 20, "1000", "30"), level(2000, 20, "2000", "80")) == {
        "sessions": Decimal(1000),
        "conversion": Decimal(-1000),
        "order_value": Decimal(1000),
        "refunds": Decimal(-50),
    }


CASES = {
    "a new segment is all sessions": (None, level(100, 5, "500"), {"sessions": 500}),
    "one that is gone is, too": (level(100, 5, "500"), level(0, 0, "0"), {"sessions": -500}),
    "the first order of known visits is all conversion": (
        level(100, 0, "0"),
        level(300, 5, "500"),
        {"conversion": 500},
    ),
    "orders for nothing are all value": (
        level(100, 5, "0"),
        level(200, 10, "500"),
        {"order_value": 500},
    ),
    "orders without visits stand for themselves": (
        level(None, 10, "1000"),
        level(None, 20, "2000"),
        {"orders": 1000},
    ),
    "so they do where counting stopped": (
        level(400, 10, "1000"),
        level(0, 20, "2000"),
        {"orders": 1000},
    ),
    "and where they are new": (None, level(None, 2, "90"), {"orders": 90}),
    "refunds alone are a change": (
        level(100, 0, "0"),
        level(100, 0, "0", "30"),
        {"refunds": -30},
    ),
    "and so is their end": (level(100, 0, "0", "30"), level(100, 0, "0"), {"refunds": 30}),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_nothing_in_one_period(engine: Engine, case: str) -> None:
    before, now, expected = CASES[case]
    found = engine.amounts(before, now)
    assert {name: effect for name, effect in found.items() if effect} == expected
    assert set(found) == (FOLDED if "orders" in expected else TREE)


@pytest.mark.parametrize("other", [None, level(None, 0, "0")])
def test_a_segment_without_orders_has_no_known_lack_of_sessions(
    engine: Engine, other: Level | None
) -> None:
    """It was visited in one period; nobody counted the visits of the other one."""
    visited = level(100, 5, "500")
    for before, now, moved in ((visited, other, -500), (other, visited, 500)):
        found = engine.effects(before, now, is_volume_known=False)
        assert {name: row["effect"] for name, row in found.items()} == {
            "orders": moved,
            "order_value": 0,
            "refunds": 0,
        }
