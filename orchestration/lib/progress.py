"""What a person watching a refresh sees: which step, how far, how long."""

import logging
import time
from collections.abc import Callable

logger = logging.getLogger("kpi_warehouse.progress")


class Counter:
    """Reports a long step at most once a second and at its end."""

    def __init__(self, step: str, total: int) -> None:
        self._step = step
        self._total = total
        self._done = 0
        self._started = self._reported = time.monotonic()

    def advance(self, name: str) -> None:
        """Counts one part as done."""
        self._done += 1
        now = time.monotonic()
        if now - self._reported >= 1 or self._done == self._total:
            self._reported = now
            say(self._step, f"{self._done}/{self._total}  {now - self._started:.0f}s  {name}")


def sparingly(step: str) -> Callable[[str], None]:
    """A reporter of many small things that passes on at most one line a second."""
    reported = 0.0

    def report(text: str) -> None:
        nonlocal reported
        now = time.monotonic()
        if now - reported >= 1:
            reported = now
            say(step, text)

    return report


def say(step: str, text: str) -> None:
    """Reports one line of progress."""
    logger.info("%-10s %s", step, text)
