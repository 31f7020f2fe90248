"""What the steps of one run share."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from pydantic import PrivateAttr

from orchestration import settings
from orchestration.lib.refresh import Refresh, open_refresh
from orchestration.lib.refresh_lock import RefreshLock


class RefreshResource(dg.ConfigurableResource[Refresh]):
    """The refresh that a run carries out; holds the home's lock for as long as the run lasts.

    The executor is in-process, so a run has exactly one: one clock, one lock.
    """

    _refresh: Refresh = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["RefreshResource"]:
        """Fixes the clock and takes the lock before the first step; raises if it is taken."""
        current = settings.load()
        with RefreshLock(current.home).hold(context.run_id or "without a run"):
            self._refresh = open_refresh(current)
            yield self

    @property
    def refresh(self) -> Refresh:
        """The run's refresh."""
        return self._refresh
