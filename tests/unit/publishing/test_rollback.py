"""Going back to an earlier release, and what that holds back."""

import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb
import pytest

from orchestration.lib import points
from orchestration.lib.publishing.marks import MarkError, read_sealed, write_sealed
from orchestration.lib.publishing.reader import NothingPublishedError, connect
from orchestration.lib.publishing.releases import ReleaseError, ReleaseStore
from orchestration.lib.publishing.verification import verify
from tests.unit.publishing.conftest import House
from tests.unit.reliability import figures
from tests.unit.reliability.tiny import BrokenOffError, break_off, stopping


def number(home: Path) -> int:
    with connect(home) as connection:
        row = connection.execute("select value from kpi.kpi_values").fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def three(house: House) -> House:
    for value in (1, 2, 3):
        house.publish(value)
    return house


def test_a_rollback_shows_the_release_before_and_connected_readers_keep_theirs(
    three: House,
) -> None:
    with connect(three.home) as connected:
        assert three.store.rollback(reason="revenue doubled").id == "000002-20260701"
        assert connected.execute("select value from kpi.kpi_values").fetchone() == (3,)
    assert number(three.home) == 2


@pytest.mark.parametrize("point", ["hold written", "link made", "link flipped"])
def test_a_rollback_that_was_stopped_goes_no_further_when_it_is_given_again(
    three: House, point: str
) -> None:
    with stopping(point, 1, break_off), pytest.raises(BrokenOffError):
        three.store.rollback(reason="revenue doubled")
    assert three.store.rollback().id == "000002-20260701"
    assert number(three.home) == 2
    assert three.store.rollback().id == "000001-20260701"
    assert number(three.home) == 1


def test_a_lost_link_is_no_first_release(three: House) -> None:
    """As a restore leaves it that drops links: a refresh would compare with no release."""
    (three.home / "current").unlink()
    for step in (three.store.current, three.store.rollback, partial(three.build, 4)):
        with pytest.raises(ReleaseError, match=r"rollback TO=<release>.*000003-20260701"):
            step()
    three.store.rollback("000003-20260701")
    assert number(three.home) == 3
    three.store.resume()
    assert three.publish(4).id == "000004-20260701"


def test_a_folder_in_place_of_the_link_is_told(three: House) -> None:
    (three.home / "current").unlink()
    (three.home / "current").mkdir()
    for step in (three.store.current, partial(three.store.rollback, "000003-20260701")):
        with pytest.raises(ReleaseError, match="is a folder, not the link"):
            step()


def test_a_current_release_whose_folder_is_gone_is_damaged(three: House) -> None:
    folder = three.home / "releases" / "000003-20260701"
    folder.chmod(0o755)  # Nobody but root moves a folder that may not be written.
    folder.rename(three.home / "moved")
    assert three.store.ids()[-1] == "000003-20260701"
    assert [one.release for one in verify(three.store, None) if one.problems] == ["000003-20260701"]
    with pytest.raises(NothingPublishedError, match=r"000003-20260701.* is not there"):
        connect(three.home)
    three.store.rollback()
    assert number(three.home) == 2


@pytest.mark.parametrize("content", ["{", "[]", '{"left": "000002-20260701"}'])
def test_nothing_is_published_while_nobody_can_tell_whether_it_is_on_hold(
    three: House, content: str
) -> None:
    mark = three.home / "releases" / "hold.json"
    mark.write_text(content)
    candidate = three.store.record_verdict(three.build(4), passed=True, report={})
    with pytest.raises(MarkError, match=r"hold\.json cannot be read.*remove the file"):
        three.store.publish(candidate)
    assert number(three.home) == 3
    mark.unlink()
    assert three.store.publish(candidate).id == candidate.id


def test_a_mark_that_cannot_be_opened_is_named(three: House) -> None:
    (three.home / "releases" / "hold.json").mkdir()
    with pytest.raises(MarkError, match=r"hold\.json cannot be read: .*directory"):
        three.store.hold()


def test_a_pin_is_taken_back_while_nobody_else_sets_one(three: House) -> None:
    three.store.pin("000001-20260701")
    unpin = threading.Thread(target=three.store.unpin, args=("000001-20260701",))
    with three.store.alone("publish"):
        unpin.start()
        unpin.join(0.3)
        assert "000001-20260701" in three.store.pins()
    unpin.join()
    assert not three.store.pins()


def test_history_tells_of_no_pin_that_was_refused(three: House) -> None:
    releases = three.home / "releases"
    (releases / "pins.json").write_text("{")
    with pytest.raises(MarkError, match=r"pins\.json cannot be read"):
        three.store.pin("000001-20260701", "figures of the annual report")
    assert not (releases / "history.jsonl").exists()


