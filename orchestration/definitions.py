"""Everything Dagster knows: the folders under `defs/`, and what holds for the whole project."""

import functools
import logging
import sqlite3
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy
from dagster._core.storage.event_log.sqlite import sqlite_event_log

from orchestration import settings
from orchestration.resources import refresh_resource

LARGEST_LOG = 10_000_000


@dg.logger({}, description="Dagster's own lines, in a file: the console is for progress.")
def file_logger(context: dg.InitLoggerContext) -> logging.Logger:
    """A logger that appends to `logs/dagster.log` of the warehouse home."""
    logs = settings.load().logs
    logs.mkdir(parents=True, exist_ok=True)
    logger = logging.Logger("dagster", level=logging.DEBUG)
    handler = RotatingFileHandler(logs / "dagster.log", maxBytes=LARGEST_LOG, backupCount=2)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    return logger


def write_event_log_unsynced() -> None:
    """Spares the event log's syncs to disk, of which a refresh makes over a thousand.

    Dagster opens its SQLite log anew for each event; without this, half the time of a small refresh
    is spent waiting for the disk. A power cut can cost the log its last events, never data: the
    warehouse and its releases are written by other means.
    """

    def relax(connection: object, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("pragma synchronous = off")

    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", relax)


@functools.lru_cache(maxsize=8)
def event_log_engine(url: str, options: tuple[tuple[str, Any], ...]) -> sqlalchemy.Engine:
    """The engine of one file of the event log; eight are kept, more than one run needs."""
    return sqlalchemy.create_engine(
        url, **{name: dict(value) if name == "connect_args" else value for name, value in options}
    )


def keep_event_log_engines() -> None:
    """Spares the event log a new SQLAlchemy engine for each of its ten thousand statements.

    A new engine compiles every statement anew: a third of what the log costs. Dagster has no
    setting for it; its module is given engines that are kept. They hold no connection between
    statements.
    """

    def kept(url: str, **options: Any) -> sqlalchemy.Engine:
        hashable = {
            name: tuple(v.items()) if isinstance(v, dict) else v for name, v in options.items()
        }
        return event_log_engine(url, tuple(hashable.items()))

    vars(sqlite_event_log)["create_engine"] = kept


@dg.definitions
def definitions() -> dg.Definitions:
    """The asset graph, its checks and jobs, run in one process."""
    settings.turn_telemetry_off()
    write_event_log_unsynced()
    keep_event_log_engines()
    return dg.Definitions.merge(
        dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
        dg.Definitions(
            resources={"refresh": refresh_resource},
            executor=dg.in_process_executor,
            loggers={"file": file_logger},
        ),
    )
