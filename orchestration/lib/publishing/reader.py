"""How a published file is opened: read-only, nothing else reachable, and no setting to change."""

from pathlib import Path

import duckdb

from orchestration.lib.mendable import MendableError
from orchestration.lib.publishing.check_results import show_check_results

READ_ONLY = {"enable_external_access": "false", "lock_configuration": "true"}


class NothingPublishedError(MendableError, RuntimeError):
    """There is no release to read; the message says where it was looked for."""


def connect(home: Path, *, check_results: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to the current release; it keeps seeing that release until it is closed.

    A later `connect` sees whatever is current then. With `check_results` a temporary table of that
    name holds what the audits said of each release that is kept. Raises `NothingPublishedError`
    before the first publish.
    """
    while True:
        # Resolved before it is opened: DuckDB keys a database by its path, and the link moves.
        database = (home / "current" / "published.duckdb").resolve()
        try:
            if database.is_file():
                connection = open_read_only(database)
                if check_results:
                    show_check_results(connection, home / "releases")
                return connection
        except duckdb.IOException:
            if database.is_file():
                raise
        # Retention may remove a release between looking and opening: then another is current.
        if (home / "current" / "published.duckdb").resolve() == database:
            if (home / "current").is_symlink():
                raise NothingPublishedError(
                    f"{database} is not there, which {home / 'current'} leads to. Go back to a "
                    "release that is: `make verify` tells which are sound."
                )
            raise NothingPublishedError(
                f"Nothing is published in {home}: {home / 'current'} leads to no release. "
                "Run a refresh first."
            )


def open_read_only(database: Path) -> duckdb.DuckDBPyConnection:
    """A connection that can read this file and do nothing else."""
    return duckdb.connect(str(database), read_only=True, config=dict(READ_ONLY))
