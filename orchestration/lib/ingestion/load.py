"""The entry: loads what landing holds into the raw tables and says what became of each file."""

import shutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.lib.company import (
    Company,
    CompanyError,
    Source,
    check_company,
    table_format,
)
from orchestration.lib.contract import OPS_SCHEMA, RAW_SCHEMA, Contract
from orchestration.lib.ingestion import files, ledger, personal, rows, sql
from orchestration.lib.ingestion.files import FileChangedError, FileRefusedError, StagedFile
from orchestration.lib.ingestion.ledger import Counts, Decision
from orchestration.lib.ingestion.reader import Reader
from orchestration.lib.ingestion.report import FileOutcome, IngestReport
from orchestration.lib.ingestion.run import Run, Task, connect, transaction

__all__ = ["FileOutcome", "IngestReport", "ingest"]


def ingest(  # noqa: PLR0917 - four places, then what is loaded
    database: Path,
    landing: Path,
    archive: Path,
    quarantine: Path,
    company: Company,
    contract: Contract,
    *,
    as_of: datetime,
    hash_key: str,
    memory_limit: str,
    threads: int,
    progress: Callable[[str], None],
) -> IngestReport:
    """Loads every new file of the company's sources into `database`, each exactly once.

    `as_of` (naive UTC) becomes `_loaded_at`. `hash_key` keys the pseudonyms of personal
    identifiers; it may be empty only when none is delivered or the company is the demo. Raises
    `CompanyError`, `HashKeyError` or `RawTableMismatchError` for what no file can cause; a faulty
    file is an outcome, not an exception. Landing is never written; the database is closed.
    """
    check_company(company, contract)
    key = personal.resolve_key(hash_key, company.demo)
    scratch = database.parent / "build" / "ingestion"
    # What a killed run left behind.
    shutil.rmtree(scratch, ignore_errors=True)
    for directory in (scratch, archive, quarantine):
        directory.mkdir(parents=True, exist_ok=True)
    try:
        with connect(
            database, scratch, archive, memory_limit=memory_limit, threads=threads
        ) as connection:
            if key:
                personal.set_key(connection, key)
            ledger.create_tables(connection, contract)
            run = Run(
                connection=connection,
                landing=landing,
                archive=archive,
                quarantine=quarantine,
                scratch=scratch,
                contract=contract,
                as_of=as_of,
                has_key=key is not None,
                progress=progress,
                threads=threads,
            )
            for source in company.sources:
                _ingest_source(run, source)
            totals = _row_totals(connection, contract)
            connection.execute("checkpoint")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return IngestReport(tuple(run.outcomes), totals, tuple(run.notes))


def _row_totals(connection: duckdb.DuckDBPyConnection, contract: Contract) -> dict[str, int]:
    totals = {}
    for name in contract.tables:
        row = connection.execute(
            f"select count(*) from {RAW_SCHEMA}.{sql.identifier(name)}"
        ).fetchone()
        totals[name] = int(row[0]) if row else 0
    return totals


def _ingest_source(run: Run, source: Source) -> None:
    """Takes a source's files in name order, each for all tables that it feeds."""
    tasks: dict[str, list[Task]] = {}
    found: dict[str, files.LandingFile] = {}
    for name, config in source.tables.items():
        task = Task(source.source, run.contract.table(name), config, table_format(source, config))
        _check_formats(run, task)
        matches = files.find(run.landing, config.location)
        if not matches:
            run.notes.append(f"{source.source}.{name}: no file matches {config.location!r}.")
        for file in matches:
            found[file.name] = file
            tasks.setdefault(file.name, []).append(task)
    for name in sorted(found, key=files.natural_order):
        _ingest_file(run, found[name], tasks[name])


def _check_formats(run: Run, task: Task) -> None:
    """Tries the declared date and timestamp formats on nothing, so that a typing error shows."""
    for entry in (*task.settings.date_format, *task.settings.timestamp_format):
        try:
            run.connection.execute(f"select try_strptime('', {sql.literal(entry)})")
        except duckdb.Error as error:
            raise CompanyError(
                f"{task.source}.{task.table.name}: {entry!r} is no date format; use the marks of "
                "strptime, such as %d/%m/%Y %H:%M:%S."
            ) from error


def _ingest_file(run: Run, file: files.LandingFile, tasks: list[Task]) -> None:
    try:
        content_hash = files.hash_file(file.path)
    except FileRefusedError as error:
        for task in tasks:
            _refuse(run, task, file.name, staged=None, reason=str(error), counts=Counts())
        return
    pending: list[tuple[Task, Decision]] = []
    for task in tasks:
        known = ledger.entries(run.connection, task.source, task.table.name)
        decision = ledger.decide(known, task.config.load, file.name, content_hash)
        if decision.action == "already_loaded":
            ledger.rename(run.connection, decision.batches, file.name)
            run.outcomes.append(task.outcome(file.name, "already_loaded", decision.reason))
        else:
            pending.append((task, decision))
    if pending:
        _ingest_content(run, file, content_hash, pending)


def _ingest_content(
    run: Run, file: files.LandingFile, content_hash: str, pending: list[tuple[Task, Decision]]
) -> None:
    try:
        staged = files.stage(file, content_hash, run.archive, run.scratch / "incoming")
    except FileChangedError as error:
        run.outcomes += [task.outcome(file.name, "waiting", str(error)) for task, _ in pending]
        return
    run.prepare_for(staged.size)
    reader = Reader(run, staged)
    for task, decision in pending:
        _apply(run, reader, task, decision)
    reader.close()
    if staged.path.is_relative_to(run.scratch):
        staged.path.unlink()


