"""Starts a refresh when complete new files lie in landing."""

import hashlib
import time

import dagster as dg

from orchestration import settings
from orchestration.defs.automation.daily_refresh import daily_refresh
from orchestration.lib.arrivals import SETTLE_SECONDS, Arrivals, look
from orchestration.lib.company import CompanyError, load_company
from orchestration.lib.refresh_lock import Holder, RefreshLock


def decide(
    arrivals: Arrivals, last_fingerprint: str | None, holder: Holder | None
) -> dg.SensorResult:
    """A run for landing as it is now, or why not; the cursor is the last run's fingerprint."""
    if not arrivals.file_count:
        return dg.SensorResult(skip_reason="Landing holds no file that a source reads.")
    if arrivals.fingerprint == last_fingerprint:
        return dg.SensorResult(skip_reason="Nothing new in landing.")
    if arrivals.unsettled:
        count = len(arrivals.unsettled)
        return dg.SensorResult(skip_reason=f"Waiting for files that are still new: {count}.")
    if holder:
        return dg.SensorResult(skip_reason=f"A refresh is running: {holder}.")
    # No run key: landing may come back to a state that it had before, and is new again then.
    tags = {"landing": arrivals.fingerprint[:12]}
    return dg.SensorResult(run_requests=[dg.RunRequest(tags=tags)], cursor=arrivals.fingerprint)


def tell_once(problem: str, last: str | None) -> dg.SensorResult:
    """A run that fails by a company that cannot be read, and so tells people; one for each fault.

    What can be read again is new, whatever lies in landing.
    """
    cursor = f"unreadable {hashlib.sha256(problem.encode()).hexdigest()}"
    if cursor == last:
        return dg.SensorResult(skip_reason=problem)
    return dg.SensorResult(run_requests=[dg.RunRequest()], cursor=cursor)


@dg.sensor(
    job=daily_refresh,
    minimum_interval_seconds=30,
    # Whoever opens the web UI to look around should not publish by it: switched on there, once.
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Starts daily_refresh when complete new files lie in landing.",
)
def new_files(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """One tick: looks at names, sizes and times, reads no content."""
    current = settings.load()
    try:
        company = load_company(current.sources_dir)
    except CompanyError as error:
        return tell_once(str(error), context.cursor)
    arrivals = look(current.landing, company, now=time.time(), settle_seconds=SETTLE_SECONDS)
    return decide(arrivals, context.cursor, RefreshLock(current.home).holder())
