"""A warehouse home under test: runs the commands as a person does and reads what they leave."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import duckdb

from orchestration import cli, settings
from orchestration.lib import dbt
from orchestration.lib.publishing.reader import connect, open_read_only
from orchestration.lib.publishing.releases import ReleaseStore
from orchestration.lib.refresh import open_refresh

if TYPE_CHECKING:
    import dagster as dg

THREADS = "2"


@dataclass(frozen=True)
class Outcome:
    """How a command ended: exit code and all that it printed."""

    code: int
    printed: str

    @property
    def reason(self) -> str:
        """What follows `Nothing was published:`, empty where something was."""
        _, found, told = self.printed.rpartition("Nothing was published:")
        return told.partition("\nReaders still see: ")[0].strip() if found else ""


@dataclass(frozen=True)
class House:
    """One home with one company's sources."""

    home: Path
    sources: Path = settings.DEMO_COMPANY_DIR
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that make the commands work on this home."""
        return {
            "WAREHOUSE_HOME": str(self.home),
            "WAREHOUSE_SOURCES": str(self.sources),
            "WAREHOUSE_SEEDS": "",
            "WAREHOUSE_AS_OF": "",
            "WAREHOUSE_ENGINE": "",
            "WAREHOUSE_HASH_KEY": "",
            "WAREHOUSE_MEMORY_LIMIT": "",
            "WAREHOUSE_THREADS": THREADS,
            "DAGSTER_HOME": str(self.home / "dagster"),
            **self.variables,
        }

    def parse(self) -> dict[str, Any]:
        """The home's dbt manifest; a refresh in another process then has nothing to parse."""
        with settings.environment(self.environment):
            return dbt.parse_if_changed(open_refresh(settings.load()).dbt_project)

    def refresh(self, **variables: str) -> Outcome:
        """`make refresh` in this process, with some variables changed for this once."""
        progress = logging.getLogger("kpi_warehouse.progress")
        before = list(progress.handlers)
        printed = io.StringIO()
        with (
            settings.environment({**self.environment, **variables}),
            mock.patch.object(sys, "argv", ["cli", "refresh"]),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            try:
                code = cli.main()
            finally:
                progress.handlers[:] = before
        return Outcome(code, printed.getvalue())

    def published(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of the current release."""
        with connect(self.home) as connection:
            return connection.execute(statement).fetchall()

    def release(self, number: int, statement: str) -> list[tuple[Any, ...]]:
        """Rows of the release of that number, counted from 0, whichever is current."""
        database = ReleaseStore(self.home).releases()[number].database
        with open_read_only(database) as connection:
            return connection.execute(statement).fetchall()

    def warehouse(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of the work database."""
        database = str(self.home / "warehouse.duckdb")
        with duckdb.connect(database, read_only=True) as connection:
            return connection.execute(statement).fetchall()

    def manifest(self) -> dict[str, Any]:
        """The current release's manifest."""
        content: dict[str, Any] = json.loads((self.home / "current" / "manifest.json").read_text())
        return content

    def content_hashes(self) -> dict[str, str]:
        """What the current release says of each of its tables' rows."""
        return {table["table"]: table["content_hash"] for table in self.manifest()["tables"]}

    @contextlib.contextmanager
    def dagster(self) -> Iterator[dg.DagsterInstance]:
        """Dagster's instance of this home."""
        import dagster as dg

        with (
            settings.environment(self.environment),
            dg.DagsterInstance.get() as instance,
        ):
            yield instance

    def last_events(self) -> list[dg.DagsterEvent]:
        """Dagster's events of the last run, as its storage holds them."""
        with self.dagster() as instance:
            (run,) = instance.get_runs(limit=1)
            return [
                entry.dagster_event
                for entry in instance.all_logs(run.run_id)
                if entry.dagster_event is not None
            ]


def copy_landing(source: Path, target: Path, without: Sequence[str] = ()) -> None:
    """Copies a landing directory; `without` are names, or folders, below it to leave out."""
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source).as_posix()
        if path.is_file() and not any(name == one or name.startswith(f"{one}/") for one in without):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target / name)
