"""What the audit said of a release, as a table beside it.

The audited file cannot hold its own verdict: writing it would change the very bytes that were
judged. So the results lie beside it as Parquet, and `connect` shows those of all kept releases as
one table.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.disk import sync_to_disk
from orchestration.lib.ingestion import sql

FILE = "check_results.parquet"
# One row per release, suite and expectation. `offending_rows` is null where a check is not about
# rows or could not be run; `accepted` is the reason for letting a failure pass.
COLUMNS = {
    "release": "varchar",
    "as_of": "timestamp",
    "suite": "varchar",
    "table_name": "varchar",
    "expectation": "varchar",
    "severity": "varchar",
    "owner": "varchar",
    "status": "varchar",
    "offending_rows": "bigint",
    "sentence": "varchar",
    "problem": "varchar",
    "accepted": "varchar",
}


def told_status(result: Mapping[str, Any]) -> str:
    """How an expectation ended: of a warning, or a failure that was accepted, `warned`."""
    is_warning = result["status"] == "failed" and result["severity"] == "warning"
    return "warned" if is_warning else str(result["status"])


def write_check_results(
    directory: Path, release_id: str, as_of: str, report: Mapping[str, Any]
) -> None:
    """Writes the results of an audit report into a release's directory; nothing without any."""
    rows = [
        (
            *(release_id, as_of, suite["name"], suite["table"], one["name"], one["severity"]),
            *(one["owner"], told_status(one), one["unexpected_count"], one["sentence"]),
            *(one["problem"], one["accepted"]),
        )
        for suite in report.get("suites", ())
        for one in suite["results"]
    ]
    file = directory / FILE
    file.unlink(missing_ok=True)
    if not rows:
        return
    with duckdb.connect(":memory:") as connection:
        _create(connection, rows)
        connection.execute(f"copy check_results to {sql.literal(str(file))} (format parquet)")
    file.chmod(0o444)
    sync_to_disk(file)


def show_check_results(connection: duckdb.DuckDBPyConnection, releases: Path) -> None:
    """Makes the results of every kept release the table `check_results` of this connection."""
    found = sorted(releases.glob(f"*/{FILE}"))
    rows: list[tuple[Any, ...]] = []
    # Another connection reads the files: this one may reach nothing outside its release.
    with duckdb.connect(":memory:") as reader:
        for file in found:
            try:
                rows += reader.execute(f"from read_parquet({sql.path_literal(file)})").fetchall()
            except duckdb.IOException:
                # Retention may have removed it just now.
                if file.exists():
                    raise
    _create(connection, rows)


def _create(connection: duckdb.DuckDBPyConnection, rows: Iterable[tuple[Any, ...]]) -> None:
    """The table from whole columns: row by row would take seconds."""
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    listed = ", ".join(
        f"unnest(${number}::{data_type}[]) as {name}"
        for number, (name, data_type) in enumerate(COLUMNS.items(), start=1)
    )
    connection.execute(
        f"create temp table check_results as select {listed}", [list(one) for one in columns]
    )
