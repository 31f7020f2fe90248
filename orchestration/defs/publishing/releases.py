"""The release: built as a candidate, published only after every blocking check has passed."""

import dagster as dg

from orchestration import settings
from orchestration.defs.ingestion.raw_tables import INGEST_STEP, RULES_STEP
from orchestration.lib import dbt, progress
from orchestration.lib.ingestion import damage
from orchestration.lib.publication import publish_and_tell
from orchestration.lib.published_tables import published_tables
from orchestration.lib.publishing.postgres import publish_to_postgres
from orchestration.lib.refresh import Refresh, code_version, open_graph
from orchestration.lib.steps.plan import plan
from orchestration.lib.surroundings import told

CANDIDATE = dg.AssetKey(["candidate_release"])


def show_in_postgres(refresh: Refresh) -> str | None:
    """Lets PostgreSQL show the current release; gives its id, None where nobody asks for it."""
    asked = settings.load_postgres()
    if asked is None or refresh.releases.current_id() is None:
        return None
    shown, copied = publish_to_postgres(refresh.releases, asked, refresh.settings.memory_limit)
    progress.say("postgres", f"{shown} {'copied' if copied else 'is there already'}")
    return shown


@dg.definitions
def releases() -> dg.Definitions:
    """The candidate and the published release."""
    loaded = open_graph(settings.load())
    manifest = dbt.parse_if_changed(loaded.dbt_project)
    tables, build = published_tables(manifest, loaded.engine.relation), plan(manifest)
    nodes = [name for phase in build.phases for name in phase.nodes]

    @dg.asset(
        key=CANDIDATE,
        group_name="release",
        kinds={"duckdb", "parquet"},
        deps=[dg.AssetKey([table.schema, table.name]) for table in tables],
        pool="warehouse",
    )
    def candidate_release(refresh: dg.ResourceParam[Refresh]) -> dg.MaterializeResult[None]:
        """A new file that holds only the published tables and that nobody reads yet."""
        # Whoever starts Dagster's run may have chosen a part of it, or go on where another failed.
        refresh.require_whole([RULES_STEP, INGEST_STEP, *nodes, *build.tables])
        store = refresh.releases
        with told(refresh.settings.home), damage.noticed(refresh.settings.database):
            store.sweep()
            candidate = store.build_candidate(
                tables,
                as_of=refresh.as_of,
                code_version=code_version(),
                warehouse=refresh.settings.database,
                engine=refresh.settings.engine,
                basis=refresh.basis,
                settings={
                    **refresh.settings.limits,
                    "temp_directory": str(refresh.settings.spill),
                },
            )
        refresh.done.add(candidate.id)
        progress.say("candidate", f"{candidate.id}: {len(candidate.manifest.tables)} tables")
        return dg.MaterializeResult(
            metadata={
                "release": candidate.id,
                "rows": {table.table: table.rows for table in candidate.manifest.tables},
            }
        )

    @dg.asset(
        key=["published_release"],
        group_name="release",
        deps=[CANDIDATE],
        kinds={"duckdb", "parquet"},
        pool="warehouse",
    )
    def published_release(refresh: dg.ResourceParam[Refresh]) -> dg.MaterializeResult[None]:
        """What BI reads: the audited candidate, made current in one atomic step."""
        with told(refresh.settings.home):
            if refresh.releases.hold():
                # A server that was away at the rollback still shows what was left.
                show_in_postgres(refresh)
            if refresh.releases.candidate().id not in refresh.done:
                # It waited since an earlier run: what came in meanwhile is not in it.
                refresh.inputs.leave_open()
            release, problems = publish_and_tell(
                refresh.releases, refresh.inputs, refresh.settings, settings.load_alerts()
            )
        for problem in problems:
            progress.say("published", f"! {problem}")
        progress.say("published", f"{release.id} is current")
        return dg.MaterializeResult(
            metadata={"release": release.id, "database": str(release.database)}
        )

    @dg.asset(
        group_name="release",
        deps=[dg.AssetKey(["published_release"])],
        kinds={"postgres"},
        pool="warehouse",
    )
    def postgres_release(refresh: dg.ResourceParam[Refresh]) -> dg.MaterializeResult[None]:
        """The published release once more, in the database that `WAREHOUSE_POSTGRES` names."""
        shown = show_in_postgres(refresh)
        return dg.MaterializeResult(metadata={"release": shown or "not asked for"})

    return dg.Definitions(assets=[candidate_release, published_release, postgres_release])
