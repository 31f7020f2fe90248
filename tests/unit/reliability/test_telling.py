"""Alerts of a release reach people: not lost where a refresh was stopped, nor told twice."""

from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.lib import alerts
from orchestration.lib.alerts import Alert
from orchestration.lib.publication import read_told, tell
from orchestration.settings import AlertSettings
from tests.unit.reliability.tiny import (
    THINGS,
    BrokenOffError,
    Tiny,
    break_off,
    first_day,
    stopping,
)

Alerts = list[tuple[str, list[str]]]


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    """Two alerts were told of one release."""
    tiny = Tiny.at(tmp_path / "home")
    first_day(tiny)
    tiny.refresh()
    assert told_since(tiny) == [("kpi", ["4", "5"])]
    return tiny


def told_since(tiny: Tiny) -> Alerts:
    """Kind and things of each alert in the file of alerts, which is emptied."""
    alerts = [
        (kind, [thing for thing in "456789" if f"thing {thing}," in text])
        for kind, text in tiny.alerts()
    ]
    tiny.alert_settings().file.unlink(missing_ok=True)
    return alerts


@pytest.mark.parametrize("point", ["link flipped", "publish recorded", "alert written"])
def test_what_a_stopped_refresh_did_not_tell_the_next_one_does(tiny: Tiny, point: str) -> None:
    tiny.put("things_4.csv", THINGS + "9,i,9\n")
    tiny.clock(1)
    with stopping(point, 1, break_off), pytest.raises(BrokenOffError):
        tiny.refresh()
    stopped = tiny.store.current()
    assert stopped is not None
    told_since(tiny)
    # Nothing is new in landing, and yet the next refresh is a whole one.
    assert not tiny.inputs().are_those_of(stopped.id)
    tiny.refresh()
    assert told_since(tiny) == [("stale", []), ("kpi", ["9"])]
    tiny.refresh()
    assert told_since(tiny) == []


def test_what_was_told_before_a_rollback_is_not_told_again(tiny: Tiny) -> None:
    tiny.put("things_4.csv", THINGS + "9,i,9\n")
    tiny.refresh()
    assert told_since(tiny) == [("kpi", ["9"])]
    tiny.store.rollback()
    tiny.store.resume()
    tiny.put("things_5.csv", THINGS + "8,j,8\n")
    tiny.refresh()
    assert told_since(tiny) == [("kpi", ["8"])]


def lost(tiny: Tiny, *ways: str) -> AlertSettings:
    """Alerts by ways of which the webhook does not work."""
    return replace(tiny.alert_settings(), ways=ways, webhook="http://127.0.0.1:9/")


def test_what_no_way_took_is_told_with_the_next_release(tiny: Tiny) -> None:
    tiny.put("things_4.csv", THINGS + "9,i,9\n")
    release, note = tiny.refresh(), tiny.settings().releases / "told.json"
    told_since(tiny)
    note.unlink()
    assert len(tell(release, note, lost(tiny, "webhook"))) == 1
    assert read_told(note).release == ""
    assert len(tell(release, note, lost(tiny, "webhook", "file"))) == 1
    assert read_told(note).release == release.id
    assert told_since(tiny) == [("kpi", ["4", "5", "9"])]
    assert tell(release, note, lost(tiny, "webhook")) == []


@pytest.mark.parametrize("refused", ["stale", "kpi"])
def test_one_of_two_alerts_that_no_way_took_is_told_with_the_next_release(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    tiny.put("things_4.csv", THINGS + "9,i,9\n")
    tiny.clock(1)
    # A stop between publishing and telling.
    with stopping("publish recorded", 1, break_off), pytest.raises(BrokenOffError):
        tiny.refresh()
    release, note = tiny.store.current(), tiny.settings().releases / "told.json"
    assert release is not None
    write, served = alerts.send_one, tiny.alert_settings()

    def refuse(alert: Alert, settings: AlertSettings) -> tuple[bool, list[str]]:
        return (False, ["refused"]) if alert.kind == refused else write(alert, settings)

    monkeypatch.setattr(alerts, "send_one", refuse)
    assert tell(release, note, served) == ["refused"]
    monkeypatch.undo()
    both = [("stale", []), ("kpi", ["9"])]
    assert told_since(tiny) == [one for one in both if one[0] != refused]
    assert tell(release, note, served) == []
    assert told_since(tiny) == [one for one in both if one[0] == refused]
    assert tell(release, note, served) == []
    assert told_since(tiny) == []


def test_a_damaged_note_is_as_none(tiny: Tiny) -> None:
    note = tiny.settings().releases / "told.json"
    note.chmod(0o644)
    for content in ("", "{", '{"other": 1}', "[]"):
        note.write_text(content)
        assert read_told(note) == read_told(note.with_name("none.json"))
    tiny.refresh()
    assert told_since(tiny) == [("kpi", ["4", "5"])]
