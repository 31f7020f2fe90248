import json
import shutil
import stat
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from orchestration.lib import points
from orchestration.lib.publishing.candidate import read_content
from orchestration.lib.publishing.reader import NothingPublishedError, connect, open_read_only
from orchestration.lib.publishing.releases import ReleaseError
from tests.unit.publishing.conftest import TABLES, House


class Stopped(BaseException):
    """What a kill looks like to the code: nothing may catch it."""


def published_number(home: Path) -> int | None:
    try:
        with connect(home) as connection:
            row = connection.execute(
                "select min(value), min(net_revenue), max(net_revenue) "
                "from kpi.kpi_values, core.fct_orders"
            ).fetchone()
    except NothingPublishedError:
        return None
    assert row is not None
    assert row[0] == row[1] == row[2]
    return int(row[0])


def test_a_release_holds_the_published_columns_and_nothing_else(house: House) -> None:
    release = house.publish(7)
    with connect(house.home) as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables order by 1"
        ).fetchall()
        columns = [row[0] for row in connection.execute("describe core.fct_orders").fetchall()]
    assert tables == [("core.fct_orders",), ("kpi.kpi_values",)]
    assert columns == ["order_key", "net_revenue"]
    assert published_number(house.home) == 7
    assert release.id == "000001-20260701"


def test_descriptions_are_kept_as_comments(house: House) -> None:
    house.publish(7)
    with connect(house.home) as connection:
        table = connection.execute(
            "select comment from duckdb_tables() where table_name = 'fct_orders'"
        ).fetchone()
        column = connection.execute(
            "select comment from duckdb_columns() where column_name = 'order_key'"
        ).fetchone()
    assert table == ("One row per order; it's a test.",)
    assert column == ("The order's number.",)


def test_parquet_files_hold_the_same_rows(house: House) -> None:
    release = house.publish(7)
    file = release.directory / "parquet" / "core" / "fct_orders.parquet"
    with duckdb.connect() as connection:
        row = connection.execute(f"select count(*), min(net_revenue) from '{file}'").fetchone()
    assert row == (100, 7)


def test_the_manifest_says_what_a_release_is(house: House) -> None:
    house.publish(1)
    release = house.publish(2)
    manifest = json.loads((release.directory / "manifest.json").read_text())
    assert manifest["id"] == "000002-20260701"
    assert manifest["base"] == "000001-20260701"
    assert manifest["as_of"] == "2026-07-01T00:00:00Z"
    assert manifest["code_version"] == "abc"
    assert manifest["checks"] == {"core.fct_orders": "passed"}
    assert [(t["table"], t["rows"]) for t in manifest["tables"]] == [
        ("core.fct_orders", 100),
        ("kpi.kpi_values", 1),
    ]


def test_files_and_directory_of_a_release_are_read_only(house: House) -> None:
    release = house.publish(1)
    for path in release.directory.rglob("*"):
        assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH), path
    assert not release.directory.stat().st_mode & stat.S_IWUSR


def test_content_hashes_ignore_row_order_and_see_every_change() -> None:
    with duckdb.connect() as connection:

        def content_hash(rows: str) -> str:
            connection.execute(
                f"create or replace table t as select * from (values {rows}) v(a, b)"
            )
            return read_content(connection, "memory", "main", "t").content_hash

        base = content_hash("(1, 'x'), (2, 'y')")
        assert content_hash("(2, 'y'), (1, 'x')") == base
        assert content_hash("(1, 'y'), (2, 'x')") != base
        assert content_hash("(1, 'x'), (2, 'y'), (2, 'y')") != base
        assert content_hash("(1, 'x'), (2, 'y'), (2, 'y'), (2, 'y')") != base
        assert content_hash("(1, 'x'), (2, null)") != base


def test_a_reader_can_read_and_nothing_else(house: House, tmp_path: Path) -> None:
    house.publish(1)
    with connect(house.home) as connection:
        for statement in (
            "delete from kpi.kpi_values",
            "create table core.x as select 1",
            "select * from read_csv('/etc/passwd')",
            f"attach '{house.warehouse}' as w",
            f"copy core.fct_orders to '{tmp_path / 'out.csv'}'",
            "install httpfs",
            "set enable_external_access = true",
            "set threads = 1",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)


def test_a_connected_reader_keeps_its_release(house: House) -> None:
    house.publish(1)
    with connect(house.home) as connection:
        house.publish(2)
        house.store.retain(1)
        assert connection.execute("select value from kpi.kpi_values").fetchone() == (1,)
    assert published_number(house.home) == 2


def test_reading_before_the_first_publish_says_so(house: House) -> None:
    with pytest.raises(NothingPublishedError, match="Run a refresh first"):
        connect(house.home)


def test_an_unaudited_candidate_is_refused(house: House) -> None:
    candidate = house.build(1)
    with pytest.raises(ReleaseError, match=r"never audited: .*verdict\.json is missing"):
        house.store.publish(candidate)


def test_a_candidate_that_failed_its_audit_is_refused(house: House) -> None:
    house.publish(1)
    candidate = house.store.record_verdict(house.build(2), passed=False, report={"why": "x"})
    with pytest.raises(ReleaseError, match="did not pass its audit"):
        house.store.publish(candidate)
    assert published_number(house.home) == 1