@pytest.mark.long
def test_a_rollback_of_a_big_release_takes_less_than_a_second(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(number: int) -> None:
        House.write_warehouse(house, number)
        with duckdb.connect(str(house.warehouse)) as connection:
            connection.execute(
                "insert into core.fct_orders select (hash(i) >> 1)::bigint, $1, 'x'"
                " from range(15000000) as t(i)",
                [number],
            )

    monkeypatch.setattr(house, "write_warehouse", write)
    size = house.publish(1).database.stat().st_size
    house.publish(2)
    with connect(house.home) as connected:
        started = time.process_time()
        house.store.rollback()
        seconds = time.process_time() - started
        assert connected.execute("select value from kpi.kpi_values").fetchone() == (2,)
    assert number(house.home) == 1
    house.store.rollback(to="000002-20260701")

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "rollback"],
        env={**os.environ, "WAREHOUSE_HOME": str(house.home)},
        capture_output=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert number(house.home) == 1
    figures.note(
        "Rollback to a release, a reader connected",
        f"{seconds:.2f} s of processor time for {size / 1e6:.0f} MB, {whole:.2f} s with the "
        "start of the command",
    )
    assert seconds < 1


def test_a_second_rollback_goes_further_back_and_a_named_one_anywhere(three: House) -> None:
    three.store.rollback()
    three.store.rollback()
    assert number(three.home) == 1
    three.store.rollback(to="000003-20260701")
    assert number(three.home) == 3


def test_a_rollback_goes_to_what_the_release_was_built_on_not_to_one_that_was_left(
    house: House,
) -> None:
    house.publish(1)
    house.publish(2)
    house.store.rollback(reason="2 is wrong")
    house.store.resume()
    house.publish(3)
    assert house.store.rollback(reason="3 is wrong too").id == "000001-20260701"


@pytest.mark.parametrize(
    ("lost", "to"), [("base", "000002-20260701"), ("manifest", "000001-20260701")]
)
def test_a_rollback_goes_to_one_that_was_left_only_where_no_other_is_kept(
    house: House, lost: str, to: str
) -> None:
    for value in (1, 2):
        house.publish(value)
    house.store.rollback()
    house.store.resume()
    release = house.publish(3)
    if lost == "base":
        house.store.pin("000002-20260701")
        assert house.store.retain(1) == ["000001-20260701"]
    else:
        manifest = release.directory / "manifest.json"
        manifest.chmod(0o644)
        manifest.write_text("{")
    assert house.store.rollback().id == to


def test_a_rollback_that_is_done_already_can_be_asked_for_again(three: House) -> None:
    three.store.rollback(reason="wrong")
    hold = three.store.hold()
    assert three.store.rollback(to="000002-20260701").id == "000002-20260701"
    assert three.store.hold() == hold
    three.store.resume()
    with pytest.raises(ReleaseError, match="is the current one already"):
        three.store.rollback(to="000002-20260701")


def test_nothing_is_published_after_a_rollback_until_it_is_resumed(three: House) -> None:
    three.store.rollback(reason="revenue doubled")
    with pytest.raises(ReleaseError, match=r"on hold .*revenue doubled.*make resume"):
        three.publish(3)
    assert number(three.home) == 2

    ended = three.store.resume()
    assert ended is not None
    assert (ended.left, ended.to) == ("000003-20260701", "000002-20260701")
    assert three.store.resume() is None
    assert three.publish(5).manifest.base == "000002-20260701"
    assert number(three.home) == 5


def test_what_a_rollback_left_is_kept_until_it_is_resumed(three: House) -> None:
    three.store.rollback(to="000001-20260701")
    assert three.store.retain(1) == ["000002-20260701"]
    three.store.resume()
    assert three.store.retain(1) == []
    assert three.store.ids() == ["000001-20260701", "000003-20260701"]


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("000009-20260701", "There is no release '000009-20260701'; there are: 000001-20260701"),
        ("000003-20260701", "is the current one already"),
    ],
)
def test_a_release_that_cannot_be_rolled_back_to_is_named(three: House, to: str, says: str) -> None:
    with pytest.raises(ReleaseError, match=says):
        three.store.rollback(to=to)
    assert three.store.hold() is None


def test_there_may_be_nothing_to_go_back_to(house: House) -> None:
    with pytest.raises(ReleaseError, match="nothing to roll back from"):
        house.store.rollback()
    house.publish(1)
    with pytest.raises(ReleaseError, match="no release before 000001-20260701"):
        house.store.rollback()


def test_a_damaged_release_is_not_rolled_back_to(three: House) -> None:
    database = three.store.releases()[1].database
    database.chmod(0o644)
    with database.open("r+b") as stream:
        stream.seek(100)
        stream.write(b"\xff")
    with pytest.raises(ReleaseError, match="make verify"):
        three.store.rollback()
    assert number(three.home) == 3
    assert three.store.hold() is None


