"""The entry: loads what landing holds into the raw tables and says what became of each file."""

import re
import time
from dataclasses import replace

import duckdb

from orchestration.lib import sentences
from orchestration.lib.company import Company, CompanyError, Source
from orchestration.lib.contract import Contract
from orchestration.lib.ingestion import (
    batches,
    damage,
    databases,
    declarations,
    emails,
    files,
    landing,
    ledger,
    mapping,
    rebuild,
    redaction,
    remote,
    rows,
    sql,
)
from orchestration.lib.ingestion.files import FileChangedError, FileRefusedError, LandingFile
from orchestration.lib.ingestion.landing import Manifest, Watch, hashes_of
from orchestration.lib.ingestion.ledger import Counts, Decision
from orchestration.lib.ingestion.object_stores import EtagCache
from orchestration.lib.ingestion.reader import Reader
from orchestration.lib.ingestion.remote import Offer
from orchestration.lib.ingestion.report import FileOutcome, IngestReport
from orchestration.lib.ingestion.retired import Retired
from orchestration.lib.ingestion.run import Run, Task
from orchestration.lib.ingestion.session import Warehouse, check_key, opened, task_of
from orchestration.lib.locations import DatabaseLocation

_HAS_YEAR = re.compile("%-?[YyGcx]")


def load_landing(warehouse: Warehouse, published: int | None = None) -> IngestReport:
    """Loads every new file of the company's sources, each exactly once; closes the database.

    What runs loaded after the batch `published` and no release has told of is reported again.
    An empty or outrun database is built from the archive first. So is one that turns out to be
    damaged, whenever that is noticed. Raises `CompanyError`, `HashKeyError` or
    `RawTableMismatchError` for what no file can cause; a faulty file is an outcome, not an
    exception. Landing is never written.
    """
    try:
        return _load_landing(warehouse, published, [])
    except duckdb.Error as error:
        if not damage.is_damage(error):
            raise
    return _load_landing(warehouse, published, [damage.set_aside(warehouse.database)])


def _load_landing(warehouse: Warehouse, published: int | None, notes: list[str]) -> IngestReport:
    notes = [*notes, *rebuild.bring_in_step(warehouse)]
    with opened(warehouse) as run:
        check_key(run)
        found = Found(run, warehouse)
        found.check_for_renamed_sources(warehouse.company)
        first_batch = run.ledger.next_batch_id()
        for source in warehouse.company.sources:
            _ingest_source(run, source, found)
        tasks = warehouse.tasks()
        declarations.note_changes(run, tasks, first_batch)
        earlier = [
            outcome
            for task in tasks
            if published is not None
            for outcome in batches.loaded_between(run, task, published, first_batch)
        ]
        found.cache.save()
        found.etags.save()
        totals = _row_totals(run.connection, run.contract)
    return IngestReport(tuple(run.outcomes), totals, tuple(run.notes), tuple(notes), tuple(earlier))


class Found:
    """Landing as a run sees it."""

    def __init__(self, run: Run, warehouse: Warehouse) -> None:
        self.cache = hashes_of(warehouse.database.parent)
        self.watch = Watch(warehouse.settle_seconds)
        self.etags = EtagCache(warehouse.database.parent / "build" / "object_hashes.json")
        tables = [t for s in warehouse.company.sources for t in s.tables.values()]
        locations = {table.files for table in tables}
        self._matches = {place: files.find(run.landing, place) for place in locations if place}
        matched = [file for match in self._matches.values() for file in match]
        self.watch.pause(matched)
        read = {file.path for file in matched}
        for table in tables:
            if table.database:
                read.update(databases.files_of(run, table.database))
        names, closed = files.unread(run.landing, read)
        if names:
            shown = sentences.few([repr(emails.without(name)) for name in names])
            run.notes.append(
                f"{len(names)} files in landing are read by no source: {shown}. Mend their names, "
                "or a `location:` in source.yaml; move those of a retired source away."
            )
        for folder in closed:
            run.notes.append(
                f"{emails.without(folder)!r} may not be read: its files are taken for missing. "
                "Give this user the right to."
            )
        self.retired = Retired(run)
        run.notes += filter(None, (self.retired.note, self.retired.misnamed))

    def check_for_renamed_sources(self, company: Company) -> None:
        """Raises `CompanyError` where a file was loaded under the former name of its source."""
        for source in company.sources:
            for name, config in source.tables.items():
                if config.files is not None:
                    found = self.matches(config.files)
                    self.retired.check_files(source.source, name, found, self.cache)

    def matches(self, location: str) -> list[LandingFile]:
        """The files at a location."""
        return self._matches[location]


def _row_totals(connection: duckdb.DuckDBPyConnection, contract: Contract) -> dict[str, int]:
    totals = {}
    for name in contract.tables:
        row = connection.execute(f"select count(*) from {sql.raw_table(name)}").fetchone()
        totals[name] = int(row[0]) if row else 0
    return totals


