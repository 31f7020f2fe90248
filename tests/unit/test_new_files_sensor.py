"""The sensor starts one refresh for what is new and complete in landing, and no other."""

import os
import time
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.defs.automation import new_files as module
from orchestration.defs.automation.new_files import new_files
from orchestration.lib.arrivals import look
from orchestration.lib.ingestion import files
from orchestration.lib.refresh_lock import RefreshLock
from tests.unit.ingestion.house import House, things


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    house = things(tmp_path)
    house.company()
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_SOURCES", str(tmp_path / "company"))
    monkeypatch.setattr(module, "SETTLE_SECONDS", 0)
    return house


def tick(cursor: str | None = None) -> dg.SensorResult:
    result = new_files(dg.build_sensor_context(cursor=cursor))
    assert isinstance(result, dg.SensorResult)
    return result


def reason(result: dg.SensorResult) -> str:
    assert not result.run_requests
    return result.skip_reason.skip_message or "" if result.skip_reason else ""


def test_an_empty_landing_starts_nothing(house: House) -> None:
    house.put("unread.txt", "of no source")
    assert reason(tick()) == "Landing holds no file that a source reads."


def test_new_files_start_one_run(house: House) -> None:
    house.put("things_1.csv", "thing_id,label\n")
    first = tick()
    assert len(first.run_requests or []) == 1
    assert reason(tick(first.cursor)) == "Nothing new in landing."
    house.put("things_2.csv", "thing_id,label\n")
    second = tick(first.cursor)
    assert len(second.run_requests or []) == 1
    assert second.cursor != first.cursor


def test_rewritten_and_removed_files_are_new(house: House) -> None:
    path = house.put("things_1.csv", "thing_id,label\n1,a\n")
    first = tick()
    path.write_text("thing_id,label\n1,b\n")
    second = tick(first.cursor)
    assert second.run_requests
    path.rename(path.with_name("things_9.csv"))
    third = tick(second.cursor)
    assert third.run_requests
    # A state that was there before counts again.
    path.with_name("things_9.csv").rename(path)
    assert tick(third.cursor).run_requests


def test_a_manifest_that_is_corrected_is_new(house: House) -> None:
    house.put("things_1.csv", "thing_id,label\n1,a\n")
    house.put("things_1.csv.manifest.json", '{"rows": 2}')
    first = tick()
    assert reason(tick(first.cursor)) == "Nothing new in landing."
    house.put("things_1.csv.manifest.json", '{"rows": 1 }')
    assert tick(first.cursor).run_requests


def test_files_that_are_being_written_are_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SETTLE_SECONDS", 30)
    house.put("things_1.csv", "thing_id,label\n")
    result = tick()
    assert reason(result) == "Waiting for files that are still new: 1."
    assert result.cursor is None


def test_unfinished_names_do_not_count(house: House) -> None:
    house.put("things_1.csv", "thing_id,label\n")
    cursor = tick().cursor
    house.put("things_2.csv.part", "thing_id,lab")
    assert reason(tick(cursor)) == "Nothing new in landing."


def test_a_running_refresh_is_waited_for(house: House) -> None:
    house.put("things_1.csv", "thing_id,label\n")
    with RefreshLock(house.root).hold("by hand"):
        result = tick()
        assert "A refresh is running" in reason(result)
        assert result.cursor is None
    assert tick().run_requests


def test_a_file_is_settled_after_its_time(house: House) -> None:
    house.put("things_1.csv", "thing_id,label\n")
    company = house.company()
    for later, unsettled in ((5, ("things_1.csv",)), (31, ())):
        now = time.time() + later
        found = look(house.landing, company, now=now, settle_seconds=30)
        assert found.unsettled == unsettled


def test_a_file_that_is_moved_while_it_is_looked_at_is_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = house.put("things_1.csv", "thing_id,label\n")
    house.put("things_2.csv", "thing_id,label\n")
    find = files.find

    def listed(*where: Any) -> list[Any]:
        there = list(find(*where))
        moved.unlink(missing_ok=True)
        return there

    monkeypatch.setattr(files, "find", listed)
    found = look(house.landing, house.company(), now=time.time() + 31, settle_seconds=30)
    assert found.unsettled == ("things_1.csv",)


def test_a_file_from_the_future_is_settled_after_its_time_too(house: House) -> None:
    file = house.put("things_1.csv", "thing_id,label\n")
    os.utime(file, (4e9, 4e9))
    for later, unsettled in ((5, ("things_1.csv",)), (31, ())):
        now = time.time() + later
        found = look(house.landing, house.company(), now=now, settle_seconds=30)
        assert found.unsettled == unsettled


def test_it_is_switched_on_by_its_user() -> None:
    assert new_files.default_status is dg.DefaultSensorStatus.STOPPED