def test_a_rollback_that_is_stopped_shows_one_whole_release_and_holds(three: House) -> None:
    class Stopped(BaseException):
        pass

    for step in ("hold written", "link made", "link flipped"):

        def stop(name: str, step: str = step) -> None:
            if name == step:
                raise Stopped

        with points.observed(stop), pytest.raises(Stopped):
            three.store.rollback(to="000001-20260701")
        assert number(three.home) == (1 if step == "link flipped" else 3)
        assert three.store.hold() is not None


def test_publishing_what_is_current_changes_nothing(house: House) -> None:
    release = house.publish(1)
    before = (release.directory / "published.json").read_bytes()
    assert house.store.publish(release) == release
    assert (release.directory / "published.json").read_bytes() == before


def test_a_pinned_release_survives_retention_until_it_is_unpinned(three: House) -> None:
    three.store.pin("000001-20260701", "figures of the annual report")
    assert three.store.retain(1) == ["000002-20260701"]
    with pytest.raises(ReleaseError, match="not pinned; pinned: 000001-20260701"):
        three.store.unpin("000003-20260701")
    three.store.unpin("000001-20260701")
    assert three.store.retain(1) == ["000001-20260701"]
    with pytest.raises(ReleaseError, match="There is no release"):
        three.store.pin("000001-20260701")


def test_young_releases_stay_whatever_their_number(three: House) -> None:
    assert three.store.retain(1, days=1) == []
    record = three.store.releases()[0].directory / "published.json"
    record.parent.chmod(0o755)
    write_sealed(record, read_sealed(record) | {"published_at": "2020-01-01T00:00:00.000Z"})
    assert three.store.retain(1, days=1) == ["000001-20260701"]


@pytest.mark.parametrize(
    "remove", [partial(ReleaseStore.retain, keep=1), ReleaseStore.remove_all_but_current]
)
@pytest.mark.parametrize("come_to", [ReleaseStore.rollback, ReleaseStore.pin])
def test_who_goes_back_or_pins_waits_for_a_removal_and_is_told_what_is_left(
    three: House,
    remove: Callable[[ReleaseStore], object],
    come_to: Callable[[ReleaseStore, str], object],
) -> None:
    told: list[str] = []

    def come() -> None:
        try:
            come_to(ReleaseStore(three.home), "000002-20260701")
        except ReleaseError as error:
            told.append(str(error))

    person = threading.Thread(target=come)

    def observe(point: str) -> None:
        if point == "directory removed" and not person.ident:
            person.start()
            person.join(timeout=0.5)

    with points.observed(observe):
        remove(three.store)
    person.join()
    assert told == ["There is no release '000002-20260701'; there are: 000003-20260701."]
    assert number(three.home) == 3


def test_the_id_of_a_release_that_was_left_and_erased_is_not_given_again(three: House) -> None:
    three.store.rollback()
    with (three.home / "releases" / "history.jsonl").open("a") as history:
        history.write('{"at": "2026-07-01T00:00:00')
    assert three.store.remove_all_but_current() == ("000001-20260701", "000003-20260701")
    three.store.resume()
    assert three.publish(4).id == "000004-20260701"


def test_a_damaged_release_is_left_for_a_person(three: House) -> None:
    record = three.store.releases()[0].directory / "published.json"
    record.parent.chmod(0o755)
    record.chmod(0o644)
    record.write_text("{")
    assert three.store.retain(1) == ["000002-20260701"]
    assert three.store.ids() == ["000001-20260701", "000003-20260701"]


def test_every_rollback_resumption_and_pin_is_remembered(three: House) -> None:
    three.store.rollback(reason="wrong rate")
    three.store.resume()
    history = three.home / "releases" / "history.jsonl"
    # As a full disk leaves it.
    history.write_text(history.read_text().removesuffix("\n"))
    three.store.pin("000001-20260701", "why")
    three.store.unpin("000001-20260701")
    events = [json.loads(line) for line in history.read_text().splitlines()]
    assert [event["event"] for event in events] == ["rollback", "resume", "pin", "unpin"]
    assert events[0]["reason"] == "wrong rate"


def test_a_reason_that_is_signed_by_an_address_keeps_none(three: House) -> None:
    three.store.rollback(reason="wrong rate (ann@firm.example)")
    three.store.pin("000001-20260701", "for bob@firm.example")
    assert "wrong rate ([email])" in str(three.store.hold())
    assert three.store.pins() == {"000001-20260701": "for [email]"}
    assert "firm.example" not in (three.home / "releases" / "history.jsonl").read_text()
