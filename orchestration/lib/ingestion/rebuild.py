"""The database made again from archive and journal alone; quarantined rows tried again."""

from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from orchestration.lib import points, sentences
from orchestration.lib.company import CompanyError
from orchestration.lib.disk import sync_to_disk
from orchestration.lib.ingestion import (
    archive,
    batches,
    damage,
    declarations,
    emails,
    files,
    landing,
    ledger,
    personal,
    persons,
    redaction,
    rows,
)
from orchestration.lib.ingestion.archive import ArchiveError
from orchestration.lib.ingestion.files import FileRefusedError, LandingFile, StagedFile
from orchestration.lib.ingestion.journal import State
from orchestration.lib.ingestion.landing import Manifest
from orchestration.lib.ingestion.ledger import Decision, Entry
from orchestration.lib.ingestion.reader import Reader
from orchestration.lib.ingestion.report import FileOutcome, IngestReport
from orchestration.lib.ingestion.run import Run, Task
from orchestration.lib.ingestion.session import Warehouse, check_key, opened


@dataclass(frozen=True)
class RebuildReport:
    """How many files and rows a rebuild loaded; sentences on what is not as it was."""

    files: int
    rows: int
    notes: tuple[str, ...]


def bring_in_step(warehouse: Warehouse) -> list[str]:
    """Rebuilds a database that is damaged, empty or older than the archive's journal; says so."""
    try:
        with opened(warehouse) as run:
            if run.ledger.is_in_step(lambda entry: _is_delivered(run, entry)):
                return []
    except duckdb.Error as error:
        if not damage.is_damage(error):
            raise
        return [damage.set_aside(warehouse.database), *bring_in_step(warehouse)]
    report = rebuild(warehouse)
    return [
        f"warehouse.duckdb was behind the archive: built again from it, {report.files} files, "
        f"{report.rows:,} rows.",
        *report.notes,
    ]


def _is_delivered(run: Run, entry: Entry) -> bool:
    """Whether landing still holds what a ledger row says was read."""
    if entry.status == "superseded":
        return True
    try:
        return files.hash_file(run.landing / entry.file_name) == entry.content_hash
    except (OSError, FileRefusedError):
        return entry.content_hash is None


def rebuild(warehouse: Warehouse, without: Collection[str] = ()) -> RebuildReport:
    """Builds a new database beside the present one and puts it in its place.

    Every loaded file is read again from the archive, by the sources' present configuration and
    the present hash key, in the order of its batch. dbt's models come back with the next refresh.
    What was loaded for `without` (a source, or `source.table`) is left out for good, and removed
    from archive and quarantine; it must not be configured any more.
    Raises `CompanyError`, `ArchiveError` or `JournalError` before anything is replaced.
    """
    if warehouse.database.exists() and not warehouse.journal.exists():
        raise ArchiveError(
            f"{warehouse.journal.path} is missing, and without it the new database would be empty: "
            "put the archive back (from a backup, or by mounting it), then run the command again."
        )
    state = warehouse.journal.state()
    left_out = _left_out(warehouse, state, without)
    _check_sources(warehouse, state, left_out)
    fresh = warehouse.database.parent / "build" / "rebuilt.duckdb"
    fresh.parent.mkdir(parents=True, exist_ok=True)
    _remove_database(fresh)
    with opened(warehouse, fresh) as run:
        report = _replay(run, warehouse, state, left_out)
    points.reached("database rebuilt")
    put_in_place(fresh, warehouse.database)
    kept = {entry.content_hash for entry in _entries(state) if entry not in left_out}
    for content_hash in {entry.content_hash for entry in left_out} - kept - {None}:
        for directory in (warehouse.archive, warehouse.quarantine):
            archive.discard(directory, str(content_hash))
    return report


def _left_out(warehouse: Warehouse, state: State, without: Collection[str]) -> list[Entry]:
    """The ledger rows of sources and tables that shall be left out; raises `CompanyError`."""
    gone = [
        entry
        for entry in _entries(state)
        if not warehouse.company.delivers(entry.source, entry.table_name)
    ]
    for name in without:
        if not any(name in _names(entry) for entry in gone):
            raise CompanyError(
                f"WITHOUT={name}: nothing was loaded for a source or table of this name that no "
                "source.yaml configures; write a source, or source.table, after its source.yaml is "
                "gone or renamed."
            )
    return [entry for entry in gone if _names(entry).intersection(without)]


