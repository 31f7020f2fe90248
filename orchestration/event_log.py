"""How Dagster's log of events, a few thousand rows of SQLite a refresh, costs little."""

import atexit
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import sqlalchemy
from dagster._core.storage.event_log.sqlite import sqlite_event_log

# A server that runs for long reads the logs of many runs, one file each.
MOST_ENGINES = 32
INDEX = f"{sqlite_event_log.INDEX_SHARD_NAME}.db"


def make_cheap() -> None:
    """Has SQLite not wait for the disk, and one engine open each file. Twice is as once."""
    if not sqlalchemy.event.contains(sqlalchemy.Engine, "connect", _write_unsynced):
        sqlalchemy.event.listen(sqlalchemy.Engine, "connect", _write_unsynced)
    storage = vars(sqlite_event_log)
    if not isinstance(storage["create_engine"], _Kept):
        storage["create_engine"] = _Kept(storage["create_engine"])


def _write_unsynced(connection: object, _record: object) -> None:
    """Half the time of a small refresh would be waiting for the disk.

    A power cut can cost the log its last events, never data: the warehouse and its releases are
    written by other means.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")


class _Open(sqlalchemy.QueuePool):
    """Connections that stay open when their engine is disposed of, as it is after each event."""

    def dispose(self) -> None:
        pass

    def recreate(self) -> Self:
        return self

    def close(self) -> None:
        super().dispose()


class _Kept:
    """Gives the engine that was made before for the same file.

    Dagster makes one for each event, which learns its dialect, compiles its statements and opens
    the file anew. The index of all runs stays open. The file of a run does not: who watches the run
    in the web UI is told of an event when SQLite closes it.
    """

    def __init__(self, create_engine: Callable[..., sqlalchemy.Engine]) -> None:
        self._create_engine = create_engine
        self._engines: dict[tuple[str, int], sqlalchemy.Engine] = {}
        atexit.register(self._close_all)

    def __call__(self, address: str, **options: Any) -> sqlalchemy.Engine:
        file = Path(sqlalchemy.make_url(address).database or "")
        if not file.exists():
            return self._create_engine(address, **options)
        # Another file at the same place, as after a removal, is not the one that is open.
        key = address, file.stat().st_ino
        found = self._engines.get(key)
        if found is None:
            if len(self._engines) >= MOST_ENGINES:
                self._close_all()
            if file.name == INDEX:
                options["poolclass"] = _Open
            found = self._engines[key] = self._create_engine(address, **options)
        return found

    def _close_all(self) -> None:
        for engine in self._engines.values():
            if isinstance(engine.pool, _Open):
                engine.pool.close()
        self._engines.clear()
