"""Runs suites on a finished database file.

Results hold counts and sentences, and of the data only values of columns that are about no person.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from expectations.suite import Expectation, Severity, Suite
from expectations.suites import all_suites
from orchestration.lib import catalog
from orchestration.lib.ingestion import emails, sql

if TYPE_CHECKING:
    from expectations.engine import Checked

Status = Literal["passed", "failed", "broken"]
SuiteStatus = Literal["passed", "warned", "failed", "broken"]

STRUCTURE = "columns that readers rely on"
ROWS_NAMED = 3
LONGEST_VALUE = 40


@dataclass(frozen=True)
class ExpectationResult:
    """How one expectation ended.

    `failed` says that the data break the rule, `broken` that the rule could not be checked;
    `problem` then says why. `unexpected_count` is the number of offending rows, `None` where the
    rule is not about rows or was not checked. `accepted` is the reason that a person gave for
    letting a failure pass, and it then is a warning: of a rule for which `can_be_accepted`. The
    `sentence` of a failure ends with the first rows that break the rule.
    """

    name: str
    column: str
    severity: Severity
    owner: str
    status: Status
    unexpected_count: int | None
    sentence: str
    problem: str = ""
    accepted: str = ""
    can_be_accepted: bool = False

    @property
    def blocks(self) -> bool:
        """Whether this result stops the publish; what nobody could check always does."""
        return self.status == "broken" or (self.status == "failed" and self.severity == "blocking")


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


@dataclass(frozen=True)
class Earlier:
    """The release before, which volumes and figures are compared with; `as_of` is its clock."""

    database: Path
    as_of: datetime


def audit(
    database: Path,
    *,
    as_of: datetime | None = None,
    earlier: Earlier | None = None,
    sources: Path | None = None,
    seeds: Path | None = None,
    accepted: Mapping[str, str] | None = None,
    limits: Mapping[str, str] | None = None,
    suites: Sequence[Suite] | None = None,
    on_suite: Callable[[Suite], None] = lambda _: None,
) -> AuditReport:
    """Checks the file against every suite (or those given).

    `as_of` (UTC, naive) is the refresh's clock. `earlier` is the release before; rules about it
    pass where there is none. `sources` is the work database with the raw tables and the ledger;
    suites that need it are left out where it is not given. So are those that need `seeds`, the
    folder with the company's rules. `accepted` are reasons by the name of
    suites whose comparisons with the past are known to fail. `limits` are DuckDB's (`memory_limit`,
    `threads`); what does not fit into memory is spilled beside the file. `on_suite` is told each
    suite as it was counted. Raises `FileNotFoundError` for a missing file; anything that goes wrong
    inside a suite makes that suite broken instead.
    """
    if not database.is_file():
        raise FileNotFoundError(f"There is no database to audit at {database}.")
    started = time.perf_counter()
    asked = all_suites() if suites is None else suites
    counted = []
    with _opened(database, as_of, earlier, sources, seeds, limits=limits or {}) as connection:
        if any(map(_reads_the_past, asked)):
            _show_earlier(connection)
        tables = catalog.columns(connection, "release")
        for suite in asked:
            if (suite.needs_sources and sources is None) or (suite.needs_seeds and seeds is None):
                continue
            counted.append(_count_suite(connection, suite, tables))
            on_suite(suite)
        for one in _judged(counted):
            _name_rows(connection, one)
    reasons = accepted or {}
    results = [_finish(one, reasons.get(one.suite.name, "")) for one in counted]
    return AuditReport(str(database), tuple(results), round(time.perf_counter() - started, 3))


@contextmanager
def _opened(
    database: Path,
    as_of: datetime | None,
    earlier: Earlier | None,
    sources: Path | None,
    seeds: Path | None,
    *,
    limits: Mapping[str, str],
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads these files and nothing else; the audited one needs no prefix."""
    spill = database.with_name(database.name + ".tmp")
    with duckdb.connect(":memory:", config={"temp_directory": str(spill), **limits}) as connection:
        connection.execute(f"attach {sql.literal(str(database))} as release (read_only)")
        if sources is not None:
            connection.execute(f"attach {sql.literal(str(sources))} as sources (read_only)")
        if earlier is not None:
            connection.execute(
                f"attach {sql.literal(str(earlier.database))} as earlier_release (read_only)"
            )
        connection.execute("attach ':memory:' as earlier")
        _show_seeds(connection, seeds)
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        connection.execute("use release")
        connection.execute("set variable as_of = $1::timestamp", [as_of])
        connection.execute(
            "set variable as_of_earlier = $1::timestamp", [earlier.as_of if earlier else None]
        )
        yield connection


