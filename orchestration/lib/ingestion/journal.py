"""The ledger's second life: an append-only file in the archive that says what was committed.

`archive/ledger.jsonl` has one line of JSON per transaction, written and flushed to disk before the
database commits. So archive and journal alone hold everything: `rebuild` reads no database. A line
whose commit never happened is undone by a further line at the next start; a line that a crash cut
in the middle counts as never written.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestration.lib import points
from orchestration.lib.contract import OPS_TABLES
from orchestration.lib.disk import sync_to_disk
from orchestration.lib.mendable import MendableError

NAME = "ledger.jsonl"
COLUMNS = tuple(name for name, _ in OPS_TABLES["ledger"])
_BATCH = COLUMNS.index("batch_id")
_LOADED_AT = COLUMNS.index("loaded_at")
Row = tuple[Any, ...]


class JournalError(MendableError, RuntimeError):
    """A journal that cannot be read; the message names file, line and remedy."""


@dataclass
class Change:
    """What one transaction did: ledger rows written or dropped, settings, suppressions.

    `rewritten` has the hash of a delivered file with that of what erasure left of it.
    """

    rows: dict[int, Row] = field(default_factory=dict)
    dropped: list[int] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    suppressed: list[tuple[str, str]] = field(default_factory=list)
    rewritten: list[tuple[str, str]] = field(default_factory=list)

    def add(self, later: "Change") -> None:
        """Takes a later transaction's changes in."""
        self.rows.update(later.rows)
        self.dropped += later.dropped
        self.settings.update(later.settings)
        self.suppressed += later.suppressed
        self.rewritten += later.rewritten

    @property
    def is_empty(self) -> bool:
        """Whether nothing was done."""
        return not any((self.rows, self.dropped, self.settings, self.suppressed, self.rewritten))


@dataclass
class State:
    """What the journal's lines add up to; ledger rows by batch."""

    rows: dict[int, Row] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    suppressed: set[tuple[str, str]] = field(default_factory=set)
    rewritten: set[tuple[str, str]] = field(default_factory=set)

    def apply(self, change: Change) -> None:
        """Takes one more transaction in."""
        for batch in change.dropped:
            self.rows.pop(batch, None)
        self.rows.update(change.rows)
        self.settings.update(change.settings)
        self.suppressed.update(change.suppressed)
        self.rewritten.update(change.rewritten)


class Journal:
    """The journal of one archive."""

    def __init__(self, archive: Path) -> None:
        self.path = archive / NAME

    def exists(self) -> bool:
        """Whether anything was ever journaled."""
        return self.path.is_file()

    def append(self, change: Change) -> None:
        """Adds a transaction durably."""
        self._write(
            {
                "rows": [_to_json(row) for row in change.rows.values()],
                "dropped": change.dropped,
                "settings": change.settings,
                "suppressed": change.suppressed,
                "rewritten": change.rewritten,
            }
        )
        points.reached("journal written")

    def undo(self) -> None:
        """Says that the last transaction was never committed."""
        self._write({"undo": True})
        points.reached("journal undone")

    def _write(self, content: Mapping[str, object]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            end = self._complete_length(descriptor)
            os.ftruncate(descriptor, end)
            kept = {key: value for key, value in content.items() if value}
            line = json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n"
            written = 0
            encoded = line.encode()
            while written < len(encoded):
                written += os.pwrite(descriptor, encoded[written:], end + written)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync_to_disk(self.path.parent)

    @staticmethod
    def _complete_length(descriptor: int) -> int:
        """Where the last complete line ends: a crash may have cut the one after it."""
        end = os.fstat(descriptor).st_size
        while end and os.pread(descriptor, 1, end - 1) != b"\n":
            end -= 1
        return end

    def length(self) -> int:
        """How many bytes its complete lines have."""
        if not self.exists():
            return 0
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            return self._complete_length(descriptor)
        finally:
            os.close(descriptor)

    def changes_after(self, offset: int) -> list[Change] | None:
        """The transactions that count after that byte; None where no line ends there."""
        if not self.exists():
            return [] if offset == 0 else None
        with self.path.open("rb") as stream:
            stream.seek(max(offset - 1, 0))
            if offset and stream.read(1) != b"\n":
                return None
            return self._parse(stream.read(), offset)

    def changes(self) -> list[Change]:
        """The transactions that count, oldest first; raises `JournalError`."""
        return self._parse(self.path.read_bytes()) if self.exists() else []

    def _parse(self, lines: bytes, offset: int = 0) -> list[Change]:
        changes: list[Change] = []
        for number, line in enumerate(lines.split(b"\n")[:-1], 1):
            try:
                content = json.loads(line)
                if content.get("undo"):
                    changes.pop()
                    continue
                changes.append(_change(content))
            except (ValueError, KeyError, IndexError, AttributeError) as error:
                before = self.path.read_bytes().count(b"\n", 0, offset)
                raise JournalError(
                    f"{self.path}: line {before + number} is damaged; put the file back from a "
                    "backup."
                ) from error
        return changes

    def state(self) -> State:
        """What all transactions add up to."""
        return fold(self.changes())


def fold(changes: list[Change]) -> State:
    """What transactions add up to."""
    state = State()
    for change in changes:
        state.apply(change)
    return state


def _to_json(row: Row) -> dict[str, Any]:
    content = dict(zip(COLUMNS, row, strict=True))
    content["loaded_at"] = row[_LOADED_AT].isoformat()
    return {name: value for name, value in content.items() if value is not None}


def _change(content: Mapping[str, Any]) -> Change:
    rows = [_from_json(row) for row in content.get("rows", [])]
    rewritten = content.get("rewritten", [])
    # Older journals have a mapping.
    pairs = rewritten.items() if isinstance(rewritten, dict) else rewritten
    return Change(
        rows={int(row[_BATCH]): row for row in rows},
        dropped=[int(batch) for batch in content.get("dropped", [])],
        settings=dict(content.get("settings", {})),
        suppressed=[(str(kind), str(value)) for kind, value in content.get("suppressed", [])],
        rewritten=[(str(delivered), str(kept)) for delivered, kept in pairs],
    )


def _from_json(content: Mapping[str, Any]) -> Row:
    row = {**content, "loaded_at": datetime.fromisoformat(content["loaded_at"])}
    return tuple(row.get(name) for name in COLUMNS)
