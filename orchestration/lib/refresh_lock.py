"""One refresh at a time, across Dagster, the command line and every process sharing the home.

The kernel holds the lock and frees it when its holder dies, however that happens; the file only
says who holds it. A process id in a file alone would outlive its process and could be reused.
"""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.lib import homes
from orchestration.lib.mendable import MendableError

# Another process may look at the lock for a moment; that is not a refresh.
ATTEMPTS = 3
SECONDS_BETWEEN_ATTEMPTS = 0.05
# The tag of a run that found another one at work: nothing failed, and nobody need be told.
SKIPPED = "skipped"


class RefreshRunningError(MendableError, RuntimeError):
    """Another refresh holds the lock; the message names it."""


@dataclass(frozen=True)
class Holder:
    """Who holds the lock: process, machine, start as a UTC instant, and the run's own name."""

    pid: int
    host: str
    since: str
    run: str

    def __str__(self) -> str:
        """For a message, on one line."""
        return f"pid {self.pid} on {self.host}, since {self.since}, run {self.run}"


class RefreshLock:
    """The lock of one warehouse home."""

    def __init__(self, home: Path) -> None:
        """`home` is created when the lock is first taken."""
        self._path = home / "refresh.lock"

    @contextmanager
    def hold(self, run: str) -> Iterator[Holder]:
        """Holds the lock for a whole refresh, named `run` for whoever asks meanwhile.

        Raises `RefreshRunningError` at once where another refresh holds it.
        """
        homes.make(self._path.parent)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if not _try_lock(descriptor):
                raise _running(_read(descriptor))
            since = datetime.now(UTC).isoformat(timespec="seconds")
            holder = Holder(os.getpid(), socket.gethostname(), since, run)
            _write(descriptor, json.dumps(asdict(holder)))
            yield holder
            _write(descriptor, "")
        finally:
            os.close(descriptor)

    def require_free(self) -> None:
        """Raises `RefreshRunningError` where a refresh holds the lock, before one is prepared."""
        if holder := self.holder():
            raise _running(holder)

    def holder(self) -> Holder | None:
        """Who holds the lock now, `None` if nobody does."""
        if not self._path.exists():
            return None
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _read(descriptor)
            return None
        finally:
            os.close(descriptor)


@contextmanager
def in_turn(home: Path) -> Iterator[None]:
    """Waits while another process of this home reads its models, before any has the lock.

    Of two refreshes that are started together each parses them, into one folder.
    """
    folder = home / "build"
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "models.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _running(holder: Holder | None) -> RefreshRunningError:
    return RefreshRunningError(
        f"A refresh is already running: {holder or 'it has just started'}. "
        "Wait for it to end, or stop that process."
    )


def _try_lock(descriptor: int) -> bool:
    for attempt in range(ATTEMPTS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if attempt < ATTEMPTS - 1:
                time.sleep(SECONDS_BETWEEN_ATTEMPTS)
        else:
            return True
    return False


def _read(descriptor: int) -> Holder | None:
    """The holder as written; `None` in the instant between locking and writing."""
    try:
        return Holder(**json.loads(os.pread(descriptor, 4096, 0)))
    except (ValueError, TypeError):
        return None


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)
