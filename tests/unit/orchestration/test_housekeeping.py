"""Dagster's history stays small, a killed run does not count as running, a long one is ended."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
import yaml

from orchestration import cli, housekeeping, settings, status
from orchestration.defs.automation.failures import failures
from orchestration.lib.refresh_lock import RefreshLock
from orchestration.resources import refresh_resource
from orchestration.summary import failure_reason
from tests.unit.reliability.tiny import (
    BrokenOffError,
    break_off,
    in_another_process,
    kill_myself,
    stopping,
)


@dg.op
def nothing() -> None:
    pass


@dg.job(name=housekeeping.JOB)
def job() -> None:
    nothing()


def run_once(home: Path) -> None:
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        assert job.execute_in_process(instance=instance).success


def begin_and_die(instance: dg.DagsterInstance) -> str:
    """What a killed process leaves in Dagster's history."""
    run = instance.create_run_for_job(job)
    instance.report_dagster_event(
        dg.DagsterEvent(event_type_value="PIPELINE_START", job_name=housekeeping.JOB), run.run_id
    )
    return run.run_id


def test_a_run_whose_process_is_gone_is_told_as_failed(tmp_path: Path) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        dead, mine = begin_and_die(instance), begin_and_die(instance)
        assert housekeeping.close_abandoned_runs(instance, mine) == [dead]
        statuses = {run.run_id: run.status.value for run in instance.get_runs()}
        assert statuses == {dead: "FAILURE", mine: "STARTED"}
        told = [log.dagster_event for log in instance.all_logs(dead) if log.dagster_event]
        assert "Its process ended without a word" in failure_reason(told)
        assert housekeeping.close_abandoned_runs(instance, mine) == []


@pytest.mark.parametrize("is_closed", [False, True], ids=["open", "closed by Dagster"])
def test_a_run_whose_process_is_gone_holds_no_pool(tmp_path: Path, *, is_closed: bool) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        dead, waiting, mine = (begin_and_die(instance) for _ in range(3))
        if is_closed:
            housekeeping.close_abandoned_runs(instance, mine)
        storage = instance.event_log_storage
        storage.set_concurrency_slots("warehouse", 1)
        assert storage.claim_concurrency_slot("warehouse", dead, "step").is_claimed
        assert not storage.claim_concurrency_slot("warehouse", waiting, "step").is_claimed
        assert not storage.claim_concurrency_slot("warehouse", mine, "step").is_claimed
        housekeeping.tidy(instance, tmp_path, mine)
        assert storage.claim_concurrency_slot("warehouse", mine, "step").is_claimed
        assert storage.get_concurrency_run_ids() == {mine}


@dg.op(required_resource_keys={"refresh"})
def refreshing() -> None:
    pass


@dg.job(name=housekeeping.JOB, resource_defs={"refresh": refresh_resource("")})
def refreshing_job() -> None:
    refreshing()


def test_a_run_that_finds_another_one_at_work_is_skipped_without_an_alert(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    home = settings.load()
    cli.prepare_dagster(home.dagster_home)
    with dg.DagsterInstance.from_config(str(home.dagster_home)) as instance:
        assert job.execute_in_process(instance=instance).success
        with RefreshLock(tmp_path).hold("the first one"):
            result = refreshing_job.execute_in_process(instance=instance, raise_on_error=False)
        run = instance.get_run_by_id(result.run_id)
        assert run is not None
        assert not result.success
        told = failures(
            dg.build_run_status_sensor_context(
                sensor_name="failures",
                dagster_instance=instance,
                dagster_run=run,
                dagster_event=result.get_run_failure_event(),
            ).for_run_failure()
        )
    assert isinstance(told, dg.SkipReason)
    assert not (tmp_path / "logs" / "alerts.jsonl").exists()
    assert dict(status.lines(home))["last run"] == "success, 0 min ago"


def forget_and_stop(home: Path, how: Callable[[], None]) -> None:
    """Forgets all but two runs, stopped after the first that goes."""
    housekeeping.KEPT_RUNS = 2
    with (
        dg.DagsterInstance.local_temp(str(home)) as instance,
        stopping("run forgotten", 1, how),
    ):
        housekeeping.forget_old_runs(instance, home)


# Another process has to import Dagster first.
@pytest.mark.parametrize("how", ["error", pytest.param("kill", marks=pytest.mark.long)])
def test_old_runs_are_forgotten_with_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(housekeeping, "KEPT_RUNS", 2)
    for _ in range(4):
        run_once(tmp_path)
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        kept = [run.run_id for run in instance.get_runs()][:2]
    if how == "kill":
        assert in_another_process(forget_and_stop, tmp_path, kill_myself) == -signal.SIGKILL
    else:
        with pytest.raises(BrokenOffError):
            forget_and_stop(tmp_path, break_off)
    # Stopped on its way, it goes on where it was.
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        assert len(instance.get_runs()) == 3
        housekeeping.tidy(instance, tmp_path, "mine")
        assert [run.run_id for run in instance.get_runs()] == kept
    left = {file.stem for file in (tmp_path / "history" / "runs").glob("*-*.db")}
    assert left == set(kept)
    assert {path.name for path in (tmp_path / "storage").glob("*-*")} <= set(kept)


def test_a_run_that_takes_too_long_is_interrupted(request: pytest.FixtureRequest) -> None:
    # As Dagster does for a run: a shell that starts the tests in the background ignores the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt), housekeeping.time_limit(0.1 / 3600):
        time.sleep(20)
    assert time.monotonic() - started < 10
    with housekeeping.time_limit(1):
        pass


def test_the_status_tells_of_a_run_that_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    home = settings.load()
    cli.prepare_dagster(home.dagster_home)
    with dg.DagsterInstance.from_config(str(home.dagster_home)) as instance:
        run_id = begin_and_die(instance)
    told = dict(status.lines(home))
    assert told["last run"] == f"killed, run {run_id}; the next refresh makes up for it"
    with RefreshLock(tmp_path).hold(run_id):
        assert dict(status.lines(home))["last run"] == f"started, run {run_id}"


def test_dagsters_settings_are_kept_up_to_date_until_somebody_edits_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "dagster.yaml"
    cli.prepare_dagster(tmp_path)
    written = file.read_text()
    assert yaml.safe_load(written) == yaml.safe_load(cli.DAGSTER_INSTANCE)
    newer = cli.DAGSTER_INSTANCE + "code_servers: {local_startup_timeout: 99}\n"
    for template, before, is_kept in (
        (newer, written, False),
        (newer, cli.DAGSTER_INSTANCE, True),
        (newer, written.replace("90", "30"), True),
        (newer, written + "# Ann was here.\n", True),
    ):
        monkeypatch.setattr(cli, "DAGSTER_INSTANCE", template)
        file.write_text(before)
        cli.prepare_dagster(tmp_path)
        assert file.read_text().startswith(before if is_kept else template)
    assert [path.name for path in tmp_path.iterdir()] == ["dagster.yaml"]
