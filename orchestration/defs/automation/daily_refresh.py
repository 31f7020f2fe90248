"""The main job: everything, in the order of the graph, once a day."""

import dagster as dg

from orchestration import settings
from orchestration.lib.refresh import open_graph

daily_refresh = dg.define_asset_job(
    "daily_refresh",
    selection=dg.AssetSelection.all(),
    description="From landing to a published release.",
    config={"loggers": {"file": {}}},
)


@dg.definitions
def every_morning() -> dg.Definitions:
    """The schedule, on the company's own clock.

    It has no partitions: of mornings that were missed, Dagster makes up for the latest alone, and
    that one run loads whatever came in meanwhile and publishes once.
    """
    current = settings.load()
    hour, minute = current.refresh_at
    schedule = dg.ScheduleDefinition(
        name="every_morning",
        job=daily_refresh,
        cron_schedule=f"{minute} {hour} * * *",
        execution_timezone=open_graph(current).company.business_timezone,
        # Whoever opens the web UI to look around should not publish by it: switched on there, once.
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Starts daily_refresh once a day, in the business timezone.",
    )
    return dg.Definitions(schedules=[schedule])
