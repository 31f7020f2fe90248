"""dbt: each seed, model and snapshot is an asset, each data test a check on it.

So is each table that a driver step computes between them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration import settings
from orchestration.defs.ingestion.raw_tables import RULES
from orchestration.lib import dbt, progress
from orchestration.lib.ingestion.damage import DamagedError
from orchestration.lib.refresh import Refresh, open_graph
from orchestration.lib.steps.plan import BUILT_TYPES, DERIVED_SCHEMA, DerivedTable, Phase, plan
from orchestration.lib.surroundings import told


class WarehouseTranslator(DagsterDbtTranslator):
    """Names dbt's nodes as the warehouse does: raw tables by schema, groups by layer."""

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """The node's spec, keyed by schema and name; seeds come after the rules were checked."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["sources"].get(unique_id) or manifest["nodes"][unique_id]
        spec = spec.replace_attributes(
            key=dg.AssetKey([node["schema"], node["name"]]), group_name=node["schema"]
        )
        if node["resource_type"] == "seed":
            return spec.replace_attributes(deps=[RULES])
        return spec


def with_row_count(event: Any, counts: Mapping[tuple[str, ...], int], key: dg.AssetKey) -> Any:
    """A model's output event with its number of rows as metadata."""
    rows = counts.get(tuple(key.path))
    if rows is None:
        return event
    metadata = {**event.metadata, "dagster/row_count": dg.MetadataValue.int(rows)}
    return dg.Output(event.value, output_name=event.output_name, metadata=metadata)


def phase_specs(
    manifest: Mapping[str, Any], phase: Phase, translator: WarehouseTranslator
) -> tuple[list[dg.AssetSpec], list[dg.AssetCheckSpec]]:
    """The assets of a phase, and its data tests as checks on them.

    Not `@dbt_assets(select=...)`: it counts a test to each phase that builds one of its models.
    """
    assets = {
        unique_id: translator.get_asset_spec(manifest, unique_id, None)
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] != "test" and node["resource_type"] in BUILT_TYPES
    }
    # The translator says which of the models that a test reads is the one that it is about.
    checks = [
        translator.get_asset_check_spec(assets[read], manifest, unique_id, None)
        for unique_id in sorted(phase.nodes - set(assets))
        for read in manifest["nodes"][unique_id]["depends_on"]["nodes"]
        if read in assets
    ]
    return (
        [spec for unique_id, spec in assets.items() if unique_id in phase.nodes],
        [check for check in checks if check is not None],
    )


def phase_assets(
    manifest: Mapping[str, Any], phase: Phase, *, is_last: bool
) -> dg.AssetsDefinition:
    """The models of one phase, built by one `dbt build` in this process."""
    translator = WarehouseTranslator()
    specs, check_specs = phase_specs(manifest, phase, translator)
    step = "dbt build" if is_last else f"dbt {phase.number + 1}"

    @dg.multi_asset(
        name="dbt_build" if is_last else f"dbt_build_{phase.number + 1}",
        specs=specs,
        check_specs=check_specs,
        can_subset=True,
        pool="warehouse",
        allow_arbitrary_check_specs=True,
    )
    def build(
        context: dg.AssetExecutionContext, refresh: dg.ResourceParam[Refresh]
    ) -> Iterator[Any]:
        if context.selected_asset_keys != {spec.key for spec in specs}:
            raise dg.Failure(
                "Models that are built together cannot be chosen one by one. Run the whole job "
                "`daily_refresh`, or `make refresh`."
            )
        counter = progress.Counter(step, len(phase.nodes))
        finished: list[dict[str, Any]] = []

        def on_event(event: dict[str, Any]) -> None:
            finished.append(event)
            counter.advance(event["data"]["node_info"]["node_name"])

        try:
            with told(refresh.settings.home):
                refresh.build.run_phase(phase, on_event)
            refresh.done.update(phase.nodes)
        except dbt.DbtError as error:
            raise dg.Failure(str(error)) from error
        except DamagedError:
            # What was built is gone with the database.
            finished.clear()
            raise
        finally:
            if is_last:
                refresh.build.close()
            counts = refresh.engine.row_counts() if finished else {}
            for event in finished:
                message = DbtCoreCliEventMessage(raw_event=event, event_history_metadata={})
                for result in message.to_default_asset_events(
                    manifest, translator, context, refresh.dbt_project.target
                ):
                    if isinstance(result, dg.Output):
                        key = context.asset_key_for_output(result.output_name)
                        yield with_row_count(result, counts, key)
                    else:
                        yield result

    return build


def step_asset(table: DerivedTable) -> dg.AssetsDefinition:
    """A derived table, computed between two phases."""

    @dg.asset(
        key=[DERIVED_SCHEMA, table.name],
        deps=[dg.AssetKey([one.schema, one.name]) for one in table.inputs],
        group_name=DERIVED_SCHEMA,
        description=table.description,
        kinds={"python", "table"},
        pool="warehouse",
    )
    def compute(refresh: dg.ResourceParam[Refresh]) -> dg.MaterializeResult[None]:
        with told(refresh.settings.home):
            rows = refresh.build.run_step(table)
        refresh.done.add(table.name)
        progress.say("step", f"{table.name}: {rows:,} rows")
        return dg.MaterializeResult(metadata={"dagster/row_count": dg.MetadataValue.int(rows)})

    return compute


@dg.definitions
def dbt_models() -> dg.Definitions:
    """Every dbt node and every driver step."""
    manifest = dbt.parse_if_changed(open_graph(settings.load()).dbt_project)
    phases = plan(manifest).phases
    return dg.Definitions(
        assets=[
            *(phase_assets(manifest, one, is_last=one is phases[-1]) for one in phases),
            *(step_asset(table) for phase in phases for table in phase.steps),
        ]
    )
