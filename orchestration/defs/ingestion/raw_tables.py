"""Raw tables: one asset per table of the contract, loaded from whatever the sources deliver."""

from collections.abc import Iterator

import dagster as dg

from orchestration import settings
from orchestration.lib import progress
from orchestration.lib.contract import Contract, load_contract
from orchestration.lib.ingestion.load import ingest
from orchestration.lib.ingestion.report import IngestReport
from orchestration.resources import RefreshResource

RULES = dg.AssetKey(["rules"])
LEDGER_TABLES = ("ledger", "quarantine")


def raw_specs(contract: Contract) -> list[dg.AssetSpec]:
    """One asset per raw table, and the two that say what became of each file."""
    raw = [
        dg.AssetSpec(
            ["raw", table.name],
            group_name=table.system,
            description=table.description,
            kinds={"duckdb", "table"},
        )
        for table in contract.tables.values()
    ]
    ops = [
        dg.AssetSpec(["ops", name], group_name="ops", description=text, kinds={"duckdb", "table"})
        for name, text in zip(
            LEDGER_TABLES,
            ("One row per file and table offered.", "One row per refused value."),
            strict=True,
        )
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
    }


@dg.definitions
def raw_tables() -> dg.Definitions:
    """The rules of the company and its raw tables."""
    contract = load_contract(settings.DBT_PROJECT_DIR / "models")

    @dg.asset(key=RULES, group_name="rules", kinds={"csv"}, pool="warehouse")
    def rules(refresh: RefreshResource) -> dg.MaterializeResult[None]:
        """Business rules as CSV: the shipped seeds with the company's own put in, checked."""
        run = refresh.refresh
        progress.say("rules", f"{run.company.name}, as of {run.as_of}Z")
        run.check_rules()
        return dg.MaterializeResult(metadata={"directory": str(run.dbt_project.seeds)})

    @dg.multi_asset(name="ingest", specs=raw_specs(contract), pool="warehouse")
    def ingest_raw_tables(refresh: RefreshResource) -> Iterator[dg.MaterializeResult[None]]:
        run = refresh.refresh
        run.settings.landing.mkdir(parents=True, exist_ok=True)
        report = ingest(
            run.settings.database,
            run.settings.landing,
            run.settings.archive,
            run.settings.quarantine,
            run.company,
            run.contract,
            as_of=run.as_of,
            hash_key=run.settings.hash_key,
            memory_limit=run.settings.memory_limit,
            threads=run.settings.threads,
            progress=lambda text: progress.say("ingest", text),
        )
        for problem in report.problems:
            progress.say("ingest", f"! {problem}")
        for table in contract.tables:
            yield dg.MaterializeResult(
                asset_key=["raw", table], metadata=table_metadata(report, table)
            )
        for name in LEDGER_TABLES:
            yield dg.MaterializeResult(asset_key=["ops", name])

    return dg.Definitions(assets=[rules, ingest_raw_tables])
