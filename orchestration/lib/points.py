"""The points at which a refresh may be stopped: one name for each change outside memory.

Whatever writes, renames or removes a file, commits a transaction or tells another server calls
`reached` as soon as it is done. Stopping at any of them, by an error or by the kernel, must leave
readers with a whole release and the next run with nothing to mend by hand; the tests stop at each.
`tests/unit/reliability` also fails where a function changes files and reaches no point.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

POINTS = {
    # Ingestion
    "landing file copied": "a private copy of a delivered file is in scratch",
    "landing hashes kept": "what landing held is remembered, to spare reading it again",
    "object hashes kept": "what an object store held is remembered",
    "warehouse opened": "the database exists, with every raw and ledger table",
    "warehouse checkpointed": "the database's write-ahead log is in its file",
    "damage set aside": "a database that cannot be read lies in damaged/",
    "damage forgotten": "and does so no longer",
    # Archive
    "archive part written": "a delivered file's bytes are on disk, under a name that nobody reads",
    "archive file kept": "they have their name",
    "archive file discarded": "bytes that nobody needs are gone",
    # Ledger
    "journal written": "a transaction is in the archive's journal, and not committed",
    "transaction committed": "it is committed in the database",
    "journal undone": "the journal says that its last transaction was never committed",
    # Rebuild
    "database rebuilt": "a whole new database lies beside the present one",
    "old database removed": "there is none under the database's name",
    "new database in place": "the new one has the name",
    # Forget a person
    "person suppressed": "the keyed hashes that must not come back are committed",
    "archive rewritten": "one archived file holds the person no more",
    "rows replaced": "the raw tables hold the person no more",
    "quarantine cleared": "nor does the quarantine",
    "database compacted": "a copy without deleted rows lies beside the database",
    # Rules and models
    "project linked": "the home's view of the dbt project is there",
    "seeds merged": "so are its rules",
    "project parsed": "dbt's manifest is saved",
    "phase built": "dbt has built one phase of the models",
    "step computed": "a table that Python computes is committed",
    "step handed over": "the engine can read it",
    # Release
    "directory made": "a directory for the candidate is there",
    "table copied": "one published table is in the candidate's database and Parquet file",
    "database closed": "the candidate's database is whole",
    "files on disk": "so are all its files, read-only",
    "manifest written": "the candidate says what it holds",
    "checks written": "and what each check found",
    "verdict written": "and whether the audit passed it",
    "link made": "a link to the release lies beside `current`",
    "link flipped": "it is `current`",
    "publish recorded": "the release's own record is sealed",
    "alerts told": "what people know of the release is noted",
    "release unrecorded": "a release that is being removed has lost its record",
    "directory removed": "it is gone",
    "inputs kept": "what the release was made from is remembered",
    # Marks
    "history written": "a rollback, resumption or pin is in the history",
    "hold written": "publishing is on hold",
    "hold ended": "publishing goes on",
    "pins written": "the pins are as asked for",
    # Elsewhere
    "postgres copied": "a release lies beside the published schemas of a PostgreSQL server",
    "postgres swapped": "the server shows it",
    "alert written": "an alert is in the file of alerts",
    "export written": "the file for marketing mix models is whole",
    "run forgotten": "Dagster has forgotten one of the oldest runs",
}


def _nobody(_: str) -> None:
    """What production does at a point."""


_observer: Callable[[str], None] = _nobody


def reached(name: str) -> None:
    """Tells that the change of that name is done; raises `KeyError` for a name not in `POINTS`."""
    if name not in POINTS:
        raise KeyError(f"{name!r} is not in points.POINTS; add it, and tests will stop there.")
    _observer(name)


@contextmanager
def observed(observer: Callable[[str], None]) -> Iterator[None]:
    """Calls `observer` at every point of this process, instead of whoever observed before."""
    global _observer  # noqa: PLW0603 - the points are the process's
    before, _observer = _observer, observer
    try:
        yield
    finally:
        _observer = before
