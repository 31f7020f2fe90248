"""What the steps of one run share."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import dagster as dg

from orchestration import housekeeping, settings
from orchestration.lib import homes, progress
from orchestration.lib.refresh import Refresh, open_refresh
from orchestration.lib.refresh_lock import SKIPPED, RefreshLock, RefreshRunningError


def refresh_resource(rules_read: str, code_read: str | None = None) -> dg.ResourceDefinition:
    """The resource `refresh`; both are fingerprints of what its process was to read."""

    @dg.resource
    def refresh_of_run(context: dg.InitResourceContext) -> Iterator[Refresh]:
        """The refresh that a run carries out; holds the home's lock for as long as the run lasts.

        The executor is in-process, so a run has exactly one: one clock, one lock. Raises
        `RefreshRunningError` where another run holds the lock.
        """
        current = settings.load()
        run_id = context.run_id or "without a run"
        with (
            homes.closed_to_others(),
            _lock(context, RefreshLock(current.home), run_id),
            housekeeping.time_limit(current.time_limit_hours),
        ):
            if problem := homes.warning(current.home):
                progress.say("refresh", f"! {problem}")
            if context.instance is not None:
                housekeeping.tidy(context.instance, current.dagster_home, run_id)
            refresh = open_refresh(current, rules_read, code_read)
            try:
                yield refresh
            finally:
                refresh.build.close()

    return refresh_of_run


@contextmanager
def _lock(context: dg.InitResourceContext, lock: RefreshLock, run_id: str) -> Iterator[None]:
    """Holds the lock; where another run does, says so of this one before it raises.

    A refresh looks at the lock before it starts, but holds it only when it has read its models.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(lock.hold(run_id))
        except RefreshRunningError:
            if context.instance is not None and context.run_id:
                why = "another refresh was running"
                context.instance.add_run_tags(context.run_id, {SKIPPED: why})
            raise
        yield
