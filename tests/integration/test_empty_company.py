"""A company that has not delivered anything yet, refreshed by Dagster's own command."""

from orchestration.lib.refresh_lock import RefreshLock
from tests.integration.conftest import dagster_job
from tests.integration.house import House
from tests.integration.test_demo_release import MARTS


def test_every_mart_is_published_without_a_row_of_facts(empty: House) -> None:
    found = empty.release(0, "select schema_name || '.' || table_name from duckdb_tables()")
    assert sorted(name for (name,) in found) == MARTS
    for name in MARTS:
        if name.split(".")[1].startswith("fct_"):
            assert empty.release(0, f"select count(*) from {name}") == [(0,)], name


def test_every_kpi_says_that_it_has_no_data(empty: House) -> None:
    assert empty.release(0, "select distinct has_data, value from kpi.kpi_values") == [
        (False, None)
    ]
    assert empty.release(
        0, "select distinct status, data_status from kpi.kpi_scorecard where is_small_sample"
    ) in ([], [("no_data", "missing")])


def test_every_raw_table_is_named_as_empty(empty: House) -> None:
    assert empty.release(
        0, "select distinct freshness, row_count, files_refused from core.source_health"
    ) == [("empty", 0, 0)]


def test_dagsters_command_says_that_a_refresh_is_running(empty: House) -> None:
    before = empty.manifest()["id"]
    (empty.home / "dagster").mkdir(exist_ok=True)
    with RefreshLock(empty.home).hold("the test"):
        finished = dagster_job(empty)
    assert finished.returncode != 0
    assert "A refresh is already running" in finished.stdout + finished.stderr
    assert empty.manifest()["id"] == before
