"""Runs suites on a finished database file.

Results hold counts and sentences, never a value from the data.
"""

import functools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from expectations.suite import Expectation, Severity, Suite
from expectations.suites import all_suites

if TYPE_CHECKING:
    import pandas as pd

    from expectations.engine import Checked

Status = Literal["passed", "failed", "broken"]
SuiteStatus = Literal["passed", "warned", "failed", "broken"]

STRUCTURE = "columns that readers rely on"


@dataclass(frozen=True)
class ExpectationResult:
    """How one expectation ended.

    `failed` says that the data break the rule, `broken` that the rule could not be checked;
    `problem` then says why. `unexpected_count` is the number of offending rows, `None` where the
    rule is not about rows or was not checked.
    """

    name: str
    column: str
    severity: Severity
    owner: str
    status: Status
    unexpected_count: int | None
    sentence: str
    problem: str = ""

    @property
    def blocks(self) -> bool:
        """Whether this result stops the publish."""
        return self.status != "passed" and self.severity == "blocking"


@dataclass(frozen=True)
class SuiteResult:
    """How one suite ended: its worst result, where a failed warning only makes it `warned`."""

    name: str
    table: str
    status: SuiteStatus
    results: tuple[ExpectationResult, ...]
    seconds: float

    @property
    def blocks(self) -> bool:
        """Whether this suite stops the publish."""
        return any(result.blocks for result in self.results)