def _show_seeds(connection: duckdb.DuckDBPyConnection, seeds: Path | None) -> None:
    """Each CSV of the folder as `seeds.<its name>`: an engine other than DuckDB keeps its own."""
    connection.execute("attach ':memory:' as seeds")
    for file in sorted(seeds.rglob("*.csv")) if seeds else ():
        connection.execute(
            f"create table seeds.{sql.identifier(file.stem)} as "
            f"from read_csv({sql.path_literal(file)}, header = true, all_varchar = true)"
        )


def _reads_the_past(suite: Suite) -> bool:
    """Whether a suite's SQL names the release before; to show its tables takes a while."""
    asked = (suite.query, *(e.measure for e in suite.expectations))
    return any("earlier" in one for one in asked)


def _show_earlier(connection: duckdb.DuckDBPyConnection) -> None:
    """Each table of the release as `earlier.<schema>.<table>`, with the columns it has now.

    A table or a column that the release before did not have yet is empty there: new models must
    not break what compares old ones.
    """
    now = catalog.columns(connection, "release")
    before = catalog.columns(connection, "earlier_release")
    for schema in sorted({schema for schema, _ in now}):
        connection.execute(f"create schema if not exists earlier.{sql.identifier(schema)}")
    for (schema, table), columns in now.items():
        known = before.get((schema, table), {})
        listed = ", ".join(
            f"try_cast({sql.identifier(name) if name in known else 'null'} as {data_type}) "
            f"as {sql.identifier(name)}"
            for name, data_type in columns.items()
        )
        place = f"{sql.identifier(schema)}.{sql.identifier(table)}"
        source = f"earlier_release.{place}" if known else f"release.{place} where false"
        connection.execute(f"create view earlier.{place} as select {listed} from {source}")


@dataclass
class _Counted:
    """A suite whose offending rows were counted, and what is known of each expectation so far.

    `counts` are judged together with those of all other suites; what could not be counted, and
    what was judged on the rows themselves, is in `results` already.
    """

    suite: Suite
    order: list[Expectation]
    counts: dict[str, int | None]
    results: dict[str, ExpectationResult]
    seconds: float = 0.0


def _count_suite(
    connection: duckdb.DuckDBPyConnection,
    suite: Suite,
    tables: Mapping[tuple[str, str], Mapping[str, str]],
) -> _Counted:
    started = time.perf_counter()
    schema, _, table = suite.table.partition(".")
    columns = tables.get((schema, table))
    if columns is None:
        missing = _missing_table(suite)
        return _Counted(suite, [_structure(suite)], {}, {STRUCTURE: missing})
    parts = suite.parts(tables)
    counted = _Counted(suite, [one for part in parts for one in part.expectations], {}, {})
    if suite.columns:
        lacking = sorted(set(suite.columns) - columns.keys())
        counted.order.insert(0, _structure(suite, lacking))
        counted.counts[STRUCTURE] = len(lacking)
    for part in parts:
        _count(connection, part, counted)
    _check_rows(connection, counted)
    counted.seconds = round(time.perf_counter() - started, 3)
    return counted


def _structure(suite: Suite, lacking: Sequence[str] = ()) -> Expectation:
    """The suite's columns as an expectation on the shape of the table; some may be `lacking`."""
    named = f": {', '.join(lacking)}" if lacking else ""
    return Expectation(
        name=STRUCTURE,
        sentence=f"{suite.table} lacks a column that reports rely on{named}.",
        owner="data",
    )


def _missing_table(suite: Suite) -> ExpectationResult:
    """One result for the whole suite: repeating it for each rule would bury the reason."""
    sentence = f"{suite.table} is missing; nothing about it could be checked."
    return _broken(
        replace(_structure(suite), sentence=sentence), f"{suite.table} is not in the release"
    )


def _count(connection: duckdb.DuckDBPyConnection, part: Suite, counted: _Counted) -> None:
    """One scan for all counts; where it fails, each count alone, to name the broken one."""
    expectations = part.counted
    if not expectations:
        return
    try:
        counted.counts |= _counts(connection, part, expectations)
    except duckdb.Error:
        for expectation in expectations:
            try:
                counted.counts |= _counts(connection, part, [expectation])
            except duckdb.Error as error:
                counted.results[expectation.name] = _broken(expectation, _what_broke(error))


def _counts(
    connection: duckdb.DuckDBPyConnection, suite: Suite, expectations: Sequence[Expectation]
) -> dict[str, int | None]:
    """How many rows of the relation break each expectation, by its name."""
    measures = ", ".join(f"({suite.measure_sql(one)})::bigint" for one in expectations)
    found = connection.execute(f"select {measures} from {suite.relation}").fetchone()
    return dict(zip((one.name for one in expectations), found or (), strict=True))


