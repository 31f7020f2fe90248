"""Sessions and touches recomputed from events in plain Python.

The rules stand in docs/channels.md: a gap ends a session, a given session is kept, what a tag or a
click changes is a touch, and bots and endless sessions are set apart.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.keys import key
from tests.model_sql import Row

TIMEOUT = timedelta(minutes=30)
BOT_EVENTS_PER_MINUTE = 4
LONG = timedelta(hours=2)
START = datetime(2026, 3, 28, 22, 30)  # Paris puts its clocks forward in the night that follows.
BROWSER, BOT = "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0", "curl/8.5.0"

SOURCE = "site"


@dataclass(frozen=True)
class Event:
    number: int
    at: datetime
    visitor: str | None
    session: str | None
    tags: tuple[str | None, str | None] = (None, None)  # source and campaign
    click: str | None = None
    agent: str = BROWSER
    consent: str = "granted"

    @property
    def key(self) -> int:
        return key(SOURCE, f"e{self.number}")

    @property
    def order(self) -> tuple[datetime, bool, int]:
        """Of one instant, an event with tags or a click comes first; then the key decides."""
        return self.at, not (any(self.tags) or self.click), self.key

    def as_raw(self, load: int, row: int) -> Row:
        return {
            "event_id": f"e{self.number}",
            "occurred_at": self.at,
            "anonymous_id": self.visitor,
            "session_id": self.session,
            "event_name": "page_view",
            "utm_source": self.tags[0],
            "utm_campaign": self.tags[1],
            "click_id": self.click,
            "click_id_type": self.click and "gclid",
            "user_agent": self.agent,
            "consent": self.consent,
            "_source": SOURCE,
            "_source_file": f"{load}.csv",
            "_batch_id": load,
            "_row_number": row,
        }


def sessions_of(events: Sequence[Event]) -> dict[int, list[Event]]:
    """The events of each session, in order."""
    sessions = defaultdict(list)
    visits = defaultdict(list)
    for event in events:
        if event.session is not None:
            sessions[key("session", SOURCE, event.session)].append(event)
        elif event.visitor is not None:
            visits[event.visitor].append(event)
    for visit in visits.values():
        visit.sort(key=lambda event: event.order)
        first = visit[0]
        sessions[first.key].append(first)
        for before, event in pairwise(visit):
            if event.at - before.at > TIMEOUT:
                first = event
            sessions[first.key].append(event)
    return {name: sorted(found, key=lambda event: event.order) for name, found in sessions.items()}


def is_bot(events: Sequence[Event]) -> bool:
    minutes = max((events[-1].at - events[0].at) / timedelta(minutes=1), 1)
    too_fast = len(events) > BOT_EVENTS_PER_MINUTE * minutes
    return too_fast or any(event.agent == BOT for event in events)


def changes_of(events: Sequence[Event]) -> list[Event]:
    """The events that bring another campaign or click than the one that runs."""
    changes = []
    running: Event | None = None
    click: str | None = None  # the latest, whatever came after it
    for number, event in enumerate(events):
        if not (any(event.tags) or event.click):
            continue
        tags = tuple((tag or "").lower() for tag in event.tags)
        if running is None:
            is_change = True
        elif event.click and click:
            is_change = event.click != click
        else:
            is_change = tags != tuple((tag or "").lower() for tag in running.tags)
        if is_change and number > 0:
            changes.append(event)
        running = event
        click = event.click or click
    return changes


def expected(events: Sequence[Event]) -> dict[str, Any]:
    sessions = sessions_of(events)
    counted = {
        name: found
        for name, found in sessions.items()
        if not is_bot(found) and found[-1].at - found[0].at <= LONG
    }
    visitors = {
        name: None
        if any(event.consent == "denied" for event in found)
        else min((key(event.visitor) for event in found if event.visitor), default=None)
        for name, found in sessions.items()
    }
    return {
        "events": sorted(
            (event.key, name, number)
            for name, found in sessions.items()
            for number, event in enumerate(found, start=1)
        ),
        "sessions": sorted(
            (
                name,
                str(visitors[name]),
                found[0].at,
                found[-1].at,
                len(found),
                is_bot(found),
                found[-1].at - found[0].at > LONG,
                name in counted,
            )
            for name, found in sessions.items()
        ),
        "touches": sorted(
            [
                *(
                    (name, name, str(visitors[name]), found[0].at)
                    for name, found in counted.items()
                ),
                *(
                    (event.key, name, str(visitors[name]), event.at)
                    for name, found in counted.items()
                    for event in changes_of(found)
                ),
            ]
        ),
    }