@pytest.mark.parametrize("change_before_verdict", [True, False])
def test_a_file_that_changed_is_refused(house: House, change_before_verdict: bool) -> None:
    candidate = house.build(1)

    def change() -> None:
        candidate.database.chmod(0o644)
        with candidate.database.open("r+b") as stream:
            stream.seek(-1, 2)
            stream.write(b"\x01")

    if change_before_verdict:
        change()
    candidate = house.store.record_verdict(candidate, passed=True, report={})
    if not change_before_verdict:
        change()
    with pytest.raises(ReleaseError, match="not the file that was audited"):
        house.store.publish(candidate)
    assert house.store.current() is None


def test_a_candidate_built_on_an_older_release_is_refused(house: House) -> None:
    house.publish(1)
    late = house.store.record_verdict(house.build(2), passed=True, report={})
    house.publish(3)
    with pytest.raises(ReleaseError, match="another refresh published meanwhile"):
        house.store.publish(late)
    assert published_number(house.home) == 3


def test_the_waiting_candidate_is_found_again(house: House) -> None:
    with pytest.raises(ReleaseError, match="No candidate waits"):
        house.store.candidate()
    house.publish(1)
    with pytest.raises(ReleaseError, match="No candidate waits"):
        house.store.candidate()
    built = house.build(2)
    assert house.store.candidate() == built


def test_retention_keeps_the_last_releases(house: House) -> None:
    for number in range(1, 5):
        house.publish(number)
    assert house.store.retain(2) == ["000001-20260701", "000002-20260701"]
    assert [release.id for release in house.store.releases()] == [
        "000003-20260701",
        "000004-20260701",
    ]
    assert published_number(house.home) == 4


def test_retention_never_removes_the_current_release(house: House) -> None:
    for number in range(1, 4):
        house.publish(number)
    link = house.home / "current"
    link.unlink()
    link.symlink_to("releases/000001-20260701")
    assert house.store.retain(1) == ["000002-20260701"]
    assert published_number(house.home) == 1


def test_other_directories_beside_the_releases_are_left_alone(house: House) -> None:
    house.publish(1)
    (house.home / "releases" / "my backup").mkdir()
    house.publish(2)
    assert house.store.sweep() == []
    assert house.store.retain(1) == ["000001-20260701"]
    assert (house.home / "releases" / "my backup").is_dir()


def test_ids_keep_increasing_when_the_clock_goes_back(house: House) -> None:
    house.publish(1)
    house.write_warehouse(2)
    candidate = house.store.build_candidate(
        TABLES, as_of=datetime(2025, 1, 1), code_version="", warehouse=house.warehouse
    )
    assert candidate.id == "000002-20250101"


def test_a_full_disk_is_noticed_before_anything_is_written(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage(NamedTuple):
        free: int

    house.publish(1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free=1_000_000))
    with pytest.raises(ReleaseError, match="1 MB free, 210 MB needed"):
        house.build(2)
    assert len(list((house.home / "releases").glob("0*"))) == 1


def test_a_link_to_a_missing_release_is_an_error_that_names_it(house: House) -> None:
    house.publish(1)
    link = house.home / "current"
    link.unlink()
    link.symlink_to("releases/000009-20260701")
    with pytest.raises(ReleaseError, match=r"release 000009-20260701 is damaged"):
        house.store.current()


STEPS = (
    "directory made",
    "table copied",
    "database closed",
    "files on disk",
    "manifest written",
    "checks written",
    "verdict written",
    "link made",
    "link flipped",
    "publish recorded",
    "release unrecorded",
    "directory removed",
)


# A rollback's own steps are stopped at in test_rollback.py.
@pytest.mark.parametrize("step", STEPS)
def test_stopping_at_any_step_leaves_one_whole_release(house: House, step: str) -> None:
    reached = []

    def stop(name: str) -> None:
        reached.append(name)
        if name == step:
            raise Stopped

    house.publish(1)
    with points.observed(stop), pytest.raises(Stopped):
        house.publish(2)
        house.store.retain(1)
    assert reached[-1] == step
    flipped = step in STEPS[STEPS.index("link flipped") :]
    assert published_number(house.home) == (2 if flipped else 1)

    house.store.sweep()
    assert not list(house.home.glob(".current-*"))
    current = house.store.current()
    assert current is not None
    assert current in house.store.releases()
    for directory in (house.home / "releases").glob("0*"):
        assert (directory / "published.json").exists()

    house.publish(3)
    assert published_number(house.home) == 3


def test_sweeping_removes_candidates_that_were_not_published(house: House) -> None:
    house.publish(1)
    failed = house.store.record_verdict(house.build(2), passed=False, report={})
    assert house.store.sweep() == [failed.id]
    assert [release.id for release in house.store.releases()] == ["000001-20260701"]


def test_a_release_opens_under_its_own_path(house: House) -> None:
    release = house.publish(5)
    with open_read_only(release.database) as connection:
        assert connection.execute("select value from kpi.kpi_values").fetchone() == (5,)