def _check_rows(connection: duckdb.DuckDBPyConnection, counted: _Counted) -> None:
    """What only the rows of a small table can tell."""
    expectations = counted.suite.whole
    if not expectations:
        return
    # Importing Great Expectations costs seconds: it waits until there is a frame to check.
    from expectations.engine import validate

    try:
        checked = validate(connection.execute(f"from {counted.suite.relation}").df(), expectations)
    except Exception as error:
        results = [_broken(expectation, _what_broke(error)) for expectation in expectations]
    else:
        results = list(map(_result, expectations, checked))
    counted.results |= {result.name: result for result in results}


def _judged(suites: Sequence[_Counted]) -> Sequence[_Counted]:
    """Judges all counts in one go: Great Expectations costs the same for one as for all."""
    places = [(one, e) for one in suites for e in one.order if e.name in one.counts]
    if not places:
        return suites
    from expectations.engine import must_be_zero

    try:
        judged = must_be_zero([one.counts[expectation.name] for one, expectation in places])
    except Exception as error:
        for one, expectation in places:
            one.results[expectation.name] = _broken(expectation, _what_broke(error))
        return suites
    for (one, expectation), checked in zip(places, judged, strict=True):
        one.results[expectation.name] = _result(expectation, checked)
    return suites


def _name_rows(connection: duckdb.DuckDBPyConnection, counted: _Counted) -> None:
    """Adds to the sentence of each failure which rows it is about."""
    for expectation in counted.order:
        result = counted.results[expectation.name]
        if result.status == "failed" and expectation.condition:
            try:
                told = _rows_told(connection, counted.suite, expectation)
            except duckdb.Error:
                # The verdict stands, whether or not its rows can be shown.
                continue
            sentence = f"{result.sentence} {told}".strip()
            counted.results[expectation.name] = replace(result, sentence=sentence)


def _rows_told(
    connection: duckdb.DuckDBPyConnection, suite: Suite, expectation: Expectation
) -> str:
    """The first rows that break a rule, or the query for them where nothing may name them."""
    offending = suite.offending_sql(expectation)
    columns = {name for name, *_ in connection.execute(f"describe {offending}").fetchall()}
    names = suite.naming(expectation, columns)
    values = ", ".join(
        f"left({emails.masked(f'{name}::varchar')}, {LONGEST_VALUE}) as {name}" for name in names
    )
    found = (
        names
        and connection.execute(
            f"select *, count(*) over () from (select distinct {values} {offending}) "
            f"where coalesce({', '.join(names)}, null) is not null order by all limit {ROWS_NAMED}"
        ).fetchall()
    )
    if not found:
        return "" if suite.query else f"See `{' '.join(offending.split())}`."
    # As Python writes it, a value has no line break, and nothing that a terminal obeys.
    rows = [", ".join("none" if one is None else repr(one) for one in row[:-1]) for row in found]
    more = found[0][-1] - len(rows)
    told = f"See {', '.join(names)} {(', ' if len(names) == 1 else '; ').join(rows)}"
    return f"{told} and {more:,} more." if more else f"{told}."


def _finish(counted: _Counted, accepted: str) -> SuiteResult:
    results = tuple(
        _accepted(counted.results[expectation.name], accepted) for expectation in counted.order
    )
    return SuiteResult(
        counted.suite.name, counted.suite.table, _suite_status(results), results, counted.seconds
    )


def _accepted(result: ExpectationResult, reason: str) -> ExpectationResult:
    """A failure that a person vouched for is a warning; what could not be checked never is."""
    if reason and result.can_be_accepted and result.blocks:
        return replace(result, severity="warning", accepted=reason)
    return result


def _suite_status(results: Iterable[ExpectationResult]) -> SuiteStatus:
    not_passed = [result for result in results if result.status != "passed"]
    blocking = {result.status for result in not_passed if result.blocks}
    if "broken" in blocking:
        return "broken"
    if "failed" in blocking:
        return "failed"
    return "warned" if not_passed else "passed"


def _result(expectation: Expectation, checked: "Checked") -> ExpectationResult:
    if checked.problem:
        return _broken(expectation, checked.problem)
    return ExpectationResult(
        name=expectation.name,
        column=expectation.column,
        severity=expectation.severity,
        owner=expectation.owner,
        status="passed" if checked.success else "failed",
        unexpected_count=checked.unexpected_count,
        sentence=expectation.sentence,
        can_be_accepted=expectation.is_about_the_past,
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