@dataclass(frozen=True)
class AuditReport:
    """What every suite said about one database file."""

    database: str
    suites: tuple[SuiteResult, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether nothing stops the publish."""
        return not any(suite.blocks for suite in self.suites)

    def failures(self) -> list[tuple[SuiteResult, ExpectationResult]]:
        """Each expectation that did not pass, with its suite; blocking ones first."""
        found = [(s, r) for s in self.suites for r in s.results if r.status != "passed"]
        return sorted(found, key=lambda pair: not pair[1].blocks)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values for JSON."""
        return {"passed": self.passed, **asdict(self)}


def audit(
    database: Path,
    *,
    as_of: datetime | None = None,
    rows_before: Mapping[str, int] | None = None,
    suites: Sequence[Suite] | None = None,
    on_suite: Callable[[SuiteResult], None] = lambda _: None,
) -> AuditReport:
    """Checks the file against every suite (or those given), reading only that file.

    `as_of` (UTC, naive) is the refresh's clock and `rows_before` the row counts of the release
    before by `schema.name`; SQL reads them as `getvariable('as_of')` and
    `getvariable('rows_before')`, and rules about them pass where they are unknown. `on_suite` is
    told each result as it comes. Raises `FileNotFoundError` for a missing file; anything that goes
    wrong inside a suite makes that suite broken instead.
    """
    if not database.is_file():
        raise FileNotFoundError(f"There is no database to audit at {database}.")
    started = time.perf_counter()
    results = []
    with _open_read_only(database) as connection:
        _set_variables(connection, as_of, rows_before or {})
        for suite in all_suites() if suites is None else suites:
            result = _run_suite(connection, suite)
            on_suite(result)
            results.append(result)
    return AuditReport(str(database), tuple(results), round(time.perf_counter() - started, 3))


def _open_read_only(database: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        str(database),
        read_only=True,
        config={"enable_external_access": "false", "lock_configuration": "true"},
    )


def _set_variables(
    connection: duckdb.DuckDBPyConnection,
    as_of: datetime | None,
    rows_before: Mapping[str, int],
) -> None:
    connection.execute("set variable as_of = $1::timestamp", [as_of])
    connection.execute(
        "set variable rows_before = map($1::varchar[], $2::bigint[])",
        [list(rows_before), list(rows_before.values())],
    )


def _run_suite(connection: duckdb.DuckDBPyConnection, suite: Suite) -> SuiteResult:
    started = time.perf_counter()
    if not _table_exists(connection, suite.table):
        results = [_missing_table(suite)]
    else:
        results = [
            *_check_structure(connection, suite),
            *_check_counts(connection, suite),
            *_check_rows(connection, suite),
        ]
    seconds = round(time.perf_counter() - started, 3)
    return SuiteResult(suite.name, suite.table, _suite_status(results), tuple(results), seconds)


def _suite_status(results: Iterable[ExpectationResult]) -> SuiteStatus:
    not_passed = [result for result in results if result.status != "passed"]
    blocking = {result.status for result in not_passed if result.blocks}
    if "broken" in blocking:
        return "broken"
    if "failed" in blocking:
        return "failed"
    return "warned" if not_passed else "passed"


def _table_exists(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    schema, name = table.split(".")
    found = connection.execute(
        "select 1 from information_schema.tables where table_schema = $1 and table_name = $2",
        [schema, name],
    )
    return found.fetchone() is not None


def _missing_table(suite: Suite) -> ExpectationResult:
    """One result for the whole suite: repeating it for each rule would bury the reason."""
    expectation = Expectation(
        name=STRUCTURE,
        sentence=f"{suite.table} is missing; nothing about it could be checked.",
        owner="data",
    )
    return _broken(expectation, f"{suite.table} is not in the release")


def _structure(suite: Suite) -> list[Expectation]:
    """The suite's columns as an expectation on the shape of the table."""
    if not suite.columns:
        return []
    return [
        Expectation(
            name=STRUCTURE,
            sentence=f"{suite.table} lacks a column that reports rely on.",
            owner="data",
            rule="table_columns_to_match_set",
            arguments={"column_set": list(suite.columns), "exact_match": False},
        )
    ]


def _check_structure(
    connection: duckdb.DuckDBPyConnection, suite: Suite
) -> list[ExpectationResult]:
    return _check_frame(
        _structure(suite), lambda: connection.execute(f"from {suite.table} limit 0").df()
    )


def _check_rows(connection: duckdb.DuckDBPyConnection, suite: Suite) -> list[ExpectationResult]:
    return _check_frame(suite.whole, lambda: connection.execute(f"from {suite.relation}").df())


def _check_counts(connection: duckdb.DuckDBPyConnection, suite: Suite) -> list[ExpectationResult]:
    """One scan for all counts; where it fails, each count alone, to name the broken one."""
    expectations = suite.counted
    if not expectations:
        return []
    try:
        frame = _counts(connection, suite, expectations)
    except duckdb.Error:
        return [
            result
            for expectation in expectations
            for result in _check_frame(
                [_must_be_zero(expectation)],
                functools.partial(_counts, connection, suite, [expectation]),
            )
        ]
    zeros = [_must_be_zero(expectation) for expectation in expectations]
    return _check_frame(zeros, lambda: frame)


def _counts(
    connection: duckdb.DuckDBPyConnection, suite: Suite, expectations: Sequence[Expectation]
) -> "pd.DataFrame":
    """One row, one column per expectation: how many rows of the relation break it."""
    measures = ", ".join(
        f"({suite.measure_sql(expectation)})::bigint as {_quoted(expectation.name)}"
        for expectation in expectations
    )
    return connection.execute(f"select {measures} from {suite.relation}").df()


def _must_be_zero(expectation: Expectation) -> Expectation:
    """The same expectation on the frame of counts: its own column there holds 0."""
    return replace(
        expectation,
        # Of the rules that say this of a single row, the cheapest: half the time of the one that
        # looks for unexpected values.
        rule="column_max_to_be_between",
        arguments={"column": expectation.name, "min_value": 0, "max_value": 0},
    )


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _check_frame(
    expectations: Sequence[Expectation], read: Callable[[], "pd.DataFrame"]
) -> list[ExpectationResult]:
    if not expectations:
        return []
    # Importing Great Expectations costs seconds: it waits until there is a frame to check.
    from expectations.engine import validate

    try:
        frame = read()
        checked = validate(frame, expectations)
    except Exception as error:
        return [_broken(expectation, _what_broke(error)) for expectation in expectations]
    return [
        _result(expectation, outcome, frame)
        for expectation, outcome in zip(expectations, checked, strict=True)
    ]


def _result(
    expectation: Expectation, checked: "Checked", frame: "pd.DataFrame"
) -> ExpectationResult:
    if checked.problem:
        return _broken(expectation, checked.problem)
    count = checked.unexpected_count
    if expectation.arguments.get("column") == expectation.name:
        counted = frame[expectation.name]
        if counted.hasnans:
            return _broken(expectation, "its count is empty")
        count = int(counted.iloc[0])
    return ExpectationResult(
        name=expectation.name,
        column=expectation.column,
        severity=expectation.severity,
        owner=expectation.owner,
        status="passed" if checked.success else "failed",
        unexpected_count=count,
        sentence=expectation.sentence,
    )


def _broken(expectation: Expectation, problem: str) -> ExpectationResult:
    return ExpectationResult(
        name=expectation.name,
        column=expectation.column,
        severity=expectation.severity,
        owner=expectation.owner,
        status="broken",
        unexpected_count=None,
        sentence=expectation.sentence,
        problem=f"This check could not be run: {problem}.",
    )


def _what_broke(error: Exception) -> str:
    """What can be said of an error: names from the query, never values from the data."""
    if isinstance(error, duckdb.CatalogException | duckdb.BinderException | duckdb.ParserException):
        return str(error).splitlines()[0].rstrip(".!")
    return f"it raised {type(error).__name__}"
