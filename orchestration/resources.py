"""What the steps of one run share."""

from collections.abc import Iterator

import dagster as dg

from orchestration import housekeeping, settings
from orchestration.lib.refresh import Refresh, open_refresh
from orchestration.lib.refresh_lock import RefreshLock


@dg.resource
def refresh_resource(context: dg.InitResourceContext) -> Iterator[Refresh]:
    """The refresh that a run carries out; holds the home's lock for as long as the run lasts.

    The executor is in-process, so a run has exactly one: one clock, one lock. Raises
    `RefreshRunningError` where another run holds the lock.
    """
    current = settings.load()
    run_id = context.run_id or "without a run"
    with (
        RefreshLock(current.home).hold(run_id),
        housekeeping.time_limit(current.time_limit_hours),
    ):
        if context.instance is not None:
            housekeeping.tidy(context.instance, current.dagster_home, run_id)
        refresh = open_refresh(current)
        try:
            yield refresh
        finally:
            refresh.build.close()
