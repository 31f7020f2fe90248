"""What a run tells its caller: one outcome per table and file, and sentences for people."""

from dataclasses import dataclass

from orchestration.lib import sentences
from orchestration.lib.ingestion import emails


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file for one table.

    `status`: loaded, already_loaded, refused, superseded, or waiting (it changed while read).
    Row counts are those of this run: zero where nothing was read. `rows_before` is what the
    delivery before held, where this one is empty or a shorter version of the same file, else zero.
    `drift` are phrases about columns that changed or are blank.
    """

    source: str
    table: str
    file_name: str
    status: str
    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_repeated: int = 0
    reason: str | None = None
    ignored_columns: tuple[str, ...] = ()
    rows_before: int = 0
    drift: tuple[str, ...] = ()

    @property
    def problem(self) -> str | None:
        """What a person should look at, as one sentence; None where all is well."""
        where = f"{self.source}.{self.table}: {emails.without(self.file_name)!r}"
        if self.status in ("refused", "waiting"):
            return f"{where} {self.reason}"
        parts = []
        if self.rows_quarantined:
            parts.append(
                f"{self.rows_quarantined} of {self.rows_read} rows quarantined, see ops.quarantine"
            )
        if self.rows_before:
            fewer = f"{self.rows_read} rows" if self.rows_read else "no rows"
            # A day without a deal is usual in a small company: say how it stops being told of.
            usual = "" if self.rows_read else ", and set `may_be_empty: true` if it often is"
            parts.append(
                f"has {fewer}, and the delivery before it had {self.rows_before}; ask the source "
                f"whether that is right{usual}"
            )
        parts += self.drift
        if self.ignored_columns:
            parts.append(f"columns ignored: {sentences.few(self.ignored_columns)}")
        return f"{where}: {'; '.join(parts)}." if parts else None


@dataclass(frozen=True)
class IngestReport:
    """All outcomes of a run; `row_totals` are the rows that each raw table holds after it.

    `notes_of_repair` say that the database was built again, and why; empty on all but bad days.
    `earlier` are files that runs before this one loaded and no release has told of yet.
    """

    outcomes: tuple[FileOutcome, ...]
    row_totals: dict[str, int]
    notes: tuple[str, ...] = ()
    notes_of_repair: tuple[str, ...] = ()
    earlier: tuple[FileOutcome, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for each thing that a person should look at."""
        told = sentences.together([*self.notes, *self.problems_of()])
        return (*self.notes_of_repair, *told)

    def problems_of(self, table: str | None = None) -> list[str]:
        """One sentence for each file, of a table or of all, that a person should look at."""
        told = (*self.earlier, *self.outcomes)
        return [o.problem for o in told if o.problem and table in (None, o.table)]
