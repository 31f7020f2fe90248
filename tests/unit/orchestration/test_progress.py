import logging

import pytest

from orchestration.lib import progress


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    monkeypatch.setattr(progress.logger, "handlers", [handler])
    monkeypatch.setattr(progress.logger, "level", logging.INFO)
    return lines


def test_a_line_begins_with_the_step(said: list[str]) -> None:
    progress.say("rules", "checked")
    assert said == ["rules      checked"]


def test_a_counter_reports_once_a_second_and_at_the_end(clock: Clock, said: list[str]) -> None:
    counter = progress.Counter("dbt build", 4)
    for name in ("a", "b", "c", "d"):
        clock.now += 0.4
        counter.advance(name)
    assert said == ["dbt build  3/4  1s  c", "dbt build  4/4  2s  d"]


def test_many_small_things_are_reported_once_a_second(clock: Clock, said: list[str]) -> None:
    report = progress.sparingly("ingest")
    for name in ("a", "b", "c"):
        report(name)
        clock.now += 0.6
    assert said == ["ingest     a", "ingest     c"]
