"""What a refresh tidies before it begins: runs that ended without a word, and the oldest of all.

Dagster keeps every event of every run, some megabytes a refresh, and takes a run whose process was
killed for one that still goes on and holds its pools. Whoever calls this holds the lock of the
home, so that no other refresh is on its way.
"""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from orchestration.defs.automation.failures import TELLS_ITSELF, tell
from orchestration.lib import points, progress
from orchestration.summary import events_of

JOB = "daily_refresh"
# Enough to look back a month; a run takes up to ten megabytes.
KEPT_RUNS = 30
# A step that does not let itself be interrupted is ended by the kernel after this.
SECONDS_TO_END = 120
_OPEN = (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)


def close_abandoned_runs(instance: dg.DagsterInstance, own_run_id: str) -> list[str]:
    """Marks refreshes whose process is gone as failed, so that alerts and status tell of them."""
    filters = dg.RunsFilter(job_name=JOB, statuses=list(_OPEN))
    abandoned = [run for run in instance.get_runs(filters) if run.run_id != own_run_id]
    for run in abandoned:
        instance.report_run_failed(
            run, "Its process ended without a word: killed, out of memory, or the machine stopped."
        )
    return [run.run_id for run in abandoned]


def free_pools(instance: dg.DagsterInstance, own_run_id: str) -> list[str]:
    """Takes the pools back from runs that are gone; a run would wait for them for ever.

    Whatever uses a pool holds the lock of the home, which is ours.
    """
    storage = instance.event_log_storage
    others = sorted(storage.get_concurrency_run_ids() - {own_run_id})
    for run_id in others:
        storage.free_concurrency_slots_for_run(run_id)
    return others


def forget_old_runs(instance: dg.DagsterInstance, dagster_home: Path) -> list[str]:
    """Removes all but the last refreshes from Dagster's history, files and all."""
    records = instance.get_run_records(dg.RunsFilter(job_name=JOB))
    old = [record.dagster_run.run_id for record in records[KEPT_RUNS:]]
    for run_id in old:
        instance.delete_run(run_id)
        # Dagster empties these files and leaves them.
        for file in (dagster_home / "history" / "runs").glob(f"{run_id}.db*"):
            file.unlink()
        shutil.rmtree(dagster_home / "storage" / run_id, ignore_errors=True)
        points.reached("run forgotten")
    return old


def tidy(instance: dg.DagsterInstance, dagster_home: Path, own_run_id: str) -> None:
    """All of it, for an instance that outlives its process."""
    if instance.is_ephemeral:
        return
    free_pools(instance, own_run_id)
    for run_id in close_abandoned_runs(instance, own_run_id):
        progress.say("refresh", f"! run {run_id} before this one was killed; this one makes up")
        run = instance.get_run_by_id(run_id)
        # It was to tell of its failure itself, and could not.
        if run is not None and TELLS_ITSELF in run.tags:
            for problem in tell(events_of(instance, run_id)):
                progress.say("refresh", f"! {problem}")
    forget_old_runs(instance, dagster_home)


@contextmanager
def time_limit(hours: float) -> Iterator[None]:
    """Ends a run that takes longer, as Ctrl-C would; kills it where that does not help.

    Dagster's own limit is enforced by its daemon, which `make refresh` does not need.
    """
    over = threading.Event()

    def watch() -> None:
        if over.wait(hours * 3600):
            return
        progress.say("refresh", f"! stopped after {hours:g} hours, see WAREHOUSE_TIME_LIMIT_HOURS")
        os.kill(os.getpid(), signal.SIGINT)
        if not over.wait(SECONDS_TO_END):
            os.kill(os.getpid(), signal.SIGKILL)

    watcher = threading.Thread(target=watch, name="time limit", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
