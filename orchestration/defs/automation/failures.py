"""Tells people of a run that failed, whoever started it."""

from collections.abc import Sequence

import dagster as dg

from orchestration import settings
from orchestration.defs.automation.daily_refresh import daily_refresh
from orchestration.lib import alerts
from orchestration.lib.publishing.releases import ReleaseStore
from orchestration.lib.refresh_lock import SKIPPED
from orchestration.summary import events_of, failed_checks, failure_reason, has_published

# A run with this tag has told of its failure itself.
TELLS_ITSELF = "tells_itself"


def tell(events: Sequence[dg.DagsterEvent]) -> list[str]:
    """Sends the alert of a failed run; returns a sentence per way that failed."""
    current = ReleaseStore(settings.load().home).current_id()
    alert = alerts.failed(
        failure_reason(events),
        current,
        blocked=bool(failed_checks(events)),
        published=has_published(events, current),
    )
    return alerts.send([alert], settings.load_alerts())


@dg.run_failure_sensor(
    monitored_jobs=[daily_refresh],
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells people of a refresh that failed, by the ways that WAREHOUSE_ALERTS names.",
)
def failures(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
    """One failed run."""
    if TELLS_ITSELF in context.dagster_run.tags:
        return dg.SkipReason("The command that started it has told already.")
    if SKIPPED in context.dagster_run.tags:
        return dg.SkipReason("Another refresh was running.")
    for problem in tell(events_of(context.instance, context.dagster_run.run_id)):
        context.log.warning(problem)
    return None
