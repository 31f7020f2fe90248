"""What is published, how old it is, what failed and what waits: one line each."""

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.lib import homes
from orchestration.lib.arrivals import look
from orchestration.lib.company import load_company
from orchestration.lib.ingestion import files
from orchestration.lib.ingestion.landing import hashes_of
from orchestration.lib.publishing.reader import open_read_only
from orchestration.lib.publishing.releases import Release, ReleaseError, ReleaseStore
from orchestration.lib.refresh_lock import SKIPPED, RefreshLock
from orchestration.lib.surroundings import SurroundingsError, told
from orchestration.settings import Settings
from orchestration.summary import failure_reason

# A younger file may still be being written.
SETTLE_SECONDS = 30
NAMES_SHOWN = 3
# Of more runs in a row that found another one at work, nobody need be told.
RUNS_LOOKED_AT = 10
OPEN_RUNS = ("STARTED", "STARTING", "QUEUED", "CANCELING")


def show_status(settings: Settings) -> int:
    """Prints at most ten lines; 0 unless nothing is published, or what is is damaged."""
    release, _ = _published(settings)
    for name, text in lines(settings):
        print(f"{name:<10} {text}")
    return 0 if release else 1


def lines(settings: Settings) -> Iterator[tuple[str, str]]:
    """What is told, by its name."""
    store = ReleaseStore(settings.home)
    release, why_none = _published(settings)
    if release is None:
        yield "published", why_none
    else:
        yield (
            "published",
            f"{release.id}, as of {release.manifest.as_of}, {_age(release.published_at)} ago",
        )
        yield "audit", _verdicts(release)
        yield from _source_lines(release)
    if hold := store.hold():
        yield "on hold", str(hold)
    holder = RefreshLock(settings.home).holder()
    yield "running", str(holder) if holder else "nothing"
    yield "last run", _last_run(settings, is_running=holder is not None)
    yield "waiting", _waiting(settings, is_running=holder is not None)
    yield "disk", _disk(settings, store)
    if problem := homes.warning(settings.home):
        yield "access", problem


def _published(settings: Settings) -> tuple[Release | None, str]:
    """The release that readers see, or why there is none."""
    try:
        return ReleaseStore(settings.home).current(), f"nothing in {settings.home}"
    except ReleaseError as error:
        return None, str(error)


def _verdicts(release: Release) -> str:
    checks = release.manifest.checks
    counts = Counter(checks.values())
    told = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    odd = [suite for suite, word in checks.items() if word != "passed"]
    return f"{told}: {_few(odd)}" if odd else told


def _source_lines(release: Release) -> Iterator[tuple[str, str]]:
    with open_read_only(release.database) as connection:
        rows = connection.execute(
            "select freshness, raw_table, rows_quarantined, files_refused "
            "from core.source_health order by raw_table"
        ).fetchall()
    counts = Counter(freshness for freshness, *_ in rows)
    stale = [table for freshness, table, *_ in rows if freshness == "stale"]
    told = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    yield "sources", f"{told}: {_few(stale)}" if stale else told
    quarantined = [table for _, table, count, refused in rows if count or refused]
    total, refused = (sum(row[column] for row in rows) for column in (2, 3))
    odd = f": {_few(quarantined)}" if quarantined else ""
    yield "refused", f"{total:,} rows in quarantine, {refused} files refused{odd}"


def _last_run(settings: Settings, *, is_running: bool) -> str:
    """Of a disk that is full, the other lines tell what takes it."""
    if not settings.dagster_home.is_dir():
        return "none"
    try:
        with told(settings.home):
            return _last_run_on_record(settings, is_running=is_running)
    except SurroundingsError as error:
        return f"unknown: {error}"


def _last_run_on_record(settings: Settings, *, is_running: bool) -> str:
    import dagster as dg

    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        records = instance.get_run_records(limit=RUNS_LOOKED_AT)
        record = next((one for one in records if SKIPPED not in one.dagster_run.tags), None)
        if record is None:
            return "none"
        run, ended = record.dagster_run, record.end_time
        when = f"{_age(ended)} ago" if ended else "unfinished"
        if run.status is dg.DagsterRunStatus.STARTED and not is_running:
            return f"killed, run {run.run_id}; the next refresh makes up for it"
        if run.status.value in OPEN_RUNS:
            return f"{run.status.value.lower()}, run {run.run_id}"
        if run.is_success:
            return f"success, {when}"
        events = [log.dagster_event for log in instance.all_logs(run.run_id) if log.dagster_event]
        return f"{run.status.value.lower()}, {when}: {failure_reason(events)}"


def _waiting(settings: Settings, *, is_running: bool) -> str:
    company = load_company(settings.sources_dir)
    found = look(settings.landing, company, now=time.time(), settle_seconds=SETTLE_SECONDS)
    places = {table.files for source in company.sources for table in source.tables.values()}
    matches = [files.find(settings.landing, place) for place in places if place]
    landed = {file.name: file.path for match in matches for file in match}
    later = f"{len(landed)} files in landing; which are loaded is known when the refresh has ended"
    # A refresh opens and closes the database many times, and fails where it finds it open.
    if is_running:
        return later
    try:
        known = _known(settings.database)
    except duckdb.IOException:
        return later
    cache = hashes_of(settings.home)
    new = {
        name
        for name, path in landed.items()
        if name not in known or (cache.is_other(path) and files.hash_file(path) not in known[name])
    }
    if not new:
        return "no file in landing"
    moving = len(new.intersection(found.unsettled))
    return f"{len(new)} files in landing, {moving} of them still young: {_few(sorted(new))}"


def _known(database: Path) -> dict[str, set[str]]:
    """The contents that were loaded or refused under each name."""
    if not database.exists():
        return {}
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select file_name, list(content_hash) from ops.ledger group by file_name"
        ).fetchall()
    return {name: set(hashes) for name, hashes in rows}


def _disk(settings: Settings, store: ReleaseStore) -> str:
    sizes = {
        f"releases {_size(settings.releases)} ({len(store.ids())})",
        f"archive {_size(settings.archive)}",
        f"warehouse {_size(settings.database)}",
    }
    free = shutil.disk_usage(settings.home if settings.home.exists() else Path("/")).free
    return f"{', '.join(sorted(sizes))}; {free / 1e9:,.1f} GB free"


def _size(path: Path) -> str:
    inside = [path] if path.is_file() else path.rglob("*")
    return f"{sum(file.lstat().st_size for file in inside if file.is_file()) / 1e6:,.0f} MB"


def _age(instant: str | float) -> str:
    then = (
        datetime.fromisoformat(instant)
        if isinstance(instant, str)
        else datetime.fromtimestamp(instant, UTC)
    )
    minutes = int((datetime.now(UTC) - then).total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 60 * 72 else f"{minutes // 1440} days"


def _few(names: list[str]) -> str:
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
