"""Everything Dagster knows: the folders under `defs/`, and what holds for the whole project."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

import dagster as dg

from orchestration import event_log, settings
from orchestration.lib import homes
from orchestration.lib.inputs import fingerprint_of_code, fingerprint_of_rules
from orchestration.lib.refresh_lock import in_turn
from orchestration.resources import refresh_resource

LARGEST_LOG = 10_000_000


@dg.logger({}, description="Dagster's own lines, in a file: the console is for progress.")
def file_logger(context: dg.InitLoggerContext) -> logging.Logger:
    """A logger that appends to `logs/dagster.log` of the warehouse home."""
    logs = settings.load().logs
    logger = logging.Logger("dagster", level=logging.DEBUG)
    with homes.closed_to_others():
        logs.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(logs / "dagster.log", maxBytes=LARGEST_LOG, backupCount=2)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    return logger


@dg.definitions
def definitions() -> dg.Definitions:
    """The asset graph, its checks and jobs, run in one process."""
    settings.turn_telemetry_off()
    event_log.make_cheap()
    current = settings.load()
    # Dagster may be the first to use it, without any command of ours.
    homes.make(current.home)
    with homes.closed_to_others(), in_turn(current.home):
        # Before the models are parsed: what is saved from now on is for the next refresh.
        rules_read, code_read = fingerprint_of_rules(current), fingerprint_of_code()
        found = dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
    return dg.Definitions.merge(
        found,
        dg.Definitions(
            resources={"refresh": refresh_resource(rules_read, code_read)},
            executor=dg.in_process_executor,
            loggers={"file": file_logger},
        ),
    )