def _ingest_source(run: Run, source: Source, found: Found) -> None:
    """Takes a source's files in name order, each for all tables that it feeds."""
    tasks: dict[str, list[Task]] = {}
    by_name: dict[str, LandingFile] = {}
    elsewhere: dict[str | DatabaseLocation, list[Task]] = {}
    for name in source.tables:
        task = task_of(source, name, run.contract)
        _check_formats(run, task)
        if task.config.files is None:
            elsewhere.setdefault(task.config.location, []).append(task)
            continue
        matches = found.matches(task.config.files)
        if not matches:
            run.notes.append(f"{task.label}: no file matches {task.config.location!r}.")
        for file in matches:
            by_name[file.name] = file
            tasks.setdefault(file.name, []).append(task)
    known: list[tuple[str, str]] = []
    for name in sorted(by_name, key=files.natural_order):
        content_hash = _ingest_file(run, by_name[name], tasks[name], found)
        if content_hash:
            known.append((name, content_hash))
    # A copy of a file that was then replaced is the only one that holds its rows.
    for name, content_hash in known:
        if _decide(run, name, tasks[name], content_hash):
            _forget_outcomes(run, name, tasks[name])
            _ingest_file(run, by_name[name], tasks[name], found)
    for location, fed in elsewhere.items():
        _ingest_elsewhere(run, location, fed, found)


def _ingest_elsewhere(
    run: Run, location: str | DatabaseLocation, tasks: list[Task], found: Found
) -> None:
    """Takes what a database or object store offers, each offer for all tables that it feeds."""
    place = location if isinstance(location, str) else location.label
    try:
        offers = remote.offers(run, location, tasks, found.etags)
    except FileRefusedError as error:
        _note_unread(run, tasks, place, error)
        return
    if isinstance(location, str):
        remote.forget_failures(run, tasks, place)
    if not offers:
        fed = ", ".join(task.label for task in tasks)
        run.notes.append(f"{fed}: no object matches {place!r}.")
    for offer in offers:
        _ingest_offer(run, offer, tasks, found)


def _ingest_offer(run: Run, offer: Offer, tasks: list[Task], found: Found) -> None:
    if offer.content_hash and not _decide(run, offer.name, tasks, offer.content_hash):
        _report_known(run, offer.name, tasks, offer.content_hash)
        return
    try:
        staged = offer.fetch()
    except FileRefusedError as error:
        _note_unread(run, tasks, offer.name, error)
        return
    remote.forget_failures(run, tasks, offer.name)
    if staged is None:
        nothing = "nothing changed since the last batch"
        run.outcomes += [task.outcome(offer.name, "already_loaded", nothing) for task in tasks]
        return
    try:
        for task in tasks:
            found.retired.check(task.source, task.table.name, offer.name, staged.content_hash)
        _ingest_content(run, LandingFile(staged.original, staged.name), staged, tasks)
    finally:
        staged.remove()


def _note_unread(run: Run, tasks: list[Task], name: str, error: FileRefusedError) -> None:
    """Says of what could not be copied that it waits, where it is still changing, or is refused."""
    for task in tasks:
        run.outcomes.append(
            task.outcome(name, "waiting", str(error))
            if isinstance(error, FileChangedError)
            else batches.refuse(run, task, name, str(error))
        )


def _check_formats(run: Run, task: Task) -> None:
    """Tries the declared date and timestamp formats on nothing, so that a typing error shows."""
    for entry in (*task.settings.date_format, *task.settings.timestamp_format):
        try:
            run.connection.execute(f"select try_strptime('', {sql.literal(entry)})")
        except duckdb.Error as error:
            raise CompanyError(
                f"{task.label}: {entry!r} is no date format; use the marks of "
                "strptime, such as %d/%m/%Y %H:%M:%S, or [] for ISO."
            ) from error
        if not _HAS_YEAR.search(entry):
            # It would be read as one of 1900.
            raise CompanyError(
                f"{task.label}: {entry!r} has no year; use the marks of "
                "strptime, such as %d/%m/%Y %H:%M:%S, or [] for ISO."
            )


def _forget_outcomes(run: Run, name: str, tasks: list[Task]) -> None:
    fed = {(task.source, task.table.name, name) for task in tasks}
    run.outcomes[:] = [o for o in run.outcomes if (o.source, o.table, o.file_name) not in fed]


def _ingest_file(run: Run, file: LandingFile, tasks: list[Task], found: Found) -> str | None:
    """Decides by the file's hash, known or new, and copies only what is to be read.

    Returns the hash of a file that was known for all tables that it feeds.
    """
    try:
        if found.watch.is_moving(file):
            raise FileChangedError("is still being written; it is tried at the next refresh.")
        content_hash = _known_hash(run, file, tasks, found)
        if content_hash and not _decide(run, file.name, tasks, content_hash):
            _report_known(run, file.name, tasks, content_hash)
            _hold_to_manifest(run, file, tasks, content_hash)
            return content_hash
        ratio = max(task.settings.max_compression_ratio for task in tasks)
        before = file.path.lstat()
        staged = files.stage(file, run.scratch / "incoming", max_ratio=ratio)
    except FileNotFoundError:
        _note_unread(run, tasks, file.name, FileChangedError("was there a moment ago and is gone."))
        return None
    except FileRefusedError as error:
        _note_unread(run, tasks, file.name, error)
        return None
    try:
        is_known = not _decide(run, file.name, tasks, staged.content_hash)
        _ingest_content(run, file, staged, tasks)
        found.cache.put(file.path, before, staged.content_hash)
    finally:
        staged.remove()
    return staged.content_hash if is_known else None


