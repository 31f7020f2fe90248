"""Who may look into a warehouse home: its user alone, unless they let others in on purpose.

Landing, archive, quarantine and the work database hold personal data as it was delivered. A home
that is made here is closed to everybody else, and so is what a command or a refresh makes in it but
published releases: their files are readable for whoever may enter the home and `releases/`. The
mode of a directory that is there already is its owner's choice, and is never changed.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OTHERS = stat.S_IRWXO
_OF_NOBODY_ELSE = stat.S_IRWXG | stat.S_IRWXO
# The umasks that were set before those of `closed_to_others`, the user's own first.
_before: list[int] = []


def make(home: Path) -> None:
    """Makes a home that is not there yet, with mode 0700; one that is there stays as it is."""
    home.parent.mkdir(parents=True, exist_ok=True)
    home.mkdir(mode=stat.S_IRWXU, exist_ok=True)


@contextmanager
def closed_to_others() -> Iterator[None]:
    """What this process and those it starts make meanwhile is for its user alone.

    The umask belongs to the whole process: not for several threads that set it.
    """
    before = os.umask(_OF_NOBODY_ELSE)
    _before.append(before)
    try:
        yield
    finally:
        _before.pop()
        os.umask(before)


@contextmanager
def open_as_started() -> Iterator[None]:
    """Makes files as the umask says that this process was started with, for a while."""
    before = os.umask(_before[0]) if _before else None
    try:
        yield
    finally:
        if before is not None:
            os.umask(before)


def warning(home: Path) -> str | None:
    """What to do about a home that every user of the machine can enter; None for a closed one.

    A directory above that others cannot enter closes it too. Access that a group has is taken for
    meant.
    """
    if not home.is_dir() or not home.stat().st_mode & _OTHERS:
        return None
    if not all(place.stat().st_mode & stat.S_IXOTH for place in home.resolve().parents):
        return None
    return (
        f"{home} holds personal data and is open to every user of this machine: `chmod 700 {home}`"
        " closes it; docs/releases.md says how a group may read releases alone"
    )
