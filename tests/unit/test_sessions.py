"""Sessions and touches as the models cut them, against a plain recomputation of the same rules.

None of it may depend on the order in which events arrive.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.keys import key
from tests.model_sql import CompiledModels, Row
from tests.unit.sessions_oracle import (
    BOT,
    BOT_EVENTS_PER_MINUTE,
    BROWSER,
    LONG,
    SOURCE,
    START,
    TIMEOUT,
    Event,
    expected,
)


@pytest.fixture(scope="module")
def models() -> CompiledModels:
    return CompiledModels(
        (
            "int_sessions__events_sessionised",
            "int_sessions__sessions_combined",
            "int_sessions__touches",
        ),
        {
            "session_timeout_minutes": TIMEOUT // timedelta(minutes=1),
            "bot_events_per_minute": BOT_EVENTS_PER_MINUTE,
            "long_session_hours": LONG // timedelta(hours=1),
        },
    )


def found(models: CompiledModels, raw: Sequence[Row]) -> dict[str, Any]:
    events, sessions, touches = models.run({"web_events": raw}).values()
    return {
        "events": sorted(
            (row["event_key"], row["session_key"], row["event_number"]) for row in events
        ),
        "sessions": sorted(
            (
                row["session_key"],
                str(row["visitor_key"]),
                row["started_at"],
                row["ended_at"],
                row["event_count"],
                row["is_bot"],
                row["is_long"],
                row["is_counted"],
            )
            for row in sessions
        ),
        "touches": sorted(
            (row["touch_key"], row["session_key"], str(row["visitor_key"]), row["touched_at"])
            for row in touches
        ),
    }


# Seconds from one event to the next; the limits themselves are what goes wrong most easily.
GAPS = st.sampled_from([0, 0, 1, 20, 600, 1200, 1800, 1800, 1801]) | st.integers(0, 4000)


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[Event], list[Row]]:
    """Events, and the rows in which they arrive: in any order, in several loads, some twice."""
    parts = draw(
        st.lists(
            st.tuples(
                GAPS,
                st.sampled_from(["anna", "anna", "ben", None]),
                # Sources that count both from one on name visits as they name events.
                st.sampled_from([None, None, None, "e1", "e2"]),
                st.sampled_from([(None, None)] * 3 + [("letter", "may"), ("Letter", "May")])
                | st.tuples(st.sampled_from([None, "ads"]), st.sampled_from([None, "june"])),
                st.sampled_from([None, None, None, "A", "B"]),
                st.sampled_from([BROWSER] * 9 + [BOT]),
                st.sampled_from(["granted", "granted", "unknown", "denied"]),
            ),
            min_size=1,
            max_size=30,
        )
    )
    moments = accumulate(seconds for seconds, *_ in parts)
    events = [
        Event(number, START + timedelta(seconds=moment), *rest)
        for number, (moment, (_, *rest)) in enumerate(zip(moments, parts, strict=True))
    ]
    repeated = draw(st.lists(st.sampled_from(events), max_size=4))
    arrivals = draw(st.permutations([*events, *repeated]))
    loads = draw(st.lists(st.integers(1, 3), min_size=len(arrivals), max_size=len(arrivals)))
    rows = [
        event.as_raw(load, row)
        for row, (event, load) in enumerate(zip(arrivals, loads, strict=True))
    ]
    return events, rows


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stream=streams())
def test_sessions_are_those_of_the_rules_in_any_order_of_arrival(
    models: CompiledModels, stream: tuple[list[Event], list[Row]]
) -> None:
    events, rows = stream
    assert found(models, rows) == expected(events)


def minutes(*offsets: int, visitor: str = "anna") -> list[Event]:
    return [
        Event(number, START + timedelta(minutes=offset), visitor, None)
        for number, offset in enumerate(offsets)
    ]


def test_what_a_given_session_says_of_itself_runs_before_its_events(
    models: CompiledModels,
) -> None:
    """Its own tags again are no change, others are; the first event is the start in any case."""
    session = {"session_id": "s1", "started_at": START, "anonymous_id": "anna", "_source": SOURCE}
    tagged = session | {"utm_source": "letter", "utm_campaign": "may"}
    again, other = ("Letter", "May"), ("ads", "may")
    events = [
        Event(number, START + timedelta(minutes=number), "anna", "s1", tags)
        for number, tags in enumerate([(None, None), again, other, other])
    ]
    raw = [event.as_raw(1, number) for number, event in enumerate(events)]
    for given_session, changes in ((tagged, [events[2]]), (session, [events[1], events[2]])):
        *_, touches = models.run({"web_events": raw, "web_sessions": [given_session]}).values()
        assert sorted(row["touch_key"] for row in touches) == sorted(
            [key("session", SOURCE, "s1"), *(event.key for event in changes)]
        )


def test_a_late_event_merges_the_two_sessions_it_lies_between(models: CompiledModels) -> None:
    first, last, late = minutes(0, 50, 25)
    before = found(models, [first.as_raw(1, 1), last.as_raw(1, 2)])
    assert [row[0] for row in before["sessions"]] == sorted([first.key, last.key])
    after = found(models, [first.as_raw(1, 1), last.as_raw(1, 2), late.as_raw(2, 1)])
    assert [(row[0], row[4]) for row in after["sessions"]] == [(first.key, 3)]


def test_a_late_first_event_names_the_session(models: CompiledModels) -> None:
    second, first = minutes(10, 0)
    after = found(models, [second.as_raw(1, 1), first.as_raw(2, 1)])
    assert [row[0] for row in after["sessions"]] == [first.key]


def test_a_session_passes_midnight_and_the_change_of_the_clock(models: CompiledModels) -> None:
    """From 23:30 in Paris over 2:00, which is 3:00, to 3:30: two hours, 20 minutes apart."""
    events = minutes(*range(0, 121, 20))
    after = found(models, [event.as_raw(1, number) for number, event in enumerate(events)])
    assert [(row[0], row[4], row[7]) for row in after["sessions"]] == [(events[0].key, 7, True)]


def test_the_first_events_of_a_google_analytics_visit_are_one_touch(
    models: CompiledModels,
) -> None:
    """Its export gives `session_start`, `first_visit` and `page_view` one microsecond; only the
    page view carries the collected tags, and a reload of the page carries them again."""
    at = START.replace(microsecond=123456)
    tags = ("google", "brand")
    events = [
        Event(1, at, "1234.5678", None),
        Event(2, at, "1234.5678", None),
        Event(3, at, "1234.5678", None, tags, "Cj0KCQ"),
        Event(4, at + timedelta(seconds=10), "1234.5678", None),
        Event(5, at + timedelta(seconds=40), "1234.5678", None, tags, "Cj0KCQ"),
        Event(6, at + timedelta(minutes=20), "1234.5678", None, ("newsletter", "may")),
    ]
    after = found(models, [event.as_raw(1, number) for number, event in enumerate(events)])
    assert [(row[0], row[3]) for row in after["touches"]] == sorted(
        [(events[2].key, at), (events[5].key, at + timedelta(minutes=20))]
    )
