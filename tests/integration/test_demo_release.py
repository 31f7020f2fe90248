"""From landing to release: what was published, and what Dagster shows of it."""

import json

from expectations.suites import all_suites
from orchestration.lib.contract import load_contract
from orchestration.settings import DBT_PROJECT_DIR
from tests.integration.conftest import BROKEN_FILE, MISSING_SOURCE
from tests.integration.house import House, Outcome

MARTS = sorted(
    f"{path.parent.name}.{path.stem}" for path in (DBT_PROJECT_DIR / "models/marts").rglob("*.sql")
)


def test_a_release_holds_every_mart_and_nothing_else(demo: House) -> None:
    found = demo.published("select schema_name || '.' || table_name from duckdb_tables()")
    assert sorted(name for (name,) in found) == MARTS
    assert sorted(demo.content_hashes()) == MARTS


def test_the_manifest_counts_the_rows_of_each_table(demo: House) -> None:
    counted = {name: demo.published(f"select count(*) from {name}")[0][0] for name in MARTS}
    assert {table["table"]: table["rows"] for table in demo.manifest()["tables"]} == counted


def test_parquet_holds_the_same_rows(demo: House) -> None:
    parquet = demo.home / "current" / "parquet"
    found = sorted(path.relative_to(parquet).as_posix() for path in parquet.rglob("*.parquet"))
    assert found == [f"{name.replace('.', '/')}.parquet" for name in MARTS]


def test_no_suite_fails(demo: House) -> None:
    checks = demo.manifest()["checks"]
    assert sorted(checks) == sorted(suite.name for suite in all_suites())
    assert {name: status for name, status in checks.items() if status in ("failed", "broken")} == {}


def test_every_suite_says_more_than_a_skipped_one_would(demo: House) -> None:
    verdict = json.loads((demo.home / "current" / "verdict.json").read_text())
    assert verdict["verdict"] == "PASS"
    assert all(suite["results"] for suite in verdict["report"]["suites"])


def test_dagster_holds_a_materialisation_of_every_table(demo: House) -> None:
    materialised = {
        "/".join(event.asset_key.path)
        for event in demo.last_events()
        if event.is_step_materialization and event.asset_key
    }
    raw = {f"raw/{table}" for table in load_contract(DBT_PROJECT_DIR / "models").tables}
    models = {
        f"{schema}/{name}"
        for schema, name in demo.warehouse(
            "select schema_name, table_name from duckdb_tables()"
            " union all select schema_name, view_name from duckdb_views() where not internal"
        )
        if schema not in ("raw", "ops", "steps")
    }
    expected = raw | models | {"ops/ledger", "ops/quarantine", "rules"}
    releases = {"candidate_release", "published_release", "postgres_release"}
    assert materialised == expected | releases


def test_dagster_knows_the_rows_of_every_table(demo: House) -> None:
    tables = demo.warehouse(
        "select schema_name, table_name from duckdb_tables()"
        " where schema_name not in ('ops', 'steps')"
    )
    counts = " union all ".join(
        f"""select '{schema}/{name}', count(*) from "{schema}"."{name}" """
        for schema, name in tables
    )
    counted = dict(demo.warehouse(counts))
    shown = {}
    for event in demo.last_events():
        if event.is_step_materialization and event.asset_key:
            metadata = event.step_materialization_data.materialization.metadata
            if "dagster/row_count" in metadata:
                shown["/".join(event.asset_key.path)] = metadata["dagster/row_count"].value
    assert shown == counted


def test_dagster_holds_a_result_of_every_data_test_and_suite(demo: House) -> None:
    manifest = json.loads((demo.home / "build/dbt/target/manifest.json").read_text())
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    evaluations = [
        event.asset_check_evaluation_data
        for event in demo.last_events()
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
    ]
    assert len(tests) > 100
    deliveries = load_contract(DBT_PROJECT_DIR / "models").tables
    # Each raw table has one of its deliveries, and landing as a whole has one.
    assert len(evaluations) == len(tests) + len(all_suites()) + len(deliveries) + 1
    failed = [one for one in evaluations if not one.passed]
    # The source without a file, the file that was refused, the rows that were, products of the
    # order book that both shops list, so that nobody knows whose they are, and the whole company's
    # plans and actions for a small part of it, which has too few records to judge them: warnings,
    # and the only ones.
    assert {one.severity.value for one in failed} == {"WARN"}
    assert sorted("/".join([*one.asset_key.path, one.check_name]) for one in failed) == [
        "candidate_release/audits__actions_fit_their_kpi",
        "candidate_release/audits__targets_fit_their_kpi",
        "candidate_release/core__dim_products",
        "candidate_release/core__source_health",
        "candidate_release/kpi__kpi_definitions",
        "ops/ledger/deliveries",
        "raw/shop_orders/deliveries",
        "raw/web_events/deliveries",
    ]


def test_dagsters_own_lines_go_to_a_file(demo_run: tuple[House, Outcome]) -> None:
    house, outcome = demo_run
    assert "STEP_SUCCESS" in (house.home / "logs" / "dagster.log").read_text()
    assert "STEP_SUCCESS" not in outcome.printed


def test_the_summary_says_what_was_published_and_where(demo_run: tuple[House, Outcome]) -> None:
    house, outcome = demo_run
    ending = outcome.printed.split("\n\n")[-1]
    assert ending.startswith(f"Published {house.manifest()['id']} in ")
    assert f"{len(MARTS)} tables" in ending
    assert str(house.home / "current" / "published.duckdb") in ending


def test_progress_names_each_step(demo_run: tuple[House, Outcome]) -> None:
    _, outcome = demo_run
    steps = [line.split()[0] for line in outcome.printed.splitlines() if line.strip()]
    for step in ("ingest", "rules", "dbt", "candidate", "audit", "published"):
        assert step in steps, step


def test_a_file_that_cannot_be_read_is_refused_and_the_rest_is_published(
    demo_run: tuple[House, Outcome],
) -> None:
    house, outcome = demo_run
    assert f"! demo_shop_uk.shop_orders: '{BROKEN_FILE}'" in outcome.printed
    assert house.published(
        "select files_refused, freshness from core.source_health where raw_table = 'shop_orders'"
    ) == [(1, "fresh")]
    assert house.published(
        "select distinct data_status from kpi.kpi_scorecard where kpi_id = 'revenue'"
    ) == [("quarantined",)]
    assert house.published("select count(*) > 50 from core.fct_orders") == [(True,)]


def test_rows_that_cannot_be_read_are_quarantined_and_counted(
    demo: House, truth: dict[str, dict[str, dict[str, int]]]
) -> None:
    malformed = truth["web"]["quarantined_events"]["events"]
    assert malformed > 0
    assert demo.published(
        "select rows_quarantined from core.source_health where raw_table = 'web_events'"
    ) == [(malformed,)]
    assert demo.published(
        "select distinct data_status from kpi.kpi_scorecard "
        "where kpi_id = 'session_conversion_rate'"
    ) == [("quarantined",)]


def test_without_one_source_the_others_are_published(demo_run: tuple[House, Outcome]) -> None:
    house, outcome = demo_run
    assert f"! {MISSING_SOURCE}.ads_spend: no file matches" in outcome.printed
    platforms = house.published("select distinct platform from core.fct_ad_spend order by all")
    assert platforms == [("google_ads",), ("meta_ads",), ("microsoft_ads",)]
    assert house.published("select count(*) from core.source_health where freshness = 'empty'") == [
        (0,)
    ]
