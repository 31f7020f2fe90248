"""The compiled models against the plain-Python oracle, on generated people."""

import math
from collections import defaultdict
from datetime import date, datetime, timedelta
from statistics import NormalDist
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model_sql import CompiledModels
from tests.unit.funnel import oracle
from tests.unit.funnel.conftest import AS_OF, NO_SALES, NO_VISITS
from tests.unit.funnel.oracle import DAY, Occurrence

STEPS, WINDOW_DAYS, TRY_DAYS = 3, 2, 1
# A Monday, so that weeks are seven days of the oracle.
FIRST_DAY = date(2025, 12, 29)
NOW = int((datetime.fromisoformat(AS_OF) - datetime(2025, 12, 29)).total_seconds()) // 3600
GRAINS = {"day": 1, "week": 7}


def instant(hours: int) -> datetime:
    return datetime(2025, 12, 29) + timedelta(hours=hours)


@st.composite
def journeys(draw: st.DrawFn) -> list[Occurrence]:
    """Up to three people's visits, which begin with step 1, and what is known without a visit.

    A visit takes a step once. Instants lie on a grid of six hours: ties and edges are common.
    """
    found: list[Occurrence] = []
    grid = st.integers(0, NOW // 6).map(lambda number: number * 6)
    number = 0
    for person in range(1, draw(st.integers(1, 3)) + 1):
        for _ in range(draw(st.integers(1, 4))):
            number += 1
            start = draw(grid)
            found.append(Occurrence(person, 1, number, start))
            for step in draw(st.sets(st.integers(2, STEPS))):
                found.append(Occurrence(person, step, number, start + draw(st.integers(0, 3)) * 6))
        for at in draw(st.sets(grid, max_size=2)):
            found.append(Occurrence(person, STEPS, None, at))
    return found


def calendar() -> dict[str, pa.Table]:
    """Every day and period that may occur."""
    days = [FIRST_DAY + timedelta(days=number) for number in range(21)]
    period_days: list[dict[str, Any]] = [
        {
            "period_grain": grain,
            "period_start": FIRST_DAY + timedelta(days=number - number % length),
            "date_day": day,
        }
        for grain, length in GRAINS.items()
        for number, day in enumerate(days)
    ]
    periods = [
        {
            "funnel": "p",
            "period_grain": row["period_grain"],
            "period_start": row["period_start"],
            "period_end": row["date_day"] + timedelta(days=GRAINS[row["period_grain"]]),
            "is_complete": True,
        }
        for row in period_days
        if row["date_day"] == row["period_start"]
    ]
    return {
        "int_core__period_days": pa.Table.from_pylist(period_days),
        "int_funnel__periods": pa.Table.from_pylist(periods),
    }


GIVEN = calendar() | {
    "int_funnel__visit_segments": NO_VISITS,
    "int_funnel__sales_segments": NO_SALES,
    "int_funnel__steps": pa.Table.from_pylist(
        [
            {
                "funnel": "p",
                "step_number": number,
                "step": f"s{number}",
                "entity_type": "person",
                "last_step_number": STEPS,
                "window_days": WINDOW_DAYS,
                "told_until": FIRST_DAY + timedelta(days=NOW // DAY),
                "told_at": datetime.fromisoformat(AS_OF),
            }
            for number in range(1, STEPS + 1)
        ]
    ),
}


def step_events(occurrences: list[Occurrence]) -> pa.Table:
    """What happened, as the models read it."""
    types = {
        "funnel": pa.string(),
        "step_number": pa.int64(),
        "entity_key": pa.int64(),
        "context_key": pa.int64(),
        "occurred_at": pa.timestamp("us"),
    }
    rows = [("p", one.step, one.person, one.visit, instant(one.at)) for one in occurrences]
    return pa.Table.from_pylist(
        [dict(zip(types, row, strict=True)) for row in rows], pa.schema(list(types.items()))
    )


@settings(max_examples=60, deadline=None)
@given(occurrences=journeys())
def test_people_are_counted_as_plain_python_counts_them(
    small_funnels: CompiledModels, occurrences: list[Occurrence]
) -> None:
    found = small_funnels.run(GIVEN | {"int_funnel__step_events": step_events(occurrences)})
    for grain, days in GRAINS.items():
        rows = [
            row
            for row in found["funnel_conversion"]
            if row["period_grain"] == grain and row["dimension"] == "overall"
        ]
        counted = {
            ((row["period_start"] - FIRST_DAY).days, row["step_number"]): oracle.Cohort(
                row["entered"],
                row["converted"],
                row["open"],
                row["dropped"],
                row["skipped"],
                row["median_hours_from_previous_step"],
            )
            for row in rows
            if row["entered"]
        }
        assert counted == oracle.cohorts(occurrences, STEPS, WINDOW_DAYS, NOW, days)
        check_rates(rows, days)
    tries = oracle.tries(occurrences, STEPS, TRY_DAYS, NOW)
    assert sorted(
        (
            row["entity_key"],
            row["step_number"],
            row["reached_at"],
            row["is_passed"],
            row["is_settled"],
        )
        for row in found["int_funnel__step_tries"]
    ) == sorted(
        (one.person, one.step, instant(one.at), one.is_passed, one.is_settled) for one in tries
    )


def check_rates(rows: list[dict[str, Any]], days: int) -> None:
    """Rates are those of the counts once all windows have closed; counts never rise."""
    along = defaultdict(list)
    for row in sorted(rows, key=lambda row: int(row["step_number"])):
        closes = (row["period_start"] - FIRST_DAY).days + days + WINDOW_DAYS
        assert row["is_mature"] == (closes < NOW // DAY)
        wanted = row["converted"] / row["entered"] if row["is_mature"] and row["entered"] else None
        assert row["step_rate"] == wanted
        along[row["period_start"]].append(row["entered"])
    for entered in along.values():
        assert len(entered) == STEPS
        assert entered == sorted(entered, reverse=True)


# Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10: 95 % intervals.
PUBLISHED = [
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((6, 7), (2, 7), 0.0582, 0.8062),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((0, 10), (0, 10), -0.2775, 0.2775),
    ((10, 10), (0, 20), 0.6791, 1.0000),
    ((10, 10), (0, 10), 0.6075, 1.0000),
]


SIZES = ("others_before", "others", "before", "now")
Sample = tuple[int, int]


def friction(models: CompiledModels, **samples: Sample) -> dict[str, Any]:
    """The row of one step of which so many, of so many, passed in each sample."""
    baseline = {
        "funnel": "p",
        "step_number": 1,
        "period_grain": "week",
        "period_start": FIRST_DAY,
        "dimension": "overall",
        "segment": "all",
        "open": 0,
        "previous_reached": 0,
        "previous_passed": 0,
    }
    for name in SIZES:
        prefix = "" if name == "now" else f"{name}_"
        baseline[f"{prefix}passed"], baseline[f"{prefix}reached"] = samples.get(name, (0, 0))
    given_tables = {
        "int_funnel__step_baselines": pa.Table.from_pylist([baseline]),
        "int_funnel__steps": GIVEN["int_funnel__steps"],
        "int_funnel__periods": GIVEN["int_funnel__periods"],
        "int_funnel__step_values": pa.table(
            {
                "funnel": ["p"],
                "step_number": [1],
                "downstream_rate": [1.0],
                "average_value": pa.array([1], pa.decimal128(18, 4)),
            }
        ),
    }
    (row,) = models.run(given_tables)["funnel_friction"]
    return row


@pytest.mark.parametrize(("before", "now", "low", "high"), PUBLISHED)
def test_the_interval_of_a_drop_is_the_published_one(
    small_friction: CompiledModels, before: Sample, now: Sample, low: float, high: float
) -> None:
    row = friction(small_friction, before=before, now=now)
    assert row["lost_beyond_expected_low"] / now[1] == pytest.approx(low, abs=0.00005)
    assert row["lost_beyond_expected_high"] / now[1] == pytest.approx(high, abs=0.00005)


def interval(sample: Sample) -> tuple[float, float, float]:
    """A rate between the limits of Wilson's score interval, 95 %: the roots of its equation."""
    passed, reached = sample
    rate, z2 = passed / reached, NormalDist().inv_cdf(0.975) ** 2
    middle, whole = rate + z2 / (2 * reached), 1 + z2 / reached
    half = math.sqrt(middle**2 - rate**2 * whole)
    return rate, (middle - half) / whole, (middle + half) / whole


def difference(
    first: tuple[float, float, float], second: tuple[float, float, float]
) -> tuple[float, float, float]:
    """First less second with its limits: each is as far off as both bounds that work that way."""
    (a, a_low, a_high), (b, b_low, b_high) = first, second
    return (
        a - b,
        a - b - math.hypot(a - a_low, b_high - b),
        a - b + math.hypot(a_high - a, b - b_low),
    )


# Who passed of how many, before and now, and of the others before and now. In the first three the
# others explain a part of the drop, in the last they make it worse.
COMPARED = [
    ((900, 1000), (50, 100), (900, 1000), (80, 100)),
    ((60, 90), (20, 70), (500, 900), (80, 200)),
    ((35, 50), (30, 60), (40, 45), (20, 30)),
    ((40, 50), (55, 60), (30, 40), (45, 50)),
]


@pytest.mark.parametrize(("before", "now", "others_before", "others"), COMPARED)
def test_a_drop_beyond_that_of_the_others_has_the_interval_of_a_difference_of_differences(
    small_friction: CompiledModels,
    before: Sample,
    now: Sample,
    others_before: Sample,
    others: Sample,
) -> None:
    """Zou and Donner (2008): the same rule once more, on the two differences."""
    own = difference(interval(before), interval(now))
    beyond = difference(own, difference(interval(others_before), interval(others)))
    row = friction(
        small_friction, before=before, now=now, others_before=others_before, others=others
    )
    for column, place in (("", 0), ("_low", 1), ("_high", 2)):
        wanted = max(min(own[place], beyond[place]), -now[0] / now[1]) * now[1]
        assert row[f"lost_beyond_expected{column}"] == pytest.approx(wanted, abs=1e-9)
