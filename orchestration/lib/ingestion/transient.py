"""Trying again what may work in a moment; nothing else is ever tried again."""

from collections.abc import Callable
from time import sleep
from typing import TypeVar

from orchestration.lib.ingestion.files import FileRefusedError

# Seconds before the second and the third attempt.
PAUSES = (1.0, 4.0)

Result = TypeVar("Result")


class UnavailableError(FileRefusedError):
    """A place that does not answer at the moment: a refused connection, a timeout."""


def attempt(action: Callable[[], Result]) -> Result:
    """The result of `action`, tried again after each pause while it is unavailable."""
    for pause in PAUSES:
        try:
            return action()
        except UnavailableError:
            sleep(pause)
    return action()
