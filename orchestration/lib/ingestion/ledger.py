"""What was loaded, refused or superseded: one row per table, file and content.

The ledger lives in the database, in memory while a run lasts, and in the archive's journal; a
transaction changes all three or none.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

import duckdb

from orchestration.lib import catalog, points
from orchestration.lib.contract import (
    CARRIED_TABLES,
    HOUSEKEEPING,
    INTERNAL_TABLES,
    OPS_SCHEMA,
    OPS_TABLES,
    RAW_SCHEMA,
    Contract,
)
from orchestration.lib.ingestion import sql
from orchestration.lib.ingestion.files import natural_order
from orchestration.lib.ingestion.journal import COLUMNS, Change, Journal, Row, State
from orchestration.lib.mendable import MendableError

# The setting that says how long the journal was when the database last committed.
_JOURNAL_BYTES = "journal_bytes"
_HIGHEST_LEFT_OUT = "highest_batch_when_left_out"


class RawTableMismatchError(MendableError, ValueError):
    """A stored table no longer has the contract's columns; the message names table and remedy."""


@dataclass(frozen=True)
class Entry:
    """A ledger row: one file's (or database batch's) content for one table."""

    batch_id: int
    source: str
    table_name: str
    file_name: str
    content_hash: str | None
    bytes: int | None
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_repeated: int
    status: str
    reason: str | None
    loaded_at: datetime

    @property
    def row(self) -> Row:
        """The values in the order of the ledger's columns."""
        return tuple(getattr(self, name) for name in COLUMNS)


@dataclass(frozen=True)
class Counts:
    """Rows of one file: read = loaded + quarantined + repeated, always."""

    read: int = 0
    loaded: int = 0
    quarantined: int = 0
    repeated: int = 0

    def __post_init__(self) -> None:
        if self.read != self.loaded + self.quarantined + self.repeated:
            raise AssertionError(f"rows are not accounted for: {self}")


NO_ROWS = Counts()


def replaced_by(batch_id: int) -> str:
    """The reason of a row that a later batch replaced."""
    return f"replaced by batch {batch_id}"


