"""Raw tables: one asset per table of the contract, loaded from whatever the sources deliver."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import dagster as dg

from orchestration import settings
from orchestration.lib import alerts, progress, sentences
from orchestration.lib.contract import Contract, load_contract
from orchestration.lib.ingestion import emails
from orchestration.lib.ingestion.load import load_landing
from orchestration.lib.ingestion.report import FileOutcome, IngestReport
from orchestration.lib.refresh import Refresh
from orchestration.lib.surroundings import told

RULES = dg.AssetKey(["rules"])
RULES_STEP, INGEST_STEP = "rules", "ingest"
LEDGER_TABLES = {
    "ledger": "One row per file and table offered.",
    "quarantine": "One row per refused value.",
}
DELIVERIES = "deliveries"
_SHOWN_PROBLEMS = 20
# A refresh a day, with two hours for it to take longer; two in a row that are missed are a failure.
DAILY = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(hours=26), fail_window=timedelta(hours=50)
)


def raw_specs(contract: Contract) -> list[dg.AssetSpec]:
    """One asset per raw table, and the two that say what became of each file."""
    raw = [
        dg.AssetSpec(
            ["raw", table.name],
            group_name=table.system,
            description=table.description,
            kinds={"duckdb", "table"},
            freshness_policy=DAILY,
            # A faulty rule stops the refresh before anything is loaded.
            deps=[RULES],
        )
        for table in contract.tables.values()
    ]
    ops = [
        dg.AssetSpec(["ops", name], group_name="ops", description=text, kinds={"duckdb", "table"})
        for name, text in LEDGER_TABLES.items()
    ]
    return [*raw, *ops]


def table_metadata(report: IngestReport, table: str) -> dict[str, dg.MetadataValue]:
    """Rows in the table and what this load did to it."""
    outcomes = [outcome for outcome in report.outcomes if outcome.table == table]
    return {
        "dagster/row_count": dg.MetadataValue.int(report.row_totals.get(table, 0)),
        "rows_loaded": dg.MetadataValue.int(sum(o.rows_loaded for o in outcomes)),
        "rows_quarantined": dg.MetadataValue.int(sum(o.rows_quarantined for o in outcomes)),
        "rows_repeated": dg.MetadataValue.int(sum(o.rows_repeated for o in outcomes)),
        "files": dg.MetadataValue.int(len(outcomes)),
        "files_refused": dg.MetadataValue.int(sum(o.status == "refused" for o in outcomes)),
        "schema_drift": dg.MetadataValue.json(
            [f"{emails.without(o.file_name)}: {phrase}" for o in outcomes for phrase in _drift(o)]
        ),
    }


def _drift(outcome: FileOutcome) -> tuple[str, ...]:
    ignored = outcome.ignored_columns
    return (*outcome.drift, *([f"columns ignored: {', '.join(ignored)}"] if ignored else []))


LANDING_SPEC = dg.AssetCheckSpec(
    DELIVERIES,
    asset=["ops", "ledger"],
    description="No file that no source reads, no location without files, no retired source.",
)


def landing_result(report: IngestReport) -> dg.AssetCheckResult:
    """Warns of what a person should look at and that is no outcome of a file."""
    return _warning(["ops", "ledger"], report.notes, len(report.notes))


def _warning(asset: Sequence[str], told: Sequence[str], problems: int) -> dg.AssetCheckResult:
    more = len(told) - _SHOWN_PROBLEMS
    shown = " ".join(told[:_SHOWN_PROBLEMS])
    return dg.AssetCheckResult(
        check_name=DELIVERIES,
        asset_key=asset,
        passed=not problems,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{shown} And {more:,} more, among the lines of `ingest`."
        if more > 0
        else shown,
        metadata={"problems": problems},
    )


def deliveries_spec(table: str) -> dg.AssetCheckSpec:
    """The check that says whether somebody should look at a table's deliveries."""
    return dg.AssetCheckSpec(
        DELIVERIES,
        asset=["raw", table],
        description="No file refused or waiting, no row quarantined, no empty delivery, no drift.",
    )


def deliveries_result(report: IngestReport, table: str) -> dg.AssetCheckResult:
    """Warns of what a person should look at; what is published is for the audit to decide."""
    problems = report.problems_of(table)
    return _warning(["raw", table], sentences.together(problems), len(problems))


@dg.definitions
def raw_tables() -> dg.Definitions:
    """The rules of the company and its raw tables."""
    contract = load_contract(settings.DBT_PROJECT_DIR / "models")

    @dg.asset(key=RULES, group_name="rules", kinds={"csv"}, pool="warehouse")
    def rules(refresh: dg.ResourceParam[Refresh]) -> dg.MaterializeResult[None]:
        """Business rules as CSV: the shipped seeds with the company's own put in, checked."""
        progress.say("rules", f"{refresh.company.name}, as of {refresh.as_of}Z")
        refresh.check_clock()
        refresh.check_rules()
        refresh.read_models()
        refresh.done.add(RULES_STEP)
        return dg.MaterializeResult(metadata={"directory": str(refresh.dbt_project.seeds)})

    @dg.multi_asset(
        name=INGEST_STEP,
        specs=raw_specs(contract),
        check_specs=[*(deliveries_spec(table) for table in contract.tables), LANDING_SPEC],
        pool="warehouse",
    )
    def ingest_raw_tables(
        refresh: dg.ResourceParam[Refresh],
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        refresh.settings.landing.mkdir(parents=True, exist_ok=True)
        inputs = refresh.inputs
        with told(refresh.settings.home):
            report = load_landing(refresh.warehouse, refresh.published_batch)
        refresh.done.add(INGEST_STEP)
        loaded = [outcome for outcome in report.outcomes if outcome.status == "loaded"]
        if any(outcome.status == "waiting" for outcome in report.outcomes):
            inputs.leave_open()
        rows = sum(outcome.rows_loaded for outcome in loaded)
        known = sum(outcome.status == "already_loaded" for outcome in report.outcomes)
        progress.say("ingest", f"{len(loaded)} new files, {rows:,} rows; {known} already loaded")
        for problem in report.problems:
            progress.say("ingest", f"! {problem}")
        if report.notes_of_repair:
            repaired = alerts.repaired(report.notes_of_repair)
            for problem in alerts.send([repaired], settings.load_alerts()):
                progress.say("ingest", f"! {problem}")
        for table in contract.tables:
            yield dg.MaterializeResult(
                asset_key=["raw", table], metadata=table_metadata(report, table)
            )
            yield deliveries_result(report, table)
        for name in LEDGER_TABLES:
            yield dg.MaterializeResult(asset_key=["ops", name])
        yield landing_result(report)

    return dg.Definitions(assets=[rules, ingest_raw_tables])
