"""Erasing one person: from raw, archive, quarantine and older releases, for good, with proof.

Totals stay: the person's orders, leads and visits keep their rows, under identifiers that stand for
nobody (`erased-...`). A list of keyed hashes keeps later deliveries from bringing the person back.
"""

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.lib import points
from orchestration.lib.contract import OPS_SCHEMA, RAW_SCHEMA
from orchestration.lib.ingestion import (
    archive,
    batches,
    damage,
    emails,
    files,
    persons,
    rebuild,
    redaction,
    rows,
    sql,
)
from orchestration.lib.ingestion.files import FileRefusedError, StagedFile
from orchestration.lib.ingestion.ledger import Entry
from orchestration.lib.ingestion.personal import WHITESPACE
from orchestration.lib.ingestion.persons import Suppression
from orchestration.lib.ingestion.reader import Reader
from orchestration.lib.ingestion.run import STORAGE, Run, Task
from orchestration.lib.ingestion.session import Warehouse, check_key, opened
from orchestration.lib.mendable import MendableError
from orchestration.lib.publishing.releases import ReleaseStore

# The setting that says which release was current when somebody was erased last: it, and none that
# came later, holds them.
_ERASED_AT = "erased_at_release"
# Whoever orders as a guest may have a number each time; an agency writes for many people.
MOST_CUSTOMERS = 20


class ErasureError(MendableError, ValueError):
    """A person who cannot be erased as things are; the message says why, nothing was changed."""


@dataclass(frozen=True)
class ErasureReport:
    """What was done, and where the person was found afterwards.

    `landing` are files that the sources still hold (they are never written here), `elsewhere` all
    other places in the warehouse home: none, if all is well. `holding_release` is the current one
    where it was published before somebody was erased. `notes` are sentences for people.
    """

    identifiers: int
    files_rewritten: int
    rows_changed: int
    quarantined_files_removed: int
    releases_removed: tuple[str, ...]
    holding_release: str | None
    landing: tuple[str, ...]
    elsewhere: tuple[str, ...]
    files_searched: int
    notes: tuple[str, ...]


def forget(
    warehouse: Warehouse, home: Path, email: str, *, everyone: bool = False
) -> ErasureReport:
    """Erases the person with that e-mail address; repeating it is harmless.

    Raises `ErasureError` before anything is changed where the archive cannot be rewritten, or where
    more than `MOST_CUSTOMERS` customers have the address and `everyone` is not meant.
    """
    email = email.strip(WHITESPACE).lower()
    if "@" not in email.strip("@") or any(mark in email for mark in ' \t\r\n,;"'):
        raise ErasureError(f"{email!r} is no e-mail address; write EMAIL=name@example.com.")
    store = ReleaseStore(home)
    current = store.current_id()
    notes = rebuild.bring_in_step(warehouse)
    with opened(warehouse) as run:
        check_key(run)
        if not run.has_key:
            raise ErasureError("WAREHOUSE_HASH_KEY is not set: nobody can be found without it.")
        start = {("email", persons.email_hash(run, email))}
        person, shared = persons.linked(run, start)
        if not everyone:
            _require_one_person(person - run.ledger.suppressed)
        person |= run.ledger.suppressed
        rewritten, changed = _rewrite_archive(run, warehouse, person, email, current)
        _replace_rows(run, warehouse, rewritten)
        if persons.still_linked(run, warehouse.contract, person):
            # Whoever was stopped had rewritten these files, and not yet replaced their rows.
            _replace_rows(run, warehouse, set(run.ledger.rewritten))
        removed = _clear_quarantine(run, warehouse, person, email)
        left = persons.still_linked(run, warehouse.contract, person)
        if left:
            raise ErasureError(
                f"rows still hold the person: {left}; run `make rebuild`, then again."
            )
        is_held = current is not None and is_shown_by(run.connection, current)
        notes += _unsearched(run)
    _compact(warehouse)
    pins = store.pins()
    releases = store.remove_all_but_current()
    notes += [
        f"Release {name} was pinned ({pins[name]}) and had to go with the others."
        for name in releases
        if name in pins
    ]
    damage.forget_set_aside(warehouse.database)
    landing, elsewhere, searched = search(home, warehouse, email)
    return ErasureReport(
        identifiers=len(person),
        files_rewritten=len(rewritten),
        rows_changed=changed,
        quarantined_files_removed=removed,
        releases_removed=releases,
        holding_release=current if is_held else None,
        landing=landing,
        elsewhere=elsewhere,
        files_searched=searched,
        notes=(*notes, *shared),
    )


