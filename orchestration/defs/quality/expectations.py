"""The audit: every expectation suite is a check on the candidate that stops the publish."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from expectations.runner import Earlier, SuiteResult, audit
from expectations.suite import Suite
from expectations.suites import all_suites
from orchestration.defs.publishing.releases import CANDIDATE
from orchestration.lib import progress
from orchestration.lib.ingestion import emails
from orchestration.lib.publishing.reader import open_read_only
from orchestration.lib.refresh import Refresh
from orchestration.lib.surroundings import told
from orchestration.settings import parse_instant


def check_name(suite: str) -> str:
    """A suite's name as Dagster allows it."""
    return suite.replace(".", "__")


def check_spec(suite: Suite) -> dg.AssetCheckSpec:
    """The check that stands for a suite."""
    return dg.AssetCheckSpec(
        check_name(suite.name),
        asset=CANDIDATE,
        blocking=True,
        description="\n".join(f"- {expected.sentence}" for expected in suite.expectations),
    )


def check_result(result: SuiteResult) -> dg.AssetCheckResult:
    """A suite's result as Dagster shows it: counts and sentences, nothing of a person."""
    missed = [one for one in result.results if one.status != "passed"]
    # Where a suite stops the publish, what it only warns of is not why.
    named = [one for one in missed if one.blocks == result.blocks]
    return dg.AssetCheckResult(
        check_name=check_name(result.name),
        asset_key=CANDIDATE,
        passed=not missed,
        severity=dg.AssetCheckSeverity.ERROR if result.blocks else dg.AssetCheckSeverity.WARN,
        description=" ".join(one.problem or one.sentence for one in named),
        metadata={
            "status": result.status,
            "expectations": len(result.results),
            "missed": [f"{one.name}: {one.status}" for one in missed],
            "accepted": sorted({one.accepted for one in missed if one.accepted}),
            "can_be_accepted": all(one.can_be_accepted for one in named),
        },
    )


def source_freshness(database: Path) -> dict[str, dict[str, str | None]]:
    """How old the newest row of each raw table is, as the candidate itself says."""
    with open_read_only(database) as connection:
        rows = connection.execute(
            "select raw_table, freshness, last_row_at::varchar, silent_source"
            " from core.source_health"
        ).fetchall()
    return {
        table: {"freshness": word, "last_row_at": at, "silent_source": source}
        for table, word, at, source in rows
    }


@dg.definitions
def expectations() -> dg.Definitions:
    """One check per suite."""

    @dg.multi_asset_check(name="audit", specs=[check_spec(suite) for suite in all_suites()])
    def audit_candidate(refresh: dg.ResourceParam[Refresh]) -> Iterator[dg.AssetCheckResult]:
        store = refresh.releases
        candidate, base = store.candidate(), store.current()
        counter = progress.Counter("audit", len(all_suites()))
        with told(refresh.settings.home):
            report = audit(
                candidate.database,
                as_of=parse_instant(candidate.manifest.as_of, "as_of"),
                earlier=Earlier(base.database, parse_instant(base.manifest.as_of, "as_of"))
                if base
                else None,
                sources=refresh.settings.database,
                seeds=refresh.dbt_project.seeds,
                # Whoever accepts may sign by an address; the verdict is published.
                accepted={
                    suite: emails.without(reason)
                    for suite, reason in refresh.settings.accepted.items()
                },
                limits=refresh.settings.limits,
                on_suite=lambda suite: counter.advance(suite.name),
            )
        store.record_verdict(
            candidate,
            passed=report.passed,
            report=report.as_dict(),
            checks={suite.name: suite.status for suite in report.suites},
            source_freshness=source_freshness(candidate.database),
        )
        for suite in report.suites:
            yield check_result(suite)

    return dg.Definitions(asset_checks=[audit_candidate])
