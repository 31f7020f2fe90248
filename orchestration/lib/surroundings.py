"""What the machine refuses, in words that a person can act on; and errors that quote no value.

A full disk or a missing permission reaches us as an error of Python, of DuckDB or, as text, of dbt;
so text is what is read here.
"""

import errno
import os
import re
import shutil
import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.lib.mendable import MendableError

# The operating system's own words, as Python and DuckDB repeat them, and those of SQLite, in which
# Dagster keeps its history.
_DISK = (
    "No space left on device",
    "Disk quota exceeded",
    "File too large",
    "database or disk is full",
)
_PERMISSION = (
    "Permission denied",
    "Read-only file system",
    "Operation not permitted",
    "attempt to write a readonly database",
    "unable to open database file",
)
_MEMORY = ("Out of Memory Error", "could not allocate block", "failed to pin block", "MemoryError")
_FILES = ("Too many open files",)
# How Python finds the Java process of Spark gone, under way and afterwards.
_JAVA = ("Answer from Java side is empty", "Error while sending or receiving", "[Errno 111]")
_DEVICE = ("Input/output error", "disk I/O error")
# With less room than this SQLite calls a full disk an I/O error.
_NO_ROOM = 1 << 20
_NAME = ("File name too long",)

_WRAPPERS = ("dagster", "dagster_shared", "sqlalchemy")

_PATH = re.compile(r"""['"](/[^'"\n]+)['"]""")
_LOCK = re.compile(r"Could not set lock on file \"?([^\":]+).*?(?:held in (.*?) \(PID (\d+)\)|$)")
_EMAIL = re.compile(r"[^\s@'\"<>(),;:=]+@[^\s@'\"<>(),;:=]+\.[A-Za-z]{2,}")
# DuckDB quotes what it cannot convert; names of tables and columns stand in double quotes.
_VALUE = re.compile(r"'(?:[^'\n]|'')*'")
_ERRNOS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.EMFILE,
    errno.ENFILE,
    errno.EIO,
    errno.ENAMETOOLONG,
)


class SurroundingsError(MendableError, RuntimeError):
    """The machine refused something; the message says what, where, and what to do."""


class QuietError(MendableError, RuntimeError):
    """An error of DuckDB's without the values that its own message quotes."""


def explain(text: str, home: Path) -> str | None:
    """What to do about an error of that text; None where the machine is not to blame for it."""
    found = _PATH.search(text)
    path = found[1] if found else str(home)
    refused = path if found else f"{home} or /dev/shm, which holds the locks of processes,"
    if "disk I/O error" in text and home.exists() and shutil.disk_usage(home).free < _NO_ROOM:
        return _full(path, home)
    if lock := _LOCK.search(text):
        who = f"{lock[2]} (pid {lock[3]})" if lock[3] else "another program"
        return (
            f"{lock[1]} is open in {who}. Close it there, then run it again; for looking around "
            "open the published file, which nobody locks."
        )
    sentences = (
        (_DISK, _full(path, home)),
        (
            _MEMORY,
            "There is not enough memory. Raise WAREHOUSE_MEMORY_LIMIT if the machine has more, "
            f"or free disk space in {home}: what does not fit is put there.",
        ),
        (
            _PERMISSION,
            f"{refused} may not be read or written. Give this user the right to, or mount it "
            "writable.",
        ),
        (
            _JAVA,
            "Spark's Java process has ended, perhaps for want of memory. Look at "
            f"{home / 'logs' / 'spark.log'}, at WAREHOUSE_MEMORY_LIMIT and the machine's memory.",
        ),
        (_FILES, "Too many files are open. Raise the limit (`ulimit -n`)."),
        (_DEVICE, f"The disk reports an error at {path}. Look at it before anything else."),
        (_NAME, f"{path} is too long a name for this disk."),
    )
    return next(
        (sentence for words, sentence in sentences if any(word in text for word in words)), None
    )


def explain_error(error: BaseException, home: Path) -> str | None:
    """`explain` for an exception: only those of the system, DuckDB and SQLite are looked at."""
    if isinstance(error, OSError) and error.errno not in _ERRNOS:
        return None
    if isinstance(error, MemoryError):
        return explain("MemoryError", home)
    if not isinstance(error, OSError | duckdb.Error | sqlite3.Error):
        return None
    return explain(str(error), home)


def without_values(text: str) -> str:
    """An error's text without what it quotes of the data."""
    return _EMAIL.sub("...", _VALUE.sub("'...'", text))


def without_addresses(text: str) -> str:
    """A text without e-mail addresses, everything else as it is."""
    return _EMAIL.sub("...", text)


@contextmanager
def told(home: Path) -> Iterator[None]:
    """Turns what the machine refuses, and errors that may quote a value, into sentences.

    Raises `SurroundingsError` or `QuietError`, neither of which carries the error it came from:
    Dagster keeps whole chains of errors.
    """
    try:
        yield
    except Exception as error:
        sentence = next(filter(None, (explain_error(one, home) for one in _chain(error))), None)
        if sentence is not None:
            raise SurroundingsError(sentence) from None
        if not isinstance(error, duckdb.Error):
            raise
        first = str(error).partition("\n")[0]
        place = traceback.extract_tb(error.__traceback__)[-1]
        raise QuietError(
            f"{without_values(first)} ({type(error).__name__}, {Path(place.filename).name}:"
            f"{place.lineno}). Where neither data nor rules explain it, report it with this line."
        ) from None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and, of those in which Dagster and its storage wrap others, what caused it.

    What our own errors say of their cause is more than could be said here.
    """
    while error is not None:
        yield error
        is_wrapper = type(error).__module__.partition(".")[0] in _WRAPPERS
        error = (error.__cause__ or error.__context__) if is_wrapper else None


def _full(path: str, home: Path) -> str:
    # Not `Path.exists`, which fails where the path is refused: what is explained here.
    places = (Path(path), *Path(path).parents)
    place = next((one for one in places if os.access(one, os.F_OK)), home)
    free = shutil.disk_usage(place).free / 1e6
    return (
        f"The disk is full, or a limit reached, at {path}: {free:,.0f} MB free. Free some space "
        "(`make status` says what takes it), then run it again."
    )
