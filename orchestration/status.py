"""What is published, how old it is, what failed and what waits: one line each."""

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import duckdb

from orchestration.lib import homes, sentences
from orchestration.lib.arrivals import SETTLE_SECONDS, look
from orchestration.lib.company import Company, load_company
from orchestration.lib.ingestion import declarations, emails, erasure, files
from orchestration.lib.ingestion.files import LandingFile
from orchestration.lib.ingestion.journal import Journal
from orchestration.lib.ingestion.landing import HashCache, hashes_of
from orchestration.lib.ingestion.ledger import Known, decide, stored
from orchestration.lib.publishing.postgres import shown_in_postgres
from orchestration.lib.publishing.reader import open_read_only
from orchestration.lib.publishing.releases import Release, ReleaseError, ReleaseStore
from orchestration.lib.refresh_lock import SKIPPED, RefreshLock
from orchestration.lib.statements import LAST_BATCH
from orchestration.lib.surroundings import SurroundingsError, told
from orchestration.settings import PostgresSettings, Settings, environment, load_postgres
from orchestration.summary import events_of, failure_reason

Answer = TypeVar("Answer")
CONNECT_SECONDS = "5"
# Of more runs in a row that found another one at work, nobody need be told.
RUNS_LOOKED_AT = 10
OPEN_RUNS = ("STARTED", "STARTING", "QUEUED", "CANCELING")


def show_status(settings: Settings) -> int:
    """Prints a dozen lines at most; 0 unless nothing is published, or what is is damaged."""
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
    yield "waiting", _waiting(settings, release, is_running=holder is not None)
    if holder is None and (outdated := _outdated(settings.database)):
        yield "outdated", outdated
    if holder is None and release and (erased := _erased(settings.database, release.id)):
        yield "erased", erased
    if (asked := load_postgres()) is not None:
        yield "postgres", _postgres(settings, asked, store)
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
    return f"{told}: {sentences.few(odd)}" if odd else told


def _source_lines(release: Release) -> Iterator[tuple[str, str]]:
    with open_read_only(release.database) as connection:
        rows = connection.execute(
            "select freshness, raw_table, rows_quarantined, files_refused "
            "from core.source_health order by raw_table"
        ).fetchall()
    counts = Counter(freshness for freshness, *_ in rows)
    states = release.manifest.source_freshness
    stale = [
        _named(table, states.get(table, {}).get("silent_source"))
        for freshness, table, *_ in rows
        if freshness == "stale"
    ]
    told = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    yield "sources", f"{told}: {sentences.few(stale)}" if stale else told
    quarantined = [table for _, table, count, refused in rows if count or refused]
    total, refused = (sum(row[column] for row in rows) for column in (2, 3))
    odd = f": {sentences.few(quarantined)}" if quarantined else ""
    yield "refused", f"{total:,} rows in quarantine, {refused} files refused{odd}"


def _named(table: str, silent_source: str | None) -> str:
    """A stale table, with the sources that fell silent where others may go on."""
    many = "s" * (", " in (silent_source or ""))
    return f"{table} (source{many} {silent_source})" if silent_source else table


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
        reason = failure_reason(events_of(instance, run.run_id))
        return sentences.under(f"{run.status.value.lower()}, {when}:", reason)


def _waiting(settings: Settings, release: Release | None, *, is_running: bool) -> str:
    company = load_company(settings.sources_dir)
    found = look(settings.landing, company, now=time.time(), settle_seconds=SETTLE_SECONDS)
    landed = _landed(settings.landing, company)
    later = f"{len(landed)} files in landing; which are new is known when"
    # A refresh opens and closes the database many times, and fails where it finds it open.
    refreshed = f"{later} the refresh has ended"
    if is_running:
        return refreshed
    if not settings.database.exists() and Journal(settings.archive).exists():
        return f"{later} the next refresh has made the database, which is gone, from the archive"
    try:
        known = _known(settings.database)
    except duckdb.IOException:
        return refreshed
    cache = hashes_of(settings.home)
    new = {file.name for file, fed in landed.items() if _is_new(file, fed, known, cache)}
    loaded = _unpublished(release, known)
    if not new:
        return f"no new file in landing{loaded}"
    moving = len(new.intersection(found.unsettled))
    names = [sentences.printable(emails.without(name)) for name in sorted(new)]
    young = f"{moving} of them still young: {sentences.few(names)}"
    return f"{len(new)} new files in landing, {young}{loaded}"