def _names(entry: Entry) -> set[str]:
    return {entry.source, f"{entry.source}.{entry.table_name}"}


def _check_sources(warehouse: Warehouse, state: State, left_out: Collection[Entry]) -> None:
    for entry in _entries(state):
        if entry.status == "loaded" and entry not in left_out:
            warehouse.task(entry.source, entry.table_name)


def _entries(state: State) -> list[Entry]:
    return [Entry(*state.rows[batch]) for batch in sorted(state.rows)]


def _replay(
    run: Run, warehouse: Warehouse, state: State, left_out: Collection[Entry]
) -> RebuildReport:
    notes: list[str] = []
    # The journal learns of differences when all is done, or not at all.
    run.ledger.defer()
    with run.ledger.transaction():
        run.ledger.take_over(state)
    with run.ledger.transaction():
        declarations.adopt(run, warehouse.tasks())
    stored = state.settings.get(personal.KEY_ID_SETTING)
    if stored and run.key_id and stored != run.key_id:
        if state.suppressed:
            check_key(run)
        with run.ledger.transaction():
            run.ledger.set(personal.KEY_ID_SETTING, run.key_id)
        notes.append(f"The pseudonyms were made anew: the hash key {stored}... is {run.key_id}...")
    with run.ledger.transaction():
        run.ledger.leave_out(left_out)
    notes += [
        f"{source}: people of it were forgotten, by numbers that it gave. The same customers under "
        f"another source's name would come back with them: keep `source: {source}` for these."
        for source in sorted({entry.source for entry in left_out})
        if any(kind.endswith(f":{source}") for kind, _ in state.suppressed)
    ]
    rewritten: list[StagedFile] = []
    for entry in run.ledger.entries():
        if entry.status == "superseded":
            continue
        try:
            task = warehouse.task(entry.source, entry.table_name)
        except CompanyError:
            continue
        now = _replay_entry(run, warehouse, task, entry, rewritten)
        # Which of several equal rows is the one that is stored may change.
        same = ("status", "rows_read", "rows_quarantined")
        if any(getattr(now, name) != getattr(entry, name) for name in same):
            notes.append(_difference(entry, now))
    run.ledger.journal_deferred()
    for staged in rewritten:
        archive.keep_rewritten(staged, run.archive)
        staged.remove()
    loaded = [entry for entry in run.ledger.entries() if entry.status == "loaded"]
    return RebuildReport(
        len(loaded), sum(e.rows_loaded for e in loaded), tuple(sentences.together(notes))
    )


def _replay_entry(
    run: Run, warehouse: Warehouse, task: Task, entry: Entry, rewritten: list[StagedFile]
) -> Entry:
    try:
        with run.ledger.transaction():
            if entry.status == "refused":
                _describe_refusal(run, task, entry)
                return entry
            now = batches.replay(run, task, entry)
            if run.ledger.suppressed and persons.linked_rows(
                run, task.table, task.source, run.ledger.suppressed, entry.batch_id
            ):
                return _replay_without_erased(run, warehouse, task, now, rewritten)
            return now
    except FileRefusedError as error:
        if entry.status == "refused":
            return entry
        refused = replace(
            entry,
            status="refused",
            reason=str(error),
            rows_read=0,
            rows_loaded=0,
            rows_quarantined=0,
            rows_repeated=0,
        )
        with run.ledger.transaction():
            run.ledger.write(refused)
        return refused


def _replay_without_erased(
    run: Run, warehouse: Warehouse, task: Task, entry: Entry, rewritten: list[StagedFile]
) -> Entry:
    """Replays a file that came after somebody was erased, and tells only now that it has them.

    Its `source.yaml` did not say then which column identifies people.
    """
    with batches.archived(run, task, entry) as reader:
        kept = redaction.keep_out(run, reader.staged, _readers(run, warehouse, entry))
        if kept is reader.staged:
            return entry
    run.ledger.delete_rows(entry)
    run.ledger.record_rewriting(kept.content_hash, kept.kept_hash or "")
    rewritten.append(kept)
    with closing(Reader(run, kept)) as reader:
        return batches.replay_from(reader, task, entry)


def _readers(run: Run, warehouse: Warehouse, entry: Entry) -> list[Task]:
    """All tables that a file was loaded, or refused, for."""
    return [
        warehouse.task(other.source, other.table_name)
        for other in run.ledger.entries()
        if other.content_hash == entry.content_hash
        and warehouse.company.delivers(other.source, other.table_name)
    ]


