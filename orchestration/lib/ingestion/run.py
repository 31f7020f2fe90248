"""What the steps of one run share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.lib.company import Company, TableFormat, TableSource
from orchestration.lib.contract import Contract, Table
from orchestration.lib.ingestion import sql
from orchestration.lib.ingestion.ledger import NO_ROWS, Counts, Known, Ledger
from orchestration.lib.ingestion.report import FileOutcome

_SMALL_FILE = 4 << 20
# How a new database file is laid out: with the compression of texts that DuckDB has had since 1.4,
# writing costs a third less and the file is a quarter smaller. Nothing older ever opens it.
STORAGE: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": "v1.4.0"
}


@dataclass
class Run:
    """One ingestion run: its connection, its places, and what it found so far."""

    connection: duckdb.DuckDBPyConnection
    ledger: Ledger
    landing: Path
    archive: Path
    quarantine: Path
    scratch: Path
    contract: Contract
    company: Company
    as_of: datetime
    key_id: str | None
    progress: Callable[[str], None]
    threads: int = 1
    outcomes: list[FileOutcome] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _now: int = 1

    @property
    def has_key(self) -> bool:
        """Whether identifiers can be replaced by keyed hashes."""
        return self.key_id is not None

    def known(self, task: "Task") -> Known:
        """The ledger rows of a table of a source."""
        return self.ledger.known(task.source, task.table.name)

    def prepare_for(self, size: int) -> None:
        """Sets the number of threads for a file of `size` bytes.

        On small files a second thread costs a third more processor time and saves none.
        """
        self._now = self.threads if size > _SMALL_FILE else 1
        self._use(self._now)

    @contextmanager
    def one_thread(self) -> Iterator[None]:
        """For reading a CSV whose rows are numbered: they pass through one thread anyway.

        A second one finds nothing to do and burns up to as much processor time by waiting.
        """
        self._use(1)
        try:
            yield
        finally:
            self._use(self._now)

    def _use(self, threads: int) -> None:
        # A setting of the whole database, which a transaction that was broken off could not change.
        with self.connection.cursor() as cursor:
            cursor.execute(f"set threads = {threads}")


@dataclass(frozen=True)
class Task:
    """One table of one source."""

    source: str
    table: Table
    config: TableSource
    settings: TableFormat

    @property
    def label(self) -> str:
        """Its name in messages and settings, such as `our_shop.shop_orders`."""
        return f"{self.source}.{self.table.name}"

    @property
    def has_identifiers(self) -> bool:
        """Whether the table stores pseudonyms."""
        return any(c.personal in ("email", "identifier") for c in self.table.columns)

    def outcome(
        self, file_name: str, status: str, reason: str | None = None, counts: Counts = NO_ROWS
    ) -> FileOutcome:
        """What became of a file, or something else of that name, for this table."""
        return FileOutcome(
            self.source,
            self.table.name,
            file_name,
            status,
            rows_read=counts.read,
            rows_loaded=counts.loaded,
            rows_quarantined=counts.quarantined,
            rows_repeated=counts.repeated,
            reason=reason,
        )


@contextmanager
def connect(
    database: Path, scratch: Path, archive: Path, *, memory_limit: str, threads: int
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, able to read archive and scratch and nothing else; closed at the end."""
    database.parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(str(database), config=STORAGE)
    try:
        # A path is compared as written in the statement and again as opened.
        readable = ", ".join(
            text
            for path in (archive, scratch)
            for text in (sql.literal(f"{path}/"), sql.path_literal(path / "x").replace("/x'", "/'"))
        )
        for statement in (
            "set TimeZone = 'UTC'",
            f"set memory_limit = {sql.literal(memory_limit)}",
            f"set threads = {threads}",
            f"set temp_directory = {sql.literal(str(scratch / 'spill'))}",
            # One checkpoint at the end instead of one in every few commits.
            "set checkpoint_threshold = '1GB'",
            "set autoinstall_known_extensions = false",
            "set autoload_known_extensions = false",
            "set enable_progress_bar = false",
            f"set allowed_directories = [{readable}]",
            "set enable_external_access = false",
        ):
            connection.execute(statement)
        yield connection
    finally:
        connection.close()