def _apply(run: Run, reader: Reader, task: Task, decision: Decision) -> None:
    """Carries out a decision for one table and records the outcome."""
    started = time.monotonic()
    staged = reader.staged
    if decision.action == "superseded":
        _supersede_at_once(run, task, staged, decision)
        return
    try:
        if decision.action == "refused":
            raise FileRefusedError(decision.reason or "")
        outcome = _load(run, reader, task, decision)
    except rows.ToleranceError as error:
        counts = Counts(read=error.rows_read, quarantined=error.rows_read)
        _refuse(run, task, staged.name, staged=staged, reason=str(error), counts=counts)
        return
    except FileRefusedError as error:
        _refuse(run, task, staged.name, staged=staged, reason=str(error), counts=Counts())
        return
    run.outcomes.append(outcome)
    run.progress(
        f"{task.table.name} from {staged.name}: {outcome.rows_loaded:,} rows "
        f"({time.monotonic() - started:.1f} s)"
    )


def _write_ledger(
    run: Run,
    task: Task,
    batch: int,
    *,
    file_name: str,
    staged: StagedFile | None,
    counts: Counts,
    status: str,
    reason: str | None,
) -> None:
    ledger.write(
        run.connection,
        batch_id=batch,
        source=task.source,
        table=task.table.name,
        file_name=file_name,
        content_hash=staged.content_hash if staged else None,
        size=staged.size if staged else None,
        counts=counts,
        status=status,
        reason=reason,
        loaded_at=run.as_of,
    )


def _refuse(
    run: Run, task: Task, name: str, *, staged: StagedFile | None, reason: str, counts: Counts
) -> None:
    """Keeps a refused file and says why, in one ledger row however often it is offered."""
    content_hash = staged.content_hash if staged else None
    if staged and not staged.path.is_relative_to(run.archive):
        files.keep(staged, run.quarantine)
    with transaction(run.connection):
        batch = ledger.forget_refusals(
            run.connection, task.source, task.table.name, name, content_hash
        ) or ledger.next_batch_id(run.connection)
        if counts.read:
            rows.write_faults(run.connection, task, name, batch)
        _write_ledger(
            run,
            task,
            batch,
            file_name=name,
            staged=staged,
            counts=counts,
            status="refused",
            reason=reason,
        )
    run.outcomes.append(
        FileOutcome(
            task.source,
            task.table.name,
            name,
            "refused",
            rows_read=counts.read,
            rows_quarantined=counts.quarantined,
            reason=reason,
        )
    )


def _supersede_at_once(run: Run, task: Task, staged: StagedFile, decision: Decision) -> None:
    """Keeps a snapshot that came after a later one, and loads nothing of it."""
    files.keep(staged, run.archive)
    with transaction(run.connection):
        _write_ledger(
            run,
            task,
            ledger.next_batch_id(run.connection),
            file_name=staged.name,
            staged=staged,
            counts=Counts(),
            status="superseded",
            reason=decision.reason,
        )
    run.outcomes.append(task.outcome(staged.name, "superseded", decision.reason))


def _load(run: Run, reader: Reader, task: Task, decision: Decision) -> FileOutcome:
    """Rows, quarantine, ledger row and what they replace, in one transaction."""
    staged, connection, table = reader.staged, run.connection, task.table
    parsed = rows.parse_file(reader, task, task.settings.tolerance)
    # Before the commit: what the ledger names is in the archive, whatever happens in between.
    files.keep(staged, run.archive)
    with transaction(connection):
        ledger.forget_refusals(
            connection, task.source, table.name, staged.name, staged.content_hash
        )
        batch = ledger.next_batch_id(connection)
        ledger.supersede(connection, table.name, decision.batches, batch)
        repeated = rows.mark_repeated(connection, task)
        rows.insert(run, task, staged.name, batch)
        counts = Counts(
            read=parsed.rows_read,
            loaded=parsed.rows_good - repeated,
            quarantined=parsed.rows_read - parsed.rows_good,
            repeated=repeated,
        )
        if counts.quarantined:
            rows.write_faults(connection, task, staged.name, batch)
        _write_ledger(
            run,
            task,
            batch,
            file_name=staged.name,
            staged=staged,
            counts=counts,
            status="loaded",
            reason=None,
        )
        if decision.batches and task.config.load == "upsert":
            _restore_repetitions(run, task, batch)
    files.archive_path(run.quarantine, staged.content_hash, staged.name).unlink(missing_ok=True)
    return FileOutcome(
        task.source,
        table.name,
        staged.name,
        "loaded",
        rows_read=counts.read,
        rows_loaded=counts.loaded,
        rows_quarantined=counts.quarantined,
        rows_repeated=counts.repeated,
        ignored_columns=parsed.ignored_columns,
    )


def _restore_repetitions(run: Run, task: Task, new_batch: int) -> None:
    """Gives other files the rows back that had repeated a row of a version now replaced.

    A row that two files deliver is stored for the first of them. When that one is replaced by a
    version without the row, the second still delivers it.
    """
    connection = run.connection
    for entry in ledger.entries(connection, task.source, task.table.name):
        if entry.status != "loaded" or not entry.rows_repeated or entry.batch_id == new_batch:
            continue
        path = files.archive_path(run.archive, entry.content_hash, entry.file_name)
        reader = Reader(run, StagedFile(path, entry.file_name, entry.content_hash, 0))
        parsed = rows.parse_file(reader, task, tolerance=1)
        stored = entry.rows_loaded
        restored = parsed.rows_good - rows.mark_repeated(connection, task)
        rows.insert(run, task, entry.file_name, entry.batch_id)
        reader.close()
        connection.execute(
            f"update {OPS_SCHEMA}.ledger set rows_loaded = ?, rows_repeated = ? where batch_id = ?",
            [stored + restored, entry.rows_repeated - restored, entry.batch_id],
        )