def create_tables(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Creates missing raw and ops tables; raises `RawTableMismatchError` for a changed one.

    What each refresh fills anew is made anew instead.
    """
    wanted = {
        (RAW_SCHEMA, table.name): (
            *((column.name, column.data_type) for column in table.columns),
            *HOUSEKEEPING,
        )
        for table in contract.tables.values()
    } | {(OPS_SCHEMA, name): columns for name, columns in {**OPS_TABLES, **INTERNAL_TABLES}.items()}
    found = catalog.columns(connection)
    for schema in (RAW_SCHEMA, OPS_SCHEMA):
        connection.execute(f"create schema if not exists {schema}")
    for (schema, table), columns in wanted.items():
        stored = list(found.get((schema, table), {}).items())
        if stored == list(columns):
            continue
        if not stored or (schema == OPS_SCHEMA and table in CARRIED_TABLES):
            body = ", ".join(f"{sql.identifier(name)} {data_type}" for name, data_type in columns)
            connection.execute(f"create or replace table {schema}.{sql.identifier(table)} ({body})")
        else:
            raise RawTableMismatchError(_mismatch(f"{schema}.{table}", stored, columns))


def _mismatch(
    table: str, stored: list[tuple[str, str]], wanted: tuple[tuple[str, str], ...]
) -> str:
    gone = [" ".join(column) for column in stored if column not in wanted]
    new = [" ".join(column) for column in wanted if column not in stored]
    return (
        f"{table} in warehouse.duckdb has other columns than the contract (only stored: "
        f"{', '.join(gone) or 'none'}; only in the contract: {', '.join(new) or 'none'}; or "
        "another order). Run `make rebuild`: it builds the database again from the archive."
    )


@dataclass
class Known:
    """The ledger rows of one source's table, found by name and by content without a search."""

    entries: dict[int, Entry] = field(default_factory=dict)
    loaded: dict[int, Entry] = field(default_factory=dict)
    loaded_by_hash: dict[str, int] = field(default_factory=dict)
    kept_by_name: dict[str, list[int]] = field(default_factory=dict)
    refused: dict[int, Entry] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Adds or replaces a row."""
        if entry.batch_id in self.entries:
            self.remove(entry.batch_id)
        self.entries[entry.batch_id] = entry
        if entry.status == "refused":
            self.refused[entry.batch_id] = entry
            return
        batches = self.kept_by_name.setdefault(entry.file_name, [])
        batches.append(entry.batch_id)
        batches.sort()
        if entry.status == "loaded":
            self.loaded[entry.batch_id] = entry
            self.loaded_by_hash.setdefault(entry.content_hash or "", entry.batch_id)

    def refusals_before(self, batch_id: int, file_name: str, mode: str) -> list[Entry]:
        """Refused files that came before a batch and that its file makes up for.

        These are earlier versions of its name, and earlier states where a file is the whole table.
        """
        order = natural_order(file_name)
        return [
            entry
            for entry in self.refused.values()
            if entry.batch_id < batch_id
            and (
                entry.file_name == file_name
                or (mode == "snapshot" and natural_order(entry.file_name) < order)
            )
        ]

    def remove(self, batch_id: int) -> None:
        """Removes a row."""
        entry = self.entries.pop(batch_id)
        self.loaded.pop(batch_id, None)
        self.refused.pop(batch_id, None)
        if self.loaded_by_hash.get(entry.content_hash or "") == batch_id:
            del self.loaded_by_hash[entry.content_hash or ""]
            # A file that was corrected to what another one holds has its content too.
            for other in self.loaded.values():
                if other.content_hash == entry.content_hash:
                    self.loaded_by_hash.setdefault(entry.content_hash or "", other.batch_id)
        if batch_id in self.kept_by_name.get(entry.file_name, []):
            self.kept_by_name[entry.file_name].remove(batch_id)


def stored(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Known]:
    """The ledger rows of a database, by source and table."""
    found: dict[tuple[str, str], Known] = {}
    for row in connection.execute(
        f"select {', '.join(COLUMNS)} from {OPS_SCHEMA}.ledger order by batch_id"
    ).fetchall():
        entry = Entry(*row)
        found.setdefault((entry.source, entry.table_name), Known()).add(entry)
    return found


class Ledger:
    """The ledger of one database while a run has it open."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, journal: Journal) -> None:
        self.connection = connection
        self.journal = journal
        self._pending = Change()
        self._deferred: Change | None = None
        self._reload()

    def defer(self) -> None:
        """Keeps what the next transactions do from the journal until `journal_deferred`."""
        self._deferred = Change()

    def journal_deferred(self) -> None:
        """Journals what was deferred, as one transaction."""
        change, self._deferred = self._deferred, None
        with self.transaction():
            if change:
                self._pending = change
        self._set(_JOURNAL_BYTES, str(self.journal.length()))

    def _reload(self) -> None:
        self._known = stored(self.connection)
        self._highest = max((max(one.entries) for one in self._known.values()), default=0)
        self.settings: dict[str, str] = dict(
            self.connection.execute(f"select name, value from {OPS_SCHEMA}.settings").fetchall()
        )
        self.suppressed: set[tuple[str, str]] = set(
            self.connection.execute(
                f"select kind, pseudonym from {OPS_SCHEMA}.suppressions"
            ).fetchall()
        )
        self.rewritten: dict[str, set[str]] = {}
        for content_hash, kept_hash in self.connection.execute(
            f"select content_hash, kept_hash from {OPS_SCHEMA}.rewritten_files"
        ).fetchall():
            self.rewritten.setdefault(content_hash, set()).add(kept_hash)

    def _remember(self, entry: Entry) -> None:
        self._known.setdefault((entry.source, entry.table_name), Known()).add(entry)
        self._highest = max(self._highest, entry.batch_id)

    def known(self, source: str, table: str) -> Known:
        """The rows of a source's table."""
        return self._known.setdefault((source, table), Known())

    def tables(self) -> list[tuple[str, str]]:
        """The sources and tables that the ledger has rows of."""
        return [key for key, known in self._known.items() if known.entries]

    def entries(self) -> list[Entry]:
        """All ledger rows, oldest first."""
        found = (entry for known in self._known.values() for entry in known.entries.values())
        return sorted(found, key=lambda entry: entry.batch_id)

    def next_batch_id(self) -> int:
        """One more than the highest batch so far, be it one that was left out since."""
        return max(self._highest, int(self.settings.get(_HIGHEST_LEFT_OUT, "0"))) + 1

    def leave_out(self, entries: Collection[Entry]) -> None:
        """Drops batches whose rows are not here for good; their numbers are not given again.

        A release knows by the number of its last batch what came later. The contract may have lost
        the table with the batches, so nothing is looked for in it.
        """
        if not entries:
            return
        highest = self.next_batch_id() - 1
        for entry in entries:
            self._drop_entry(entry)
        self.set(_HIGHEST_LEFT_OUT, str(highest))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Journal, then commit, at the end of the block; neither where it raises.

        The journal comes first: what it names can always be loaded again from the archive, so a
        crash in between loses nothing, and the next start undoes the line.
        """
        self.connection.execute("begin transaction")
        self._pending = Change()
        try:
            yield
        except BaseException:
            self._roll_back()
            raise
        if self._deferred is not None:
            self._deferred.add(self._pending)
            self._pending = Change()
        if self._pending.is_empty:
            self.connection.execute("commit")
            return
        self.journal.append(self._pending)
        try:
            self._set(_JOURNAL_BYTES, str(self.journal.length()))
            self.connection.execute("commit")
        except BaseException:
            self._roll_back()
            self.journal.undo()
            raise
        points.reached("transaction committed")

    def _roll_back(self) -> None:
        with suppress(duckdb.Error):
            self.connection.execute("rollback")
        if not self._pending.is_empty:
            with suppress(duckdb.Error):
                self._reload()

    def write(self, entry: Entry) -> None:
        """Adds a row, or replaces the one of that batch."""
        marks = ", ".join("?" for _ in COLUMNS)
        self.connection.execute(
            f"delete from {OPS_SCHEMA}.ledger where batch_id = ?", [entry.batch_id]
        )
        self.connection.execute(
            f"insert into {OPS_SCHEMA}.ledger values ({marks})", list(entry.row)
        )
        self._remember(entry)
        self._pending.rows[entry.batch_id] = entry.row

    def supersede(self, entries: Iterable[Entry], successor: int) -> None:
        """Removes the rows of batches that `successor` replaces and marks them."""
        for entry in entries:
            self.delete_rows(entry)
            self.write(replace(entry, status="superseded", reason=replaced_by(successor)))

    def delete_rows(self, entry: Entry) -> None:
        """Removes what a batch has in its raw table and in the quarantine."""
        raw = sql.raw_table(entry.table_name)
        self.connection.execute(f"delete from {raw} where _batch_id = ?", [entry.batch_id])
        self.connection.execute(
            f"delete from {OPS_SCHEMA}.quarantine where batch_id = ?", [entry.batch_id]
        )

    def drop(self, entry: Entry) -> None:
        """Removes a batch with all its rows, as if it had never been delivered."""
        self.delete_rows(entry)
        self._drop_entry(entry)

    def _drop_entry(self, entry: Entry) -> None:
        self.connection.execute(
            f"delete from {OPS_SCHEMA}.ledger where batch_id = ?", [entry.batch_id]
        )
        self.known(entry.source, entry.table_name).remove(entry.batch_id)
        self._pending.rows.pop(entry.batch_id, None)
        self._pending.dropped.append(entry.batch_id)

    def rename(self, batches: tuple[int, ...], source: str, table: str, file_name: str) -> None:
        """Lets the row of an unchanged snapshot carry the name of its latest delivery."""
        if not batches:
            return
        with self.transaction():
            for batch in batches:
                entry = self.known(source, table).entries[batch]
                reason = f"first delivered as {entry.file_name}"
                self.write(replace(entry, file_name=file_name, reason=reason))

    def forget_refusals(
        self, source: str, table: str, file_name: str, content_hash: str | None
    ) -> int | None:
        """Removes refusals of this content (or unreadable name); a batch to use again, or None."""
        known = self.known(source, table)
        batches = [
            entry.batch_id
            for entry in known.entries.values()
            if entry.status == "refused"
            and entry.content_hash == content_hash
            and (content_hash or entry.file_name == file_name)
        ]
        for batch in batches:
            self.drop(known.entries[batch])
        return min(batches, default=None)

    def set(self, name: str, value: str) -> None:
        """Stores a setting of this warehouse."""
        self._set(name, value)
        self.settings[name] = value
        self._pending.settings[name] = value

    def _set(self, name: str, value: str) -> None:
        self.connection.execute(f"delete from {OPS_SCHEMA}.settings where name = ?", [name])
        self.connection.execute(f"insert into {OPS_SCHEMA}.settings values (?, ?)", [name, value])

    def suppress(self, pseudonyms: Iterable[tuple[str, str]]) -> None:
        """Stores what must not come back: (kind of identifier, keyed hash)."""
        for kind, pseudonym in sorted(set(pseudonyms) - self.suppressed):
            self.connection.execute(
                f"insert into {OPS_SCHEMA}.suppressions values (?, ?)", [kind, pseudonym]
            )
            self.suppressed.add((kind, pseudonym))
            self._pending.suppressed.append((kind, pseudonym))

    def record_rewriting(self, content_hash: str, kept_hash: str) -> None:
        """Stores that the archive keeps other bytes than those that were delivered.

        Those of an earlier rewriting stay known: until the file is replaced, it has them.
        """
        if kept_hash in self.rewritten.setdefault(content_hash, set()):
            return
        self.connection.execute(
            f"insert into {OPS_SCHEMA}.rewritten_files values (?, ?)", [content_hash, kept_hash]
        )
        self.rewritten[content_hash].add(kept_hash)
        self._pending.rewritten.append((content_hash, kept_hash))

    def take_over(self, state: State) -> None:
        """Puts a journal's state into an empty database, without journaling it again."""
        for row in state.rows.values():
            self.write(Entry(*row))
        for name, value in state.settings.items():
            self.set(name, value)
        self.suppress(state.suppressed)
        for content_hash, kept_hash in sorted(state.rewritten):
            self.record_rewriting(content_hash, kept_hash)
        self._pending = Change()

    def is_in_step(self, is_delivered: Callable[[Entry], bool]) -> bool:
        """Brings journal and database together; False where only a rebuild can.

        The database knows how long the journal was at its last commit. One transaction more in
        the journal is one that a crash kept from being committed: it is undone, to be loaded again.
        Where `is_delivered` says that its file is no longer there to be loaded, only the archive
        has it. So it is when a write-ahead log lost its end after a commit.
        """
        committed = int(self.settings.get(_JOURNAL_BYTES, "0"))
        length = self.journal.length()
        if length < committed or (not length and self._highest):
            self.journal.append(self._everything())
        elif length != committed:
            ahead = self.journal.changes_after(committed)
            if ahead is None or len(ahead) > 1 or (not committed and ahead):
                return False
            if not all(
                is_delivered(Entry(*row)) for change in ahead for row in change.rows.values()
            ):
                return False
            if ahead:
                self.journal.undo()
        else:
            return True
        self._set(_JOURNAL_BYTES, str(self.journal.length()))
        return True

    def _everything(self) -> Change:
        rows = {entry.batch_id: entry.row for entry in self.entries()}
        settings = {k: v for k, v in self.settings.items() if k != _JOURNAL_BYTES}
        return Change(
            rows=rows,
            dropped=[batch for batch in self.journal.state().rows if batch not in rows],
            settings=settings,
            suppressed=sorted(self.suppressed),
            rewritten=[
                (content_hash, kept_hash)
                for content_hash, kept in self.rewritten.items()
                for kept_hash in sorted(kept)
            ],
        )


@dataclass(frozen=True)
class Decision:
    """What to do with a file's content: `load` (replacing `batches`), or an outcome at once.

    `already_loaded` with `batches` is a snapshot that did not change: the ledger row takes its
    name, so that a snapshot named in between is known to be older.
    """

    action: str
    reason: str | None = None
    batches: tuple[int, ...] = ()


def decide(
    known: Known, mode: str, file_name: str, content_hash: str, *, is_state: bool = False
) -> Decision:
    """Compares a file with the ledger of its table.

    `is_state`: the content is what a database holds now, whatever its batches held before; of a
    file nobody knows whether its sender means that, or has moved it.

    Content that is loaded, under any name, is `already_loaded`; so is the version of a name that
    was superseded by another file. A known name with new content is refused for `append`,
    replaces the earlier version for `upsert`, the whole table for `snapshot`. A snapshot whose
    name sorts before the loaded one's comes late: it is `superseded` at once.
    """
    same_name = [known.entries[batch] for batch in known.kept_by_name.get(file_name, [])]
    earlier = tuple(entry.batch_id for entry in same_name if entry.status == "loaded")
    holds_it = any(known.entries[batch].content_hash == content_hash for batch in earlier)
    # Though another file has this content: the rows of the earlier version must go.
    is_correction = mode == "upsert" and bool(earlier) and not holds_it
    is_back = is_state and mode != "snapshot" and _is_back(known, file_name, content_hash)
    if content_hash in known.loaded_by_hash and not is_correction and not is_back:
        twin = known.loaded[known.loaded_by_hash[content_hash]]
        is_later = natural_order(file_name) > natural_order(twin.file_name)
        renamed = (twin.batch_id,) if mode == "snapshot" and is_later else ()
        return Decision("already_loaded", f"already loaded as {twin.file_name}", renamed)
    if same_name and same_name[-1].content_hash == content_hash:
        return Decision("already_loaded", same_name[-1].reason)
    if mode == "snapshot":
        order = natural_order(file_name)
        later = [e for e in known.loaded.values() if natural_order(e.file_name) > order]
        if later:
            return Decision("superseded", f"{later[-1].file_name} is a later snapshot")
        return Decision("load", batches=tuple(known.loaded))
    if mode == "append" and earlier:
        return Decision(
            "refused",
            "has the name of a loaded file but other content; deliver it under a new name, or "
            "set `load: upsert` if it corrects the earlier one.",
        )
    return Decision("load", batches=earlier)


def _is_back(known: Known, file_name: str, content_hash: str) -> bool:
    """Whether other batches came between this one and the last one of the same content."""
    loaded = {natural_order(entry.file_name): entry for entry in known.loaded.values()}
    same = [place for place, entry in loaded.items() if entry.content_hash == content_hash]
    return bool(same) and any(max(same) < place < natural_order(file_name) for place in loaded)