def _describe_refusal(run: Run, task: Task, entry: Entry) -> None:
    """Fills the quarantine for a file that was refused for its many bad rows.

    Raises `FileRefusedError` where it cannot be read by now.
    """
    kept = _first_holding((run.quarantine, run.archive), entry.content_hash or "")
    if not entry.rows_quarantined or kept is None:
        return
    with batches.archived(run, task, entry, kept) as reader:
        try:
            rows.parse_file(reader, task, task.settings.tolerance)
        except rows.ToleranceError:
            rows.write_faults(run.connection, task, entry.file_name, entry.batch_id)


def _difference(before: Entry, now: Entry) -> str:
    where = f"{now.source}.{now.table_name}: {emails.without(now.file_name)!r}"
    if now.status == "refused":
        return f"{where} was loaded and is refused now: it {now.reason}"
    return (
        f"{where} has {now.rows_loaded} rows loaded and {now.rows_quarantined} quarantined now, "
        f"{before.rows_loaded} and {before.rows_quarantined} before: its source.yaml changed."
    )


def put_in_place(fresh: Path, database: Path) -> None:
    """Replaces a database by a closed one; a crash in between leaves none, which is rebuilt."""
    if fresh.with_name(f"{fresh.name}.wal").exists():
        raise ArchiveError(f"{fresh} was not closed cleanly; run the command again.")
    # A name that a write-ahead log may belong to is never given to another file.
    _remove_database(database)
    points.reached("old database removed")
    fresh.replace(database)
    sync_to_disk(database.parent)
    points.reached("new database in place")


def _remove_database(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)


def requeue(warehouse: Warehouse) -> IngestReport:
    """Tries refused files and files with quarantined rows again, from archive and quarantine.

    A file of which more rows are good now is loaded in place of its earlier batch; a refused one
    that is acceptable now is loaded, whether landing still has it or not.
    """
    notes = bring_in_step(warehouse)
    with opened(warehouse) as run:
        check_key(run)
        run.notes += notes
        first_batch = run.ledger.next_batch_id()
        for entry in run.ledger.entries():
            if entry.status == "refused" or (entry.status == "loaded" and entry.rows_quarantined):
                outcome = _try_again(run, warehouse, entry)
                if outcome:
                    run.outcomes.append(outcome)
        # Here, and not at the next refresh: it would take what was read just now for old rows.
        declarations.note_changes(run, warehouse.tasks(), first_batch)
    return IngestReport(tuple(run.outcomes), {}, tuple(run.notes))


def _try_again(run: Run, warehouse: Warehouse, entry: Entry) -> FileOutcome | None:
    """The outcome of a file that changed its state, else None."""
    task = warehouse.task(entry.source, entry.table_name)
    kept = _first_holding((run.archive, run.quarantine), entry.content_hash or "")
    if kept is None:
        return None
    with batches.archived(run, task, entry, kept) as delivered:
        try:
            staged = redaction.keep_out(run, delivered.staged, _readers(run, warehouse, entry))
        except FileRefusedError:
            return None
        try:
            with closing(Reader(run, staged)) as reader:
                decision, manifest = _decide_again(run, task, entry, reader)
                return batches.load(run, reader, task, decision, manifest) if decision else None
        except FileRefusedError:
            return None
        finally:
            if staged is not delivered.staged:
                staged.remove()


def _decide_again(
    run: Run, task: Task, entry: Entry, reader: Reader
) -> tuple[Decision | None, Manifest | None]:
    if entry.status == "loaded":
        good = rows.parse_file(reader, task, tolerance=1).rows_good
        is_better = good > entry.rows_loaded + entry.rows_repeated
        return (Decision("load", batches=(entry.batch_id,)) if is_better else None), None
    if reader.staged.fault:
        raise FileRefusedError(reader.staged.fault)
    name, content_hash = entry.file_name, entry.content_hash or ""
    file = LandingFile(run.landing / name, name)
    manifest = landing.read_manifest(file)
    landing.check_hash(manifest, content_hash)
    if landing.broke_promise(entry.reason) and not file.path.exists():
        # Its manifest is gone with it, and what that said is still so.
        raise FileRefusedError(entry.reason or "")
    known = run.known(task)
    decision = ledger.decide(known, task.config.load, name, content_hash)
    return (decision if decision.action == "load" else None), manifest


def _first_holding(directories: Iterable[Path], content_hash: str) -> Path | None:
    return next((d for d in directories if archive.find(d, content_hash)), None)
