"""One file for one table: loaded, refused or set aside, in one transaction."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from orchestration.lib.ingestion import (
    archive,
    blank_columns,
    landing,
    personal,
    persons,
    repeats,
    rows,
)
from orchestration.lib.ingestion import drift as drifts
from orchestration.lib.ingestion.files import FileRefusedError, StagedFile
from orchestration.lib.ingestion.landing import Manifest
from orchestration.lib.ingestion.ledger import NO_ROWS, Counts, Decision, Entry, replaced_by
from orchestration.lib.ingestion.reader import Reader
from orchestration.lib.ingestion.report import FileOutcome
from orchestration.lib.ingestion.run import Run, Task


def _write_entry(
    run: Run,
    task: Task,
    batch: int,
    file_name: str,
    staged: StagedFile | None,
    *,
    status: str,
    reason: str | None = None,
    counts: Counts = NO_ROWS,
) -> None:
    """Adds a row of this run to the ledger, and the hash of what erasure left of its file."""
    if staged and staged.kept_hash:
        run.ledger.record_rewriting(staged.content_hash, staged.kept_hash)
    run.ledger.write(
        Entry(
            batch,
            task.source,
            task.table.name,
            file_name,
            staged.content_hash if staged else None,
            staged.size if staged else None,
            counts.read,
            counts.loaded,
            counts.quarantined,
            counts.repeated,
            status,
            reason,
            run.as_of,
        )
    )


def refuse(
    run: Run,
    task: Task,
    name: str,
    reason: str,
    *,
    staged: StagedFile | None = None,
    counts: Counts = NO_ROWS,
) -> FileOutcome:
    """Keeps a refused file and says why, in one ledger row however often it is offered."""
    content_hash = staged.content_hash if staged else None
    if staged and not archive.find(run.archive, staged.content_hash):
        archive.keep(staged, run.quarantine)
    with run.ledger.transaction():
        batch = (
            run.ledger.forget_refusals(task.source, task.table.name, name, content_hash)
            or run.ledger.next_batch_id()
        )
        if counts.read:
            rows.write_faults(run.connection, task, name, batch)
        _write_entry(run, task, batch, name, staged, status="refused", reason=reason, counts=counts)
    return task.outcome(name, "refused", reason, counts)


def set_aside(run: Run, task: Task, staged: StagedFile, reason: str) -> FileOutcome:
    """Keeps a snapshot that came after a later one, and loads nothing of it."""
    archive.keep(staged, run.archive)
    with run.ledger.transaction():
        batch = run.ledger.next_batch_id()
        _write_entry(run, task, batch, staged.name, staged, status="superseded", reason=reason)
    return task.outcome(staged.name, "superseded", reason)


def load(
    run: Run, reader: Reader, task: Task, decision: Decision, manifest: Manifest | None = None
) -> FileOutcome:
    """Rows, quarantine, ledger row and what they replace, in one transaction.

    Raises `FileRefusedError` for a file of which nothing is loaded.
    """
    outcome = None
    with suppress(repeats.NotCleanError):
        outcome = _load_clean(run, reader, task, decision, manifest)
    outcome = outcome or _load_by_rows(run, reader, task, decision, manifest)
    archive.discard(run.quarantine, reader.staged.content_hash)
    return outcome


def _load_by_rows(
    run: Run, reader: Reader, task: Task, decision: Decision, manifest: Manifest | None
) -> FileOutcome:
    """Loads a file of which each row is judged and accounted for."""
    staged = reader.staged
    parsed = rows.parse_file(reader, task, task.settings.tolerance)
    landing.check_rows(manifest, parsed.file_rows)
    with run.ledger.transaction():
        batch = run.ledger.next_batch_id()
        before = _make_room(run, task, staged, decision, batch)
        _check_empty(task, parsed, before)
        if (
            decision.batches
            and task.config.load == "upsert"
            and _restore_repetitions(run, task, run.known(task).entries.values())
        ):
            reader.reopen()
            parsed = rows.parse_file(reader, task, task.settings.tolerance)
        counts = _store(run, task, parsed, staged.name, batch)
        outcome = _record(reader, task, batch, counts)
    return replace(
        outcome,
        ignored_columns=parsed.ignored_columns,
        rows_before=_rows_before(task, counts, before, is_correction=bool(decision.batches)),
    )


def _load_clean(
    run: Run, reader: Reader, task: Task, decision: Decision, manifest: Manifest | None
) -> FileOutcome:
    """Loads a file without any fault in one pass; raises `NotCleanError` for another."""
    staged = reader.staged
    entries = run.known(task).entries.values()
    if decision.batches and task.config.load == "upsert" and any(e.rows_repeated for e in entries):
        raise repeats.NotCleanError
    # Outside of the transaction: what this reads must outlive its end.
    reader.open(task.settings)
    with run.ledger.transaction():
        batch = run.ledger.next_batch_id()
        parsed = rows.insert_clean(run, reader, task, staged.name, batch=batch)
        landing.check_rows(manifest, parsed.file_rows)
        before = _make_room(run, task, staged, decision, batch)
        _check_empty(task, parsed, before)
        repeated = repeats.delete_repeated(run, task, staged.name, batch)
        counts = Counts(parsed.rows_read, parsed.rows_read - repeated, 0, repeated)
        _note_key(run, task)
        outcome = _record(reader, task, batch, counts)
    return replace(
        outcome,
        ignored_columns=parsed.ignored_columns,
        rows_before=_rows_before(task, counts, before, is_correction=bool(decision.batches)),
    )


def _make_room(
    run: Run, task: Task, staged: StagedFile, decision: Decision, batch: int
) -> Entry | None:
    """Removes what a file replaces as `batch`; returns the delivery to compare it with."""
    refused_as = run.ledger.forget_refusals(
        task.source, task.table.name, staged.name, staged.content_hash
    )
    known = run.known(task)
    replaced = [known.loaded[number] for number in decision.batches]
    before = max(replaced or known.loaded.values(), key=lambda entry: entry.batch_id, default=None)
    # A refused file that is acceptable by now makes up for none that came after it.
    mended = known.refusals_before(refused_as or batch, staged.name, task.config.load)
    run.ledger.supersede([*replaced, *mended], batch)
    return before


def _check_empty(task: Task, parsed: rows.ParsedFile, before: Entry | None) -> None:
    """Raises `FileRefusedError` for a file without rows where it must have some."""
    if parsed.rows_read or task.settings.may_be_empty:
        return
    if task.settings.may_be_empty is False:
        raise FileRefusedError("has no rows, and `may_be_empty: false` wants some.")
    if task.config.load == "snapshot" and before and before.rows_loaded:
        raise FileRefusedError(
            f"has no rows and would delete all {before.rows_loaded} of the snapshot before it; if "
            "that is right, set `may_be_empty: true` in source.yaml."
        )


def _record(reader: Reader, task: Task, batch: int, counts: Counts) -> FileOutcome:
    """Archive, then ledger: what the ledger names is in the archive, whatever happens next."""
    run, staged = reader.run, reader.staged
    drift = (
        *drifts.note(run, reader, task),
        *blank_columns.note(run, task, batch),
        *persons.note(run, reader, task),
    )
    drifts.keep(run, task, batch, drift)
    archive.keep(staged, run.archive)
    _write_entry(run, task, batch, staged.name, staged, status="loaded", counts=counts)
    if _restore_parted(run, task, staged.name, batch):
        reader.reopen()
    return replace(task.outcome(staged.name, "loaded", counts=counts), drift=drift)


def loaded_between(run: Run, task: Task, last: int, first: int) -> Iterator[FileOutcome]:
    """What became of the files that runs loaded after batch `last` and before batch `first`.

    As far as the ledger tells: their rows, what the delivery before had, and what changed since.
    """
    known, drift = run.known(task), drifts.kept(run, task)
    replaced: dict[str | None, list[Entry]] = {}
    for entry in known.entries.values():
        # A refusal that was made up for is no delivery before.
        if entry.status == "superseded" and entry.rows_loaded + entry.rows_repeated:
            replaced.setdefault(entry.reason, []).append(entry)
    for entry in known.loaded.values():
        if not last < entry.batch_id < first:
            continue
        counts = Counts(
            entry.rows_read, entry.rows_loaded, entry.rows_quarantined, entry.rows_repeated
        )
        former = replaced.get(replaced_by(entry.batch_id), [])
        earlier = former or [one for one in known.loaded.values() if one.batch_id < entry.batch_id]
        before = max(earlier, key=lambda one: one.batch_id, default=None)
        yield replace(
            task.outcome(entry.file_name, "loaded", counts=counts),
            rows_before=_rows_before(task, counts, before, is_correction=bool(former)),
            drift=tuple(drift.get(str(entry.batch_id), ())),
        )


def _rows_before(task: Task, counts: Counts, before: Entry | None, *, is_correction: bool) -> int:
    """What the delivery before had, where this one lacks some that nobody may miss; else 0."""
    if before is None:
        return 0
    is_corrected = task.config.load == "upsert" and is_correction
    is_shorter = is_corrected and counts.read < before.rows_read
    is_empty = not counts.read and task.settings.may_be_empty is None
    return before.rows_read if is_shorter or is_empty else 0


def _store(run: Run, task: Task, parsed: rows.ParsedFile, name: str, batch: int) -> Counts:
    """Stores what the temp tables `parsed` and `faults` hold as a new batch."""
    repeated = repeats.mark_repeated(run.connection, task, name)
    rows.insert(run, task, name, batch)
    counts = Counts(
        read=parsed.rows_read,
        loaded=parsed.rows_good - repeated,
        quarantined=parsed.rows_read - parsed.rows_good,
        repeated=repeated,
    )
    if counts.quarantined:
        rows.write_faults(run.connection, task, name, batch)
    _note_key(run, task)
    return counts


def _note_key(run: Run, task: Task) -> None:
    """Notes with which key the first pseudonyms were made."""
    if task.has_identifiers and run.key_id and personal.KEY_ID_SETTING not in run.ledger.settings:
        run.ledger.set(personal.KEY_ID_SETTING, run.key_id)


@contextmanager
def archived(run: Run, task: Task, entry: Entry, directory: Path | None = None) -> Iterator[Reader]:
    """A reader of what the archive (or quarantine) keeps of a ledger row; raises `ArchiveError`."""
    staged = archive.fetch(
        directory or run.archive,
        entry.content_hash or "",
        entry.file_name,
        run.scratch / "incoming",
        run.ledger.rewritten,
        max_ratio=task.settings.max_compression_ratio,
    )
    run.prepare_for(staged.path.stat().st_size)
    try:
        with closing(Reader(run, staged)) as reader:
            yield reader
    finally:
        staged.remove()


def replay(run: Run, task: Task, entry: Entry) -> Entry:
    """Stores an archived file's rows again, as the batch and with the clock of its ledger row.

    Rows that no longer fit are quarantined, however many. Returns the ledger row as it is now;
    writes it where it differs. Call inside a transaction; raises `FileRefusedError` or
    `ArchiveError`.
    """
    with archived(run, task, entry) as reader:
        return replay_from(reader, task, entry)


def replay_from(reader: Reader, task: Task, entry: Entry) -> Entry:
    """`replay`, of what the reader has."""
    run = reader.run
    parsed = rows.parse_file(reader, task, tolerance=1)
    counts = _store(
        replace(run, as_of=entry.loaded_at), task, parsed, entry.file_name, entry.batch_id
    )
    now = replace(
        entry,
        rows_read=counts.read,
        rows_loaded=counts.loaded,
        rows_quarantined=counts.quarantined,
        rows_repeated=counts.repeated,
    )
    if now != entry:
        run.ledger.write(now)
    _restore_parted(run, task, entry.file_name, entry.batch_id)
    return now


def _restore_parted(run: Run, task: Task, name: str, batch: int) -> bool:
    """Gives earlier files the rows back from whose equal ones a file that came late parts them."""
    known = run.known(task)
    parted = repeats.parted_by(run, task, name, batch)
    return _restore_repetitions(run, task, [known.entries[number] for number in parted])


def _restore_repetitions(run: Run, task: Task, entries: Iterable[Entry]) -> bool:
    """Gives files the rows back that had repeated a row which no longer stands for them.

    A row that several files deliver is stored for the first of them that is still loaded. Returns
    whether any file was read again.
    """
    was_read = False
    for entry in sorted(entries, key=lambda entry: entry.batch_id):
        if entry.status != "loaded" or not entry.rows_repeated:
            continue
        was_read = True
        with archived(run, task, entry) as reader:
            parsed = rows.parse_file(reader, task, tolerance=1)
            restored = parsed.rows_good - repeats.mark_repeated(
                run.connection, task, entry.file_name
            )
            rows.insert(replace(run, as_of=entry.loaded_at), task, entry.file_name, entry.batch_id)
        run.ledger.write(
            replace(
                entry,
                rows_loaded=entry.rows_loaded + restored,
                rows_repeated=entry.rows_repeated - restored,
            )
        )
    return was_read
