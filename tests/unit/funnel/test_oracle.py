"""The compiled models against the plain-Python oracle, on generated people."""

from collections import defaultdict
from datetime import date, datetime, timedelta
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
        "int_core__periods": pa.Table.from_pylist(periods),
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


@pytest.mark.parametrize(("before", "now", "low", "high"), PUBLISHED)
def test_the_interval_of_a_drop_is_the_published_one(
    small_friction: CompiledModels,
    before: tuple[int, int],
    now: tuple[int, int],
    low: float,
    high: float,
) -> None:
    baseline = {
        "funnel": "p",
        "step_number": 1,
        "period_grain": "week",
        "period_start": FIRST_DAY,
        "dimension": "overall",
        "segment": "all",
        "reached": now[1],
        "passed": now[0],
        "before_reached": before[1],
        "before_passed": before[0],
    } | dict.fromkeys(
        (
            "open",
            "previous_reached",
            "previous_passed",
            "others_reached",
            "others_passed",
            "others_before_reached",
            "others_before_passed",
        ),
        0,
    )
    given_tables = {
        "int_funnel__step_baselines": pa.Table.from_pylist([baseline]),
        "int_funnel__steps": GIVEN["int_funnel__steps"],
        "int_core__periods": GIVEN["int_core__periods"],
        "int_funnel__step_values": pa.table(
            {
                "funnel": ["p"],
                "step_number": [1],
                "downstream_rate": [1.0],
                "average_value": pa.array([1], pa.decimal128(18, 4)),
            }
        ),
    }
    (row,) = small_friction.run(given_tables)["funnel_friction"]
    assert row["lost_beyond_expected_low"] / now[1] == pytest.approx(low, abs=0.00005)
    assert row["lost_beyond_expected_high"] / now[1] == pytest.approx(high, abs=0.00005)
