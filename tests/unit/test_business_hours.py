"""Business hours against a clock in plain Python that looks at every single minute."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.model_sql import build, compile_models, fill, memory_warehouse

PARIS = ZoneInfo("Europe/Paris")
MINUTE = timedelta(minutes=1)
# Twelve days around the beginning and the end of summer time, both Sundays in the middle.
BEGINNINGS = (datetime(2026, 3, 22, 23), datetime(2025, 10, 19, 22))
MINUTES = 12 * 24 * 60

# Half hours of a day. No company opens or closes in the hour that a clock change skips or repeats.
times = st.integers(0, 48).filter(lambda half: half not in (4, 5)).map(lambda half: half * 30)
interval = st.tuples(st.integers(1, 7), st.lists(times, min_size=2, max_size=4, unique=True))
hours = st.lists(interval, max_size=7, unique_by=lambda one: one[0])
minutes = st.integers(0, MINUTES - 1)
tickets = st.lists(st.tuples(minutes, minutes, minutes), min_size=1, max_size=8)
holidays = st.sets(st.integers(0, 11), max_size=3)

Opening = tuple[int, str, str]


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Any, dict[str, str]]]:
    """A warehouse in which no lead was answered and nothing was promised, and the models."""
    names = ("calendars", "business_calendar", "instants_clocked", "tickets_measured")
    compiled = compile_models([f"int_service__{name}" for name in names])
    with memory_warehouse() as made:
        fill(
            made,
            "seeds.sla_targets",
            {"priority": "text", "first_response_hours": "int", "resolution_hours": "int"},
        )
        fill(
            made,
            "intermediate.int_sales__lead_responses",
            {"calendar": "text", "created_at": "timestamp", "answered_at": "timestamp"},
        )
        yield made, compiled


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def openings(drawn: list[tuple[int, list[int]]]) -> list[Opening]:
    """Opening intervals that do not overlap: the sorted times, two by two."""
    return [
        (weekday, clock(opens), clock(closes))
        for weekday, chosen in drawn
        for opens, closes in list(pairwise(sorted(chosen)))[::2]
    ]


@cache
def walls(begin: datetime) -> list[tuple[date, int, str]]:
    """Day, weekday and time that a clock in Paris shows at each minute from `begin` on."""
    shown = [
        (begin + number * MINUTE).replace(tzinfo=UTC).astimezone(PARIS) for number in range(MINUTES)
    ]
    return [(wall.date(), wall.isoweekday(), f"{wall:%H:%M}") for wall in shown]


def open_minutes(begin: datetime, hours: list[Opening], closed: set[date]) -> list[int]:
    """How many minutes were open before each minute from `begin` on."""
    passed = [0]
    for day, weekday, time in walls(begin):
        is_open = day not in closed and any(
            weekday == on and opens <= time < closes for on, opens, closes in hours
        )
        passed.append(passed[-1] + is_open)
    return passed


@given(
    begin=st.sampled_from(BEGINNINGS),
    drawn_hours=hours,
    drawn_tickets=tickets,
    closed=holidays,
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_business_hours_are_the_open_minutes_between(
    service: tuple[Any, dict[str, str]],
    begin: datetime,
    drawn_hours: list[tuple[int, list[int]]],
    drawn_tickets: list[tuple[int, int, int]],
    closed: set[int],
) -> None:
    made, compiled = service
    week = openings(drawn_hours)
    first = begin.replace(tzinfo=UTC).astimezone(PARIS).date()
    days = {first + timedelta(days=number) for number in closed}
    fill(
        made,
        "seeds.business_hours",
        {"weekday": "bigint", "opens_at": "text", "closes_at": "text"},
        week,
    )
    fill(
        made,
        "seeds.holidays",
        {"country": "text", "holiday_date": "date"},
        [("FR", day) for day in sorted(days)],
    )
    ordered = [sorted(one) for one in drawn_tickets]
    rows = [
        (number, "FR", *(begin + minute * MINUTE for minute in one))
        for number, one in enumerate(ordered)
    ]
    fill(
        made,
        "intermediate.int_service__tickets_routed",
        {
            "ticket_key": "bigint",
            "calendar": "text",
            "created_at": "timestamp",
            "first_replied_at": "timestamp",
            "solved_at": "timestamp",
            "created_date": "date",
            "customer_key": "bigint",
            "channel": "text",
            "priority": "text",
            "topic": "text",
            "assignee": "text",
            "team": "text",
            "country": "text",
            "is_reopened": "boolean",
            "is_replied_before": "boolean",
            "is_solved_before": "boolean",
            "source_name": "text",
            "told_at": "timestamp",
        },
        [(*row, first, *[None] * 7, *[False] * 3, "helpdesk", row[-1]) for row in rows],
    )
    fill(
        made,
        "intermediate.int_core__periods",
        {"period_start": "date", "period_end": "date"},
        [(first, date(2026, 7, 2))],
    )
    build(made, compiled)
    passed = open_minutes(begin, week, days)
    assert made.execute(
        """
        select ticket_key, round(first_response_business_hours * 60),
            round(resolution_business_hours * 60)
        from warehouse.intermediate.int_service__tickets_measured order by ticket_key
        """
    ).fetchall() == [
        (number, passed[replied] - passed[opened], passed[solved] - passed[opened])
        for number, (opened, replied, solved) in enumerate(ordered)
    ]
