"""What an audit said of each release is one table for whoever reads the current one."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib.publishing.check_results import write_check_results
from orchestration.lib.publishing.reader import connect


def _report(status: str, count: int | None, severity: str = "blocking") -> dict[str, Any]:
    result = {
        "name": "never: spend < 0",
        "severity": severity,
        "owner": "marketing",
        "status": status,
        "unexpected_count": count,
        "sentence": "Advertising cost is negative.",
        "problem": "",
        "accepted": "",
    }
    return {"suites": [{"name": "core.a", "table": "core.a", "results": [result]}]}


def test_the_results_of_all_releases_are_one_table(tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    for name, status, count in (("000001-20260630", "failed", 3), ("000002-20260701", "passed", 0)):
        (releases / name).mkdir(parents=True)
        with duckdb.connect(str(releases / name / "published.duckdb")) as connection:
            connection.execute("create table t as select 1 as x")
        write_check_results(releases / name, name, "2026-06-30T22:00:00Z", _report(status, count))
    (tmp_path / "current").symlink_to(releases / "000002-20260701")
    with connect(tmp_path, check_results=True) as connection:
        rows = connection.execute(
            "select release, suite, owner, status, offending_rows from check_results order by 1"
        ).fetchall()
        with pytest.raises(duckdb.PermissionException):
            connection.execute("from read_parquet('releases/*/check_results.parquet')")
    assert rows == [
        ("000001-20260630", "core.a", "marketing", "failed", 3),
        ("000002-20260701", "core.a", "marketing", "passed", 0),
    ]


def test_a_warning_has_the_word_of_the_documents(tmp_path: Path) -> None:
    write_check_results(tmp_path, "000001-20260630", "2026-06-30", _report("failed", 3, "warning"))
    file = str(tmp_path / "check_results.parquet")
    with duckdb.connect() as connection:
        rows = connection.execute("select severity, status from read_parquet(?)", [file]).fetchall()
    assert rows == [("warning", "warned")]


def test_a_release_without_results_still_opens(tmp_path: Path) -> None:
    release = tmp_path / "releases" / "000001-20260630"
    release.mkdir(parents=True)
    with duckdb.connect(str(release / "published.duckdb")) as connection:
        connection.execute("create table t as select 1 as x")
    write_check_results(release, release.name, "2026-06-30T22:00:00Z", {})
    (tmp_path / "current").symlink_to(release)
    with connect(tmp_path, check_results=True) as connection:
        assert connection.execute("select count(*) from check_results").fetchone() == (0,)