def _require_one_person(found: Collection[Suppression]) -> None:
    """What is erased is gone for good: a mailbox that many share may not be meant."""
    customers = sum(kind.startswith("customer_id") for kind, _ in found)
    if customers > MOST_CUSTOMERS:
        raise ErasureError(
            f"{customers} customer numbers have this address: it may be a mailbox that many people "
            "share, as of an agency, and all of them would be erased for good. If they are all "
            "meant, or are one person's, add EVERYONE=1."
        )


def is_shown_by(connection: duckdb.DuckDBPyConnection, release_id: str) -> bool:
    """Whether that release was current when somebody was erased last, and so may hold them."""
    return bool(
        connection.execute(
            f"select name from {OPS_SCHEMA}.settings where name = ? and value = ?",
            [_ERASED_AT, release_id],
        ).fetchall()
    )


def _by_content(run: Run, warehouse: Warehouse) -> dict[str, list[tuple[Entry, Task]]]:
    """Archived contents with the ledger rows and tasks that read them."""
    found: dict[str, list[tuple[Entry, Task]]] = {}
    for entry in run.ledger.entries():
        if entry.content_hash and archive.find(run.archive, entry.content_hash):
            task = warehouse.task(entry.source, entry.table_name)
            found.setdefault(entry.content_hash, []).append((entry, task))
    return found


def _unsearched(run: Run) -> Iterator[str]:
    """A sentence where loaded files are no longer archived: they may come back from a backup."""
    missing = [
        emails.without(entry.file_name)
        for entry in run.ledger.entries()
        if entry.status == "loaded"
        and entry.content_hash
        and not archive.find(run.archive, entry.content_hash)
    ]
    if missing:
        yield (
            f"The archive lacks {len(missing)} of the loaded files, such as {missing[0]!r}: they "
            "were not searched. When they are back, from a backup, erase the person again."
        )


def _rewrite_archive(
    run: Run, warehouse: Warehouse, person: set[Suppression], email: str, current: str | None
) -> tuple[dict[str, str], int]:
    """Rewrites every archived file that holds the person; returns old and new hashes, and rows.

    `current` is the release that was made of them.

    All files are rewritten beside the archive before the first one takes its place.
    """
    prepared: list[StagedFile] = []
    changed = 0
    problems: set[str] = set()
    for entries in _by_content(run, warehouse).values():
        tasks = list({task.table.name: task for _, task in entries}.values())
        entry, task = entries[0]
        with batches.archived(run, task, entry) as reader:
            try:
                done = redaction.without_person(run, reader.staged, tasks, person, {email})
            except FileRefusedError as error:
                if redaction.contains(reader.staged.path, {email}):
                    raise ErasureError(
                        f"{entry.file_name!r} holds the person and can no longer be read: it "
                        f"{error}"
                    ) from error
                continue
            except (ValueError, redaction.RedactionError) as error:
                problems.add(str(error))
                continue
        if done:
            _check_rows(run, done[0], entries)
            prepared.append(done[0])
            changed += len(done[1].own) + len(done[1].device)
    if problems:
        raise ErasureError("\n".join(sorted(problems)))
    with run.ledger.transaction():
        run.ledger.suppress(person)
        if prepared and current:
            run.ledger.set(_ERASED_AT, current)
        for staged in prepared:
            run.ledger.record_rewriting(staged.content_hash, staged.kept_hash or "")
    points.reached("person suppressed")
    # A crash from here on leaves files as they were, which the ledger still accepts: run it again.
    for staged in prepared:
        archive.keep_rewritten(staged, run.archive)
        points.reached("archive rewritten")
        staged.remove()
    return {staged.content_hash: staged.kept_hash or "" for staged in prepared}, changed


def _check_rows(run: Run, rewritten: StagedFile, entries: list[tuple[Entry, Task]]) -> None:
    """Raises `ErasureError` where rows that were loaded could no longer be."""
    for entry, task in entries:
        if entry.status != "loaded":
            continue
        with closing(Reader(run, rewritten)) as reader:
            good = rows.parse_file(reader, task, tolerance=1).rows_good
        lost = entry.rows_loaded + entry.rows_repeated - good
        if lost > 0:
            raise ErasureError(
                f"{emails.without(entry.file_name)!r} would lose {lost} rows of {task.source}."
                f"{task.table.name}: more is made of a column that identifies the person; deliver "
                "that in a column of its own. If source.yaml has changed since it was loaded, run "
                "`make rebuild` first."
            )


def _replace_rows(run: Run, warehouse: Warehouse, rewritten: Collection[str]) -> None:
    """Loads what is left of the rewritten files in place of their batches."""
    affected = [
        entry
        for entry in run.ledger.entries()
        if entry.status == "loaded" and entry.content_hash in rewritten
    ]
    with run.ledger.transaction():
        for entry in affected:
            run.ledger.delete_rows(entry)
        for entry in affected:
            batches.replay(run, warehouse.task(entry.source, entry.table_name), entry)
    points.reached("rows replaced")


