"""Opening a warehouse for ingestion: connection, tables, key, ledger; and its tasks by name."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from orchestration.lib import points
from orchestration.lib.company import (
    Company,
    CompanyError,
    Source,
    check_company,
    table_format,
)
from orchestration.lib.contract import Contract
from orchestration.lib.ingestion import ledger, personal
from orchestration.lib.ingestion.journal import Journal
from orchestration.lib.ingestion.ledger import Ledger
from orchestration.lib.ingestion.run import Run, Task, connect


@dataclass(frozen=True)
class Warehouse:
    """Everything that loading files needs to know, none of it open.

    `as_of` (naive UTC) becomes `_loaded_at`. `hash_key` keys the pseudonyms of personal
    identifiers; it may be empty only when none is delivered or the company is the demo. A file
    that changed within the last `settle_seconds` is observed for as long and waits if it moves.
    `non_identifiers` are patterns of values that identify nobody, by kind of identifier.
    """

    database: Path
    landing: Path
    archive: Path
    quarantine: Path
    company: Company
    contract: Contract
    as_of: datetime
    hash_key: str
    memory_limit: str
    threads: int
    progress: Callable[[str], None]
    settle_seconds: float = 0.0
    non_identifiers: Mapping[str, str] = field(default_factory=dict)

    @property
    def scratch(self) -> Path:
        """Private copies of files while they are read."""
        return self.database.parent / "build" / "ingestion"

    @property
    def journal(self) -> Journal:
        """The archive's journal."""
        return Journal(self.archive)

    def task(self, source: str, table: str) -> Task:
        """What loads a table of a source; raises `CompanyError` where it is not configured."""
        for known in self.company.sources:
            if known.source == source and table in known.tables:
                return task_of(known, table, self.contract)
        raise CompanyError(
            f"{source}.{table} was loaded once and {self.company.directory} no longer has it; "
            "put it back into its source.yaml. docs/sources.md, 'Retiring or renaming a source', "
            "says how to take its rows out."
        )

    def tasks(self) -> list[Task]:
        """What loads each table of each source that is configured."""
        return [
            task_of(source, name, self.contract)
            for source in self.company.sources
            for name in source.tables
        ]


def task_of(source: Source, table: str, contract: Contract) -> Task:
    """What loads a table of a source."""
    config = source.tables[table]
    return Task(source.source, contract.table(table), config, table_format(source, config))


@contextmanager
def opened(warehouse: Warehouse, database: Path | None = None) -> Iterator[Run]:
    """A run over the warehouse's database, or over another file; closed and tidied at the end.

    Raises `CompanyError`, `HashKeyError` or `RawTableMismatchError`.
    """
    check_company(warehouse.company, warehouse.contract)
    key = personal.resolve_key(warehouse.hash_key, warehouse.company.demo)
    scratch = warehouse.scratch
    # What a killed run left behind: copies, and a new database that was to replace this one. It has
    # the rows of everybody, whoever is forgotten in this one.
    shutil.rmtree(scratch, ignore_errors=True)
    if database is None:
        for left in scratch.parent.glob("*.duckdb*"):
            left.unlink()
    for directory in (scratch, warehouse.archive, warehouse.quarantine):
        directory.mkdir(parents=True, exist_ok=True)
    try:
        with connect(
            database or warehouse.database,
            scratch,
            warehouse.archive,
            memory_limit=warehouse.memory_limit,
            threads=warehouse.threads,
        ) as connection:
            if key:
                personal.set_key(connection, key)
            personal.set_non_identifiers(connection, warehouse.non_identifiers)
            ledger.create_tables(connection, warehouse.contract)
            points.reached("warehouse opened")
            book = Ledger(connection, warehouse.journal)
            run = Run(
                connection=connection,
                ledger=book,
                landing=warehouse.landing,
                archive=warehouse.archive,
                quarantine=warehouse.quarantine,
                scratch=scratch,
                contract=warehouse.contract,
                company=warehouse.company,
                as_of=warehouse.as_of,
                key_id=personal.key_id(key) if key else None,
                progress=warehouse.progress,
                threads=warehouse.threads,
            )
            yield run
            connection.execute("checkpoint")
            points.reached("warehouse checkpointed")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def check_key(run: Run) -> None:
    """Raises `HashKeyError` where the pseudonyms in the database were made with another key."""
    stored = run.ledger.settings.get(personal.KEY_ID_SETTING)
    if stored and run.key_id and stored != run.key_id:
        raise personal.HashKeyError(
            f"The warehouse's pseudonyms were made with the hash key {stored}..., and "
            f"WAREHOUSE_HASH_KEY now holds {run.key_id}...; set the former key again, or run "
            "`make rebuild`, which makes every pseudonym anew from the archive."
        )
