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
from orchestration.lib.inputs import fingerprint_of_rules
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
    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", _relax)


def _relax(connection: object, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")


@functools.lru_cache(maxsize=4)
def _engine_of(file: str, options: tuple[tuple[str, Any], ...]) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(
        file, poolclass=sqlalchemy.pool.NullPool, connect_args=dict(options)
    )


def keep_engines_of_event_logs() -> None:
    """Spares a new SQLAlchemy engine for each event, which knows no statement yet.

    Compiling the same few statements again and again takes some seconds of a small refresh. Only
    the engine is kept: each event still has a connection of its own.
    """

    def create_engine(
        file: str, *, poolclass: object, connect_args: dict[str, Any]
    ) -> sqlalchemy.Engine:
        return _engine_of(file, tuple(connect_args.items()))

    sqlite_event_log.create_engine = create_engine  # type: ignore[assignment, attr-defined]


@dg.definitions
def definitions() -> dg.Definitions:
    """The asset graph, its checks and jobs, run in one process."""
    settings.turn_telemetry_off()
    write_event_log_unsynced()
    keep_engines_of_event_logs()
    # Before the models are parsed: what is saved from now on is for the next refresh.
    rules_read = fingerprint_of_rules(settings.load())
    return dg.Definitions.merge(
        dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
        dg.Definitions(
            resources={"refresh": refresh_resource(rules_read)},
            executor=dg.in_process_executor,
            loggers={"file": file_logger},
        ),
    )
