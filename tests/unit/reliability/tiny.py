"""A whole warehouse in a quarter of a second: real ingestion and publishing around a small build.

What stands for dbt is five tables of one statement each, and what stands for the audit is that the
published rows are those of raw. Everything else is the code that a refresh runs.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from orchestration import mmm_export
from orchestration.lib import points
from orchestration.lib.company import merge_seeds
from orchestration.lib.dbt import link_project
from orchestration.lib.ingestion import erasure, rebuild
from orchestration.lib.ingestion.load import load_landing
from orchestration.lib.ingestion.report import IngestReport
from orchestration.lib.ingestion.session import Warehouse
from orchestration.lib.inputs import Inputs
from orchestration.lib.publication import publish_and_tell
from orchestration.lib.publishing.candidate import PublishedColumn, PublishedTable, read_content
from orchestration.lib.publishing.reader import connect
from orchestration.lib.publishing.releases import Release, ReleaseStore
from orchestration.lib.refresh_lock import RefreshLock
from orchestration.settings import AlertSettings, Settings
from tests.unit.ingestion.house import KEY, House

START = datetime(2026, 3, 1, 5)
MEMORY = "300MB"
KEEP = 3

BUILD = """
    create schema if not exists core;
    create schema if not exists kpi;
    create schema if not exists attribution;
    create or replace table core.things as
        select thing_id, label, amount, _source_file as file_name from raw.things;
    create or replace table core.people as select person_id, email, age from raw.people;
    create or replace table kpi.totals as
        select
            (select count(*) from core.things)::bigint as things,
            (select count(*) from core.people)::bigint as people,
            (select coalesce(sum(amount), 0) from core.things)::decimal(18, 4) as amount;
    create or replace table attribution.mmm_weekly as
        select date '2026-02-23' as week_start, 'all' as geo, label as channel, 1 as conversions,
            1 as new_customers, 1.5 as revenue, 0 as holidays, null::double as discount_rate,
            0 as web_days_lost,
            1.0 as spend, 2 as impressions, 3 as clicks, 4 as sessions
        from (select distinct label from core.things);
    create or replace table kpi.kpi_alerts as
        select
            'alert ' || thing_id as alert_id, true as is_open, 'warning' as severity,
            'things' as kpi_id, 'value' as measure, 'Things' as name_en, 'thing' as dimension,
            thing_id as segment, 'threshold' as kind,
            date '2026-03-01' as first_seen, 'business' as cause_class, 'many' as cause
        from core.things
        where amount >= 3
"""
AUDIT = """
    select
        things = (select count(*) from core.things) and people = (select count(*) from core.people)
    from kpi.totals