def _clear_quarantine(run: Run, warehouse: Warehouse, person: set[Suppression], email: str) -> int:
    """Removes refused files that hold the person, and quarantined values with their address."""
    removed = 0
    for entry in run.ledger.entries():
        content_hash = entry.content_hash or ""
        # A refused file is kept there after a later version of it has superseded it, too.
        if entry.status == "loaded" or not archive.find(run.quarantine, content_hash):
            continue
        task = warehouse.task(entry.source, entry.table_name)
        with batches.archived(run, task, entry, run.quarantine) as reader:
            holds = redaction.contains(reader.staged.path, {email})
            if not holds:
                try:
                    holds = not redaction.plan(run, reader, [task], person, {email}).is_empty
                except (FileRefusedError, ValueError, duckdb.Error):
                    holds = False
        if holds:
            # What is said of its rows goes with them: a rebuild could not say it again.
            run.connection.execute(
                f"delete from {OPS_SCHEMA}.quarantine where batch_id = $1", [entry.batch_id]
            )
            archive.discard(run.quarantine, content_hash)
            removed += 1
    run.connection.execute(
        f"update {OPS_SCHEMA}.quarantine set raw_value = null where contains(lower(raw_value), $1)",
        [email],
    )
    points.reached("quarantine cleared")
    return removed


def _compact(warehouse: Warehouse) -> None:
    """Copies raw tables and ledger into a new file: deleted rows leave no bytes behind.

    dbt's models, which hold integer keys of the person, are left out: a refresh builds them.
    """
    fresh = warehouse.database.parent / "build" / "compacted.duckdb"
    fresh.unlink(missing_ok=True)
    with duckdb.connect(str(fresh), config=STORAGE) as connection:
        connection.execute(f"set memory_limit = {sql.literal(warehouse.memory_limit)}")
        connection.execute(f"attach {sql.literal(str(warehouse.database))} as before (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'before' "
            f"and schema_name in {sql.text_list([RAW_SCHEMA, OPS_SCHEMA])}"
        ).fetchall()
        for schema, table in tables:
            name = f"{sql.identifier(schema)}.{sql.identifier(table)}"
            connection.execute(f"create schema if not exists {sql.identifier(schema)}")
            connection.execute(f"create table {name} as select * from before.{name}")
        connection.execute("detach before")
        connection.execute("checkpoint")
    points.reached("database compacted")
    rebuild.put_in_place(fresh, warehouse.database)


def search(
    home: Path, warehouse: Warehouse, email: str
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Looks for an address in every byte below `home`, unpacking what the archive packed.

    Returns landing files that hold it, other files that do, and how many were searched.
    """
    landing: list[str] = []
    elsewhere: list[str] = []
    searched = 0
    for path in _files_below(home):
        try:
            held = _holds(path, warehouse, email)
        except FileNotFoundError:
            # Dagster's daemon removes files of its own meanwhile.
            continue
        searched += 1
        if held:
            inside = path.is_relative_to(warehouse.landing)
            (landing if inside else elsewhere).append(files.shown(path.relative_to(home)))
    return tuple(landing), tuple(elsewhere), searched


def _files_below(home: Path) -> Iterator[Path]:
    """Regular files below `home`; raises where a folder cannot be listed, unless it is gone."""

    def note(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    for folder, folders, names in os.walk(home, onerror=note):
        folders.sort()
        for path in (Path(folder, name) for name in sorted(names)):
            if path.is_file() and not path.is_symlink():
                yield path


def _holds(path: Path, warehouse: Warehouse, email: str) -> bool:
    if redaction.contains(path, {email}):
        return True
    is_kept = _is_kept(path, warehouse)
    if not is_kept and path.suffix.lower() not in (".gz", ".zst"):
        return False
    scratch = warehouse.scratch / "search"
    scratch.mkdir(parents=True, exist_ok=True)
    copy = scratch / f"copy{archive.original_ending(path) if is_kept else path.suffix}"
    try:
        if is_kept:
            with copy.open("wb") as target:
                target.writelines(archive.read(path))
        else:
            shutil.copyfile(path, copy)
        staged = files.prepare(copy, path.name, "", copy.stat().st_size, max_ratio=1 << 30)
        held = redaction.contains(staged.path, {email})
        staged.remove()
        return held
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _is_kept(path: Path, warehouse: Warehouse) -> bool:
    roots = (warehouse.archive, warehouse.quarantine)
    return any(path.is_relative_to(root) for root in roots) and path.suffix != ".jsonl"