def _known_hash(run: Run, file: LandingFile, tasks: list[Task], found: Found) -> str | None:
    """The hash of a file that may well be known: from the cache, else read where its name is."""
    ledgers = [run.known(task) for task in tasks]
    if any(file.name in known.kept_by_name for known in ledgers):
        return found.cache.hash_of(file.path)
    return found.cache.get(file.path)


def _decide(
    run: Run, name: str, tasks: list[Task], content_hash: str
) -> list[tuple[Task, Decision]]:
    """What to do for each table that does not hold this content already."""
    decisions = []
    for task in tasks:
        decision = _decision(run, task, name, content_hash)
        if decision.action != "already_loaded":
            decisions.append((task, decision))
    return decisions


def _decision(run: Run, task: Task, name: str, content_hash: str) -> Decision:
    known = run.known(task)
    is_state = task.config.database is not None
    return ledger.decide(known, task.config.load, name, content_hash, is_state=is_state)


def _report_known(run: Run, name: str, tasks: list[Task], content_hash: str) -> None:
    for task in tasks:
        decision = _decision(run, task, name, content_hash)
        if decision.action == "already_loaded":
            run.ledger.rename(decision.batches, task.source, task.table.name, name)
            run.outcomes.append(task.outcome(name, "already_loaded", decision.reason))


def _hold_to_manifest(run: Run, file: LandingFile, tasks: list[Task], content_hash: str) -> None:
    """Notes where a loaded file is not what its manifest promises, which may have come after it."""
    for task in tasks:
        known = run.known(task)
        batch = known.loaded_by_hash.get(content_hash)
        if batch is None:
            continue
        try:
            manifest = landing.read_manifest(file)
            landing.check_hash(manifest, content_hash)
            if task.config.query is None:
                landing.check_rows(manifest, known.loaded[batch].rows_read)
        except FileRefusedError as error:
            run.notes.append(f"{task.label}: {emails.without(file.name)!r} is loaded, and {error}")


def _ingest_content(
    run: Run, file: LandingFile, staged: files.StagedFile, tasks: list[Task]
) -> None:
    """Loads a private copy for each table that does not hold its content already."""
    _report_known(run, file.name, tasks, staged.content_hash)
    pending = _decide(run, file.name, tasks, staged.content_hash)
    fault, manifest = staged.fault, None
    try:
        manifest = landing.read_manifest(file)
        landing.check_hash(manifest, staged.content_hash)
    except FileRefusedError as error:
        fault = str(error)
    if fault:
        for task, _ in pending:
            run.outcomes.append(batches.refuse(run, task, file.name, fault, staged=staged))
        return
    run.prepare_for(staged.path.stat().st_size)
    try:
        kept = redaction.keep_out(run, staged, tasks)
    except FileRefusedError as error:
        run.outcomes += [batches.refuse(run, t, file.name, str(error)) for t, _ in pending]
        return
    reader = Reader(run, kept)
    for task, decision in pending:
        outcome = apply(run, reader, task, decision, manifest)
        run.outcomes.append(_without_read_elsewhere(outcome, [t for t in tasks if t is not task]))
    reader.close()
    kept.remove()


def _without_read_elsewhere(outcome: FileOutcome, others: list[Task]) -> FileOutcome:
    """The outcome of a table, less the ignored columns that other tables take from the file."""
    ignored = list(outcome.ignored_columns)
    read = {name for other in others for name in mapping.reads(other, ignored)}
    return replace(outcome, ignored_columns=tuple(name for name in ignored if name not in read))


def apply(
    run: Run, reader: Reader, task: Task, decision: Decision, manifest: Manifest | None = None
) -> FileOutcome:
    """Carries out a decision for one table."""
    started = time.monotonic()
    staged = reader.staged
    if decision.action == "superseded":
        return batches.set_aside(run, task, staged, decision.reason or "")
    try:
        if decision.action == "refused":
            raise FileRefusedError(decision.reason or "")
        outcome = batches.load(run, reader, task, decision, manifest)
    except FileRefusedError as error:
        read = error.rows_read if isinstance(error, rows.ToleranceError) else 0
        counts = Counts(read=read, quarantined=read)
        return batches.refuse(run, task, staged.name, str(error), staged=staged, counts=counts)
    name = sentences.printable(emails.without(staged.name))
    run.progress(
        f"{task.table.name} from {name}: {outcome.rows_loaded:,} rows "
        f"({time.monotonic() - started:.1f} s)"
    )
    return outcome
