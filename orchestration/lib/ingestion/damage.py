"""A work database that can no longer be read: told from a busy disk, set aside, never mended.

DuckDB checks every block and every entry of its write-ahead log when it reads them. What fails that
check is moved to `damaged/` as it is, log and all, for whoever wants to know why; the archive holds
everything that was in it.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from orchestration.lib import points
from orchestration.lib.mendable import MendableError

# What DuckDB says of a file whose content is wrong.
_DAMAGE = (
    "Corrupt database file",
    "Corrupt WAL file",
    "Failure while replaying WAL file",
    "Could not read enough bytes",
    "not a valid DuckDB database file",
    "No more data remaining",
    "Failed to deserialize",
    "Failed to load metadata pointer",
)
# What it says where the file may be sound and something else is wrong.
_SURROUNDINGS = (
    "No space left",
    "Permission denied",
    "Could not set lock",
    "Too many open files",
    "Input/output error",
    "Out of Memory",
    "Failed to allocate",
    "newer version of DuckDB",
)


class DamagedError(MendableError, RuntimeError):
    """The work database is damaged; the message says where it is now, and what to do."""


def is_damage(error: BaseException) -> bool:
    """Whether DuckDB's error, or dbt's account of it, says that the database file is damaged."""
    text = str(error)
    return any(sign in text for sign in _DAMAGE) and not any(sign in text for sign in _SURROUNDINGS)


def directory_of(database: Path) -> Path:
    """Where what is damaged is put; only the last damage is kept."""
    return database.parent / "damaged"


def set_aside(database: Path) -> str:
    """Moves a damaged database and its log away; returns a sentence that says so."""
    kept = directory_of(database)
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    # What lies beside it first, such as its log: another database must not get that.
    for path in sorted(database.parent.glob(f"{database.name}*"), reverse=True):
        path.rename(kept / path.name)
    points.reached("damage set aside")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return f"{database} was damaged and has been moved to {kept} ({at})."


@contextmanager
def noticed(database: Path) -> Iterator[None]:
    """Sets the database aside where reading it fails for damage; raises `DamagedError`.

    For what works with a database that ingestion has just used: whoever finds the damage cannot
    mend it, and the next refresh does.
    """
    try:
        yield
    except Exception as error:
        if not is_damage(error):
            raise
        raise DamagedError(
            f"{set_aside(database)} Run the refresh again: it builds it from the archive first."
        ) from None


def forget_set_aside(database: Path) -> None:
    """Removes what was set aside: it holds whoever must be forgotten."""
    if directory_of(database).exists():
        shutil.rmtree(directory_of(database))
        points.reached("damage forgotten")
