"""The demo company's broken checkout is what funnel friction finds first, and nothing above it.

The effect needs the company at its full size; so its visits and clicks go straight into the tables
that the funnel's models read, without files.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from orchestration.demo import assumptions as a
from orchestration.demo.clicks import EVENT_NAMES, KINDS, create_clicks, mark_visits
from orchestration.demo.journeys import create_visits
from orchestration.demo.people import DEVICES, create_people
from orchestration.demo.timeline import END, START, Ints
from tests.model_sql import NO_EXTENTS, CompiledModels, Row, empty
from tests.unit.funnel.conftest import NO_SALES

PLANTED_WEEKS = [a.BROKEN_STEP.first_day + timedelta(weeks=number) for number in range(3)]
STEP_BEFORE = "shipping"
"""What the shipped funnel calls the step before the one that fails."""
ORDER_VALUE = Decimal(90)


def instants(seconds: Ints) -> pa.Array:
    return pa.array(seconds.astype("datetime64[s]")).cast(pa.timestamp("us"))


def web() -> dict[str, pa.Table]:
    """The company's visits and clicks; each browser is taken for a person."""
    people = create_people(1)
    visits = create_visits(people)
    clicks = create_clicks(visits, mark_visits(visits, people), people)
    names = np.array([EVENT_NAMES.get(name, name) for name in KINDS], dtype=object)
    browsers = np.unique(visits.browser)
    return {
        "int_sessions__sessions_counted": pa.table(
            {
                "session_key": np.arange(len(visits)),
                "visitor_key": visits.browser,
                "started_at": instants(visits.start),
                "traffic_source_key": visits.channel,
                "device_type": pa.array(DEVICES[visits.device].tolist()),
                "country": pa.array(people.country[visits.person].tolist()),
                "landing_page": pa.nulls(len(visits), pa.string()),
            }
        ),
        "int_sessions__order_reports": empty(
            event_key=pa.int64(),
            order_key=pa.int64(),
            reported_at=pa.timestamp("us"),
            is_first=pa.bool_(),
        ),
        "int_sessions__events_sessionised": pa.table(
            {
                "event_key": np.arange(len(clicks.at)),
                "session_key": clicks.visit,
                "event_name": pa.array(names[clicks.kind].tolist()),
                "occurred_at": instants(clicks.at),
                "page_url": pa.nulls(len(clicks.at), pa.string()),
            }
        ),
        "stg_web__events": empty(
            source_name=pa.string(),
            event_name=pa.string(),
            session_key=pa.int64(),
            visitor_key=pa.int64(),
            login_key=pa.int64(),
            email_key=pa.int64(),
            order_key=pa.int64(),
            occurred_at=pa.timestamp("us"),
            page_url=pa.string(),
            consent=pa.string(),
        ),
        "int_core__order_references": empty(order_reference_key=pa.int64(), order_key=pa.int64()),
        "int_identity__identifiers_resolved": empty(
            kind=pa.string(), entity_key=pa.int64(), person_key=pa.int64()
        ),
        "int_identity__visitors": pa.table(
            {
                "visitor_key": browsers,
                "person_key": browsers,
                "customer_key": pa.nulls(len(browsers), pa.int64()),
            }
        ),
        "int_attribution__traffic_sources": pa.table(
            {
                "traffic_source_key": list(range(len(a.CHANNELS))),
                "channel": [channel.name for channel in a.CHANNELS],
                "campaign": ["(not set)"] * len(a.CHANNELS),
            }
        ),
    }


def calendar() -> dict[str, pa.Table]:
    """The days of the company's two years by week and by month."""
    days = [START + timedelta(days=number) for number in range((END - START).days + 1)]
    period_days = [
        {"period_grain": grain, "period_start": start, "date_day": day}
        for day in days
        for grain, start in (
            ("week", day - timedelta(days=day.weekday())),
            ("month", day.replace(day=1)),
        )
    ]
    periods = sorted({(str(row["period_grain"]), row["period_start"]) for row in period_days})
    return {
        "int_core__period_days": pa.Table.from_pylist(period_days),
        "int_core__periods": pa.table(
            {
                "period_grain": [grain for grain, _ in periods],
                "period_start": [start for _, start in periods],
                "period_end": pa.nulls(len(periods), pa.date32()),
                "silent_days": [0] * len(periods),
                "is_complete": [True] * len(periods),
            }
        ),
        "int_kpi__component_extents": NO_EXTENTS,
    }