"""


def _table(name: str, columns: str) -> PublishedTable:
    schema, table = name.split(".")
    pairs = [pair.split(" ") for pair in columns.split(", ")]
    return PublishedTable(
        schema, table, f"warehouse.{name}", "One row.", tuple(PublishedColumn(*p) for p in pairs)
    )


TABLES = (
    _table(
        "core.things", "thing_id varchar, label varchar, amount decimal(18,4), file_name varchar"
    ),
    _table("core.people", "person_id varchar, email varchar, age bigint"),
    _table("kpi.totals", "things bigint, people bigint, amount decimal(18,4)"),
    _table(
        "attribution.mmm_weekly",
        "week_start date, geo varchar, channel varchar, conversions bigint, new_customers bigint, "
        "revenue double, holidays bigint, discount_rate double, web_days_lost bigint, "
        "spend double, impressions bigint, clicks bigint, sessions bigint",
    ),
    _table(
        "kpi.kpi_alerts",
        "alert_id varchar, is_open boolean, severity varchar, kpi_id varchar, measure varchar, "
        "name_en varchar, dimension varchar, segment varchar, kind varchar, first_seen date, "
        "cause_class varchar, cause varchar",
    ),
)

THINGS = "thing_id,label,amount\n"
PEOPLE = "person_id,email,age\n"
EMAIL = "ann.canary@example.com"


@dataclass
class Tiny(House):
    """One home; `as_of` is its clock."""

    as_of: datetime = START
    memory: str = MEMORY

    @classmethod
    def at(cls, home: Path) -> Tiny:
        """The warehouse of a home, whether anything is there yet or not."""
        return cls(
            home,
            {
                "things": {"location": "things*.csv", "load": "upsert", "tolerance": 0.5},
                "people": {"location": "people*.csv", "load": "upsert"},
            },
        )

    @property
    def home(self) -> Path:
        return self.root

    @property
    def store(self) -> ReleaseStore:
        return ReleaseStore(self.home)

    def warehouse(self) -> Warehouse:
        warehouse = super().warehouse()
        return Warehouse(**{**vars(warehouse), "as_of": self.as_of, "memory_limit": self.memory})

    def settings(self) -> Settings:
        return Settings(
            home=self.home,
            sources_dir=self.home / "company",
            seeds_dir=None,
            as_of=self.as_of,
            engine="duckdb",
            hash_key=KEY,
            memory_limit=MEMORY,
            threads=1,
            keep_releases=KEEP,
        )

    def refresh(self) -> Release:
        """From landing to a published release, in the order of the real job."""
        with RefreshLock(self.home).hold("tiny"):
            self.prepare()
            inputs = self.inputs()
            load_landing(self.warehouse())
            return self.publish(inputs)

    def prepare(self) -> None:
        """The home's view of a dbt project with its rules."""
        shipped = self.home.parent / "checkout"
        (shipped / "seeds").mkdir(parents=True, exist_ok=True)
        (shipped / "models").mkdir(exist_ok=True)
        (shipped / "seeds" / "rules.csv").write_text("a,b\n1,2\n")
        link_project(shipped, self.home / "build" / "dbt")
        merge_seeds(shipped / "seeds", None, None, self.home / "build" / "dbt" / "seeds")

    def ingest(self) -> IngestReport:
        with RefreshLock(self.home).hold("tiny"):
            return load_landing(self.warehouse())

    def publish(self, inputs: Inputs | None = None) -> Release:
        """Build, candidate, audit, publish, tell, retain."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(BUILD)
        store = self.store
        store.sweep()
        candidate = store.build_candidate(
            TABLES,
            as_of=self.as_of,
            code_version="tiny",
            warehouse=self.database,
            settings={"threads": "1", "memory_limit": MEMORY},
        )
        with duckdb.connect(str(candidate.database), read_only=True) as connection:
            passed = connection.execute(AUDIT).fetchone() == (True,)
        freshness = "stale" if self.as_of > START else "fresh"
        store.record_verdict(
            candidate,
            passed=passed,
            report={},
            source_freshness={
                "raw.things": {"freshness": freshness, "last_row_at": "2026-03-01 05:00:00"}
            },
        )
        release, problems = publish_and_tell(
            store, inputs or self.inputs(), self.settings(), self.alert_settings()
        )
        assert not problems
        return release

    def inputs(self) -> Inputs:
        return Inputs(self.settings(), self.company(), self.as_of)

    def alerts(self) -> list[tuple[str, str]]:
        """Kind and text of each alert that was told, in that order."""
        file = self.alert_settings().file
        lines = file.read_text().splitlines() if file.exists() else []
        return [(alert["kind"], alert["text"]) for alert in map(json.loads, lines)]

    def alert_settings(self) -> AlertSettings:
        file = self.home / "logs" / "alerts.jsonl"
        return AlertSettings(("file",), file, "", "", 25, "", "", "", ())

    def rebuild_database(self) -> None:
        with RefreshLock(self.home).hold("tiny"):
            rebuild.rebuild(self.warehouse())

    def forget(self, email: str = EMAIL) -> erasure.ErasureReport:
        with RefreshLock(self.home).hold("tiny"):
            return erasure.forget(self.warehouse(), self.home, email)

    def export(self) -> None:
        mmm_export.export(self.settings())

    def contents(self) -> dict[str, str]:
        """A hash of each raw and ledger table."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return {
                f"{schema}.{name}": read_content(connection, "warehouse", schema, name).content_hash
                for schema, name in (
                    ("raw", "things"),
                    ("raw", "people"),
                    ("ops", "ledger"),
                    ("ops", "quarantine"),
                    ("ops", "suppressions"),
                    ("ops", "rewritten_files"),
                )
            }

    def published(self) -> dict[str, str]:
        """A hash of each table that readers see, from the rows themselves; empty before any."""
        if not (self.home / "current").is_symlink():
            return {}
        with connect(self.home) as connection:
            return {
                table.full_name: read_content(
                    connection, "published", table.schema, table.name
                ).content_hash
                for table in TABLES
            }

    def clock(self, days: int) -> None:
        self.as_of += timedelta(days=days)


def remove(home: Path) -> None:
    """Remove a home whole: nobody but root may empty the folders of releases as they are."""
    for folder, _, _ in os.walk(home):
        Path(folder).chmod(0o755)
    shutil.rmtree(home)


def first_day(tiny: Tiny) -> None:
    """What there is on the first morning: good rows, bad ones, one file that is refused."""
    tiny.put("things_1.csv", THINGS + "1,a,1.5\n2,b,2\n3,c,x\n4,d,4\n")
    tiny.put("things_2.csv", THINGS + "1,a,1.5\n5,e,5\n")
    tiny.put("things_3.csv", THINGS + "6,f,x\n7,g,y\n")
    tiny.put("people_1.csv", PEOPLE + f"1,{EMAIL},30\n2,bob@example.com,40\n")


def second_day(tiny: Tiny) -> None:
    """A new file, a corrected one, a refused one mended, one that is delivered again."""
    tiny.put("things_2.csv", THINGS + "5,E,5.25\n8,h,8\n")
    tiny.put("things_3.csv", THINGS + "6,f,6\n7,g,y\n")
    tiny.put("things_4.csv", THINGS + "9,i,9\n1,a,1.5\n")
    tiny.put("people_2.csv", PEOPLE + "3,cleo@example.com,50\n")


class BrokenOffError(Exception):
    """An error out of nowhere."""


def in_another_process(action: Callable[..., Any], *arguments: Any) -> int | str:
    """Runs an importable function in a forked process: its exit code, or the error it ended by."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.unit.reliability.tiny"])
    parent, child = context.Pipe()
    process = context.Process(target=_reporting, args=(child, action, arguments))
    process.start()
    child.close()
    try:
        problem = parent.recv()
    except EOFError:
        problem = None
    process.join()
    return problem or (process.exitcode or 0)


def _reporting(pipe: Any, action: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        action(*arguments)
    except BaseException:
        pipe.send(traceback.format_exc())
    finally:
        pipe.close()


@contextmanager
def stopping(name: str, occurrence: int, how: Callable[[], None]) -> Iterator[None]:
    """Stops at the given occurrence of a point, counted from 1."""
    seen = 0

    def stop(reached: str) -> None:
        nonlocal seen
        seen += reached == name
        if reached == name and seen == occurrence:
            how()

    with points.observed(stop):
        yield


def kill_myself() -> None:
    """As the kernel does it: nothing is flushed, closed or cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)


def break_off() -> None:
    """As an error does it."""
    raise BrokenOffError