def _outdated(database: Path) -> str:
    """Which loaded rows a present source.yaml would read otherwise; empty where there are none."""
    found = _asked(database, declarations.outdated)
    if not found:
        return ""
    tables = "; ".join(f"{label} ({sentences.few(keys)})" for label, keys in found.items())
    return f"rows read by a former source.yaml, see `make rebuild`: {tables}"


def _erased(database: Path, release_id: str) -> str:
    """Whether readers may still see somebody who was forgotten; empty where they do not."""
    if not _asked(database, lambda connection: erasure.is_shown_by(connection, release_id)):
        return ""
    return f"{release_id} may show who was forgotten since: `make refresh`, then forget them again"


def _asked(database: Path, ask: Callable[[duckdb.DuckDBPyConnection], Answer]) -> Answer | None:
    """What the work database says; None where there is none, or a refresh has it open."""
    if not database.exists():
        return None
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            return ask(connection)
    except duckdb.IOException:
        return None


def _unpublished(release: Release | None, known: Mapping[tuple[str, str], Known]) -> str:
    """How many files the published release was made without, though they are loaded.

    So it is after a refresh that was killed, blocked or held, and after `make requeue`.
    """
    last = release.manifest.basis.get(LAST_BATCH) if release else None
    if last is None:
        return ""
    later = {
        entry.file_name
        for ledger in known.values()
        for entry in ledger.loaded.values()
        if entry.batch_id > last
    }
    return f"; {len(later)} loaded, not published: `make refresh`" if later else ""


def _landed(landing: Path, company: Company) -> dict[LandingFile, dict[tuple[str, str], str]]:
    """The files that sources read, each with the tables that it feeds and how they load it."""
    landed: dict[LandingFile, dict[tuple[str, str], str]] = {}
    for source in company.sources:
        for name, table in source.tables.items():
            for file in files.find(landing, table.files) if table.files else []:
                landed.setdefault(file, {})[source.source, name] = table.load
    return landed


def _known(database: Path) -> dict[tuple[str, str], Known]:
    """What was loaded or refused for each table of each source."""
    if not database.exists():
        return {}
    with duckdb.connect(str(database), read_only=True) as connection:
        return stored(connection)


def _is_new(
    file: LandingFile,
    fed: Mapping[tuple[str, str], str],
    known: Mapping[tuple[str, str], Known],
    cache: HashCache,
) -> bool:
    """Whether the next refresh would load a file; what was refused as it is does not count."""
    ledgers = [(known.get(table, Known()), load) for table, load in fed.items()]
    content_hash = cache.get(file.path)
    try:
        size = file.path.lstat().st_size
        # A new file may be large: it is not read where nothing of its size is known.
        if content_hash is None and any(
            entry.bytes == size for ledger, _ in ledgers for entry in ledger.entries.values()
        ):
            content_hash = files.hash_file(file.path)
    except FileNotFoundError:
        return False
    except files.FileRefusedError:
        # It has no content that a refusal could have noted.
        content_hash = None
    return any(
        decide(ledger, load, file.name, content_hash or "").action != "already_loaded"
        and not any(
            entry.status == "refused"
            and entry.file_name == file.name
            and entry.content_hash == content_hash
            for entry in ledger.entries.values()
        )
        for ledger, load in ledgers
    )


def _postgres(settings: Settings, asked: PostgresSettings, store: ReleaseStore) -> str:
    """What the server shows; one that does not answer is not waited for."""
    try:
        with environment({"PGCONNECT_TIMEOUT": CONNECT_SECONDS}):
            return shown_in_postgres(store, asked, settings.memory_limit)
    except ReleaseError:
        # The first line says what is wrong with the release.
        return "not compared"


def _disk(settings: Settings, store: ReleaseStore) -> str:
    sizes = {
        f"releases {_size(settings.releases)} ({len(store.ids())})",
        f"archive {_size(settings.archive)}",
        f"warehouse {_size(settings.database)}",
    }
    free = shutil.disk_usage(settings.home if settings.home.exists() else Path("/")).free
    return f"{', '.join(sorted(sizes))}; {free / 1e9:,.1f} GB free"


def _size(path: Path) -> str:
    below = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    size = 0
    for file in [path] if path.is_file() else below:
        # A refresh may remove it meanwhile.
        with suppress(FileNotFoundError):
            size += file.lstat().st_size
    return f"{size / 1e6:,.0f} MB"


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