def sales() -> dict[str, pa.Table]:
    """One order, whose value every lost person is worth; no leads and no deals."""
    money = pa.decimal128(18, 4)
    return {
        "int_core__orders_valued": pa.table(
            {
                "order_key": [1],
                "person_key": pa.nulls(1, pa.int64()),
                "ordered_at": pa.array([datetime(2026, 6, 1)], pa.timestamp("us")),
                "order_date": [date(2026, 6, 1)],
                "is_revenue": [True],
                "net_revenue": pa.array([ORDER_VALUE], money),
            }
        ),
        "int_core__opportunities_valued": empty(
            is_won=pa.bool_(), closed_date=pa.date32(), amount=money
        ),
        "int_core__customers": empty(customer_key=pa.int64(), segment=pa.string()),
        "int_funnel__stage_events": empty(
            entity_type=pa.string(),
            entity_key=pa.int64(),
            stage=pa.string(),
            occurred_at=pa.timestamp("us"),
        ),
        "int_funnel__sales_segments": NO_SALES,
        "stg_crm__stages": empty(source_name=pa.string(), stage=pa.string()),
    }


@pytest.fixture(scope="module")
def friction(demo_friction: CompiledModels) -> list[Row]:
    """The rows of funnel_friction."""
    return demo_friction.run(web() | calendar() | sales())["funnel_friction"]


def worst(friction: list[Row], grain: str) -> list[tuple[date, str, str, str]]:
    """Period, dimension, segment and step of every friction that is ranked, worst first."""
    ranked = [
        row
        for row in friction
        if row["period_grain"] == grain and row["is_friction"] and row["friction_rank"]
    ]
    ranked.sort(key=lambda row: int(row["friction_rank"]))
    return [(row["period_start"], row["dimension"], row["segment"], row["step"]) for row in ranked]


def test_the_worst_weeks_are_the_planted_ones_and_there_are_no_others(
    friction: list[Row],
) -> None:
    assert sorted(worst(friction, "week")) == [
        (week, "device", a.BROKEN_STEP.device, STEP_BEFORE) for week in PLANTED_WEEKS
    ]


def test_the_worst_month_is_the_planted_one_and_there_is_no_other(friction: list[Row]) -> None:
    assert worst(friction, "month") == [
        (date(2026, 2, 1), "device", a.BROKEN_STEP.device, STEP_BEFORE)
    ]


def test_the_loss_and_its_worth_agree_with_what_was_planted(friction: list[Row]) -> None:
    weeks = [
        row
        for row in friction
        if row["period_grain"] == "week"
        and (row["dimension"], row["segment"]) == ("device", a.BROKEN_STEP.device)
        and row["step"] == STEP_BEFORE
        and row["period_start"] in PLANTED_WEEKS
    ]
    planted_drop = a.BROKEN_STEP.normal_pass_rate - a.BROKEN_STEP.broken_pass_rate
    planted = sum(row["reached"] for row in weeks) * planted_drop
    assert planted > 40
    assert sum(row["lost_beyond_expected_low"] for row in weeks) < planted
    assert sum(row["lost_beyond_expected_high"] for row in weeks) > planted
    assert [row["is_worst"] for row in weeks].count(True) == 1
    for row in weeks:
        worth = row["lost_beyond_expected"] * row["downstream_rate"] * float(ORDER_VALUE)
        assert float(row["revenue_at_stake"]) == pytest.approx(worth, abs=0.0001)


def test_the_segments_of_every_dimension_add_up_to_the_whole(friction: list[Row]) -> None:
    sums: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in friction:
        key = (row["period_grain"], row["period_start"], row["step_number"], row["dimension"])
        for place, column in enumerate(("reached", "passed", "open")):
            sums[key][place] += row[column]
    for (grain, start, step, _), found in sums.items():
        assert found == sums[grain, start, step, "overall"]
