"""Everything Dagster knows: the folders under `defs/`, and what holds for the whole project."""

import logging
from pathlib import Path

import dagster as dg

from orchestration import settings
from orchestration.resources import refresh_resource


@dg.logger({}, description="Dagster's own lines, in a file: the console is for progress.")
def file_logger(context: dg.InitLoggerContext) -> logging.Logger:
    """A logger that appends to `logs/dagster.log` of the warehouse home."""
    logs = settings.load().logs
    logs.mkdir(parents=True, exist_ok=True)
    logger = logging.Logger("dagster", level=logging.DEBUG)
    handler = logging.FileHandler(logs / "dagster.log")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    return logger


@dg.definitions
def definitions() -> dg.Definitions:
    """The asset graph, its checks and jobs, run in one process."""
    settings.turn_telemetry_off()
    return dg.Definitions.merge(
        dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
        dg.Definitions(
            resources={"refresh": refresh_resource},
            executor=dg.in_process_executor,
            loggers={"file": file_logger},
        ),
    )
