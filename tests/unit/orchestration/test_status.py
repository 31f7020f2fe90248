"""What `make status` says waits in landing is what the next refresh would load."""

import os
import shutil
import time
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import duckdb
import pytest

from orchestration import settings, status
from orchestration.lib.ingestion import landing
from orchestration.lib.publishing.releases import Release
from tests.unit.ingestion.house import things


def test_the_status_tells_which_files_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "_RACY_NANOSECONDS", 0)
    house = things(tmp_path)
    for number in (1, 2):
        house.put(f"things_{number}.csv", f"thing_id,label\n{number},a\n")
    house.put("things_10.csv.bak", "of no source")
    long_ago = time.time() - 3600
    for path in house.landing.iterdir():
        os.utime(path, (long_ago, long_ago))
    notes = house.load().problems
    assert any("1 files in landing are read by no source: 'things_10.csv.bak'" in n for n in notes)
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_SOURCES", str(tmp_path / "company"))
    home = settings.load()
    assert dict(status.lines(home))["waiting"] == "no new file in landing"
    house.put("things_1.csv", "thing_id,label\n1,b\n")
    house.put("things_3.csv", "thing_id,label\n3,a\n")
    os.utime(house.landing / "things_2.csv")
    assert dict(status.lines(home))["waiting"] == (
        "2 new files in landing, 2 of them still young: things_1.csv, things_3.csv"
    )


def test_a_database_that_is_gone_makes_no_file_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", "thing_id,label\n1,a\n")
    house.load()
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_SOURCES", str(tmp_path / "company"))
    home = settings.load()
    home.database.unlink()
    assert dict(status.lines(home))["waiting"] == (
        "1 files in landing; which are new is known when the next refresh has made the database, "
        "which is gone, from the archive"
    )


@pytest.mark.parametrize("load", ["append", "upsert"])
def test_copies_and_old_files_in_anothers_place_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, load: str
) -> None:
    """Young files are in no list of what landing held: only their bytes tell what they are."""
    house = things(tmp_path, load=load)
    for name in ("things_1.csv", "things_copy.csv"):
        house.put(name, "thing_id,label\n1,a\n")
    house.put("things_2.csv", "thing_id,label\n2,a\n")
    house.put("things_bad.csv", "no_such_column\n2\n")
    (house.landing / "things_link.csv").symlink_to("things_1.csv")
    house.load()
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_SOURCES", str(tmp_path / "company"))
    home = settings.load()
    assert dict(status.lines(home))["waiting"] == "no new file in landing"

    os.utime(house.put("things_2.csv", "thing_id,label\n2,b\n"), (1_000_000_000, 1_000_000_000))
    # What another file holds replaces what this one brought; to `append` it is nothing new.
    house.put("things_1.csv", "thing_id,label\n2,a\n")
    waiting = ["things_1.csv", "things_2.csv"] if load == "upsert" else ["things_2.csv"]
    assert dict(status.lines(home))["waiting"].endswith(f"young: {', '.join(waiting)}")


def test_the_status_tells_of_the_database_that_shall_show_the_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = things(tmp_path)
    house.load()
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_SOURCES", str(tmp_path / "company"))
    assert "postgres" not in dict(status.lines(settings.load()))
    monkeypatch.setenv("WAREHOUSE_POSTGRES", "postgresql://u:secret@127.0.0.1:1/db")
    told = dict(status.lines(settings.load()))["postgres"]
    assert told == "nothing is published that it could show"


def test_a_source_that_fell_silent_among_others_is_named(tmp_path: Path) -> None:
    database = tmp_path / "published.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create schema core; create table core.source_health as"
            " select 'stale' as freshness, unnest(['crm_leads', 'shop_orders']) as raw_table,"
            " 0 as rows_quarantined, 0 as files_refused"
        )
    states = {"crm_leads": {"freshness": "stale"}, "shop_orders": {"silent_source": "shop_uk"}}
    manifest = SimpleNamespace(source_freshness=states)
    release = cast("Release", SimpleNamespace(database=database, manifest=manifest))
    assert dict(status._source_lines(release))["sources"] == (
        "2 stale: crm_leads, shop_orders (source shop_uk)"
    )


@pytest.mark.parametrize(
    ("basis", "told"),
    [
        ({"last_batch": 1}, "; 1 loaded, not published: `make refresh`"),
        ({"last_batch": 2}, ""),
        ({}, ""),
    ],
)
def test_what_a_killed_or_held_refresh_loaded_is_told(
    tmp_path: Path, basis: dict[str, int], told: str
) -> None:
    house = things(tmp_path)
    for number in (1, 2):
        house.put(f"things_{number}.csv", f"thing_id,label\n{number},a\n")
    house.load()
    release = cast("Release", SimpleNamespace(manifest=SimpleNamespace(basis=basis)))
    assert status._unpublished(release, status._known(house.database)) == told


def test_rows_read_by_a_former_source_yaml_are_told_until_a_rebuild(tmp_path: Path) -> None:
    house = things(tmp_path)
    assert status._outdated(house.database) == ""
    house.put("things_1.csv", "thing_id,label\n1,a\n")
    house.load()
    house.tables["things"]["timezone"] = "Europe/Paris"
    house.load()
    house.tables["things"]["null_values"] = ["-"]
    for _ in range(2):
        house.load()
        assert status._outdated(house.database) == (
            "rows read by a former source.yaml, see `make rebuild`: "
            "s.things (null_values, timezone)"
        )
    house.rebuild()
    assert status._outdated(house.database) == ""


def test_rows_that_a_new_snapshot_replaced_are_no_longer_told(tmp_path: Path) -> None:
    house = things(tmp_path, load="snapshot")
    house.put("things_1.csv", "thing_id,label\n1,a\n")
    house.load()
    house.tables["things"]["timezone"] = "Europe/Paris"
    house.load()
    assert "s.things (timezone)" in status._outdated(house.database)
    house.put("things_2.csv", "thing_id,label\n1,b\n")
    house.load()
    assert status._outdated(house.database) == ""


def test_a_release_that_is_removed_meanwhile_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = tmp_path / "releases" / "000001-20260701"
    release.mkdir(parents=True)
    (release / "published.duckdb").write_bytes(b"x")
    stat = os.stat

    def removed_first(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if not follow_symlinks:
            shutil.rmtree(release, ignore_errors=True)
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "stat", removed_first)
    assert status._size(tmp_path / "releases") == "0 MB"
