"""dbt: each seed, model and snapshot is an asset, each data test a check on it."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration import settings
from orchestration.lib import dbt, progress
from orchestration.lib.refresh import Refresh, open_refresh

RESULT_EVENTS = {"LogSeedResult", "LogModelResult", "LogSnapshotResult", "LogTestResult"}
BUILT_TYPES = ("model", "seed", "snapshot", "test")


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
            return spec.replace_attributes(deps=[dg.AssetKey(["rules"])])
        return spec


def with_row_count(event: Any, counts: Mapping[tuple[str, ...], int], key: dg.AssetKey) -> Any:
    """A model's output event with its number of rows as metadata."""
    rows = counts.get(tuple(key.path))
    if rows is None:
        return event
    metadata = {**event.metadata, "dagster/row_count": dg.MetadataValue.int(rows)}
    return dg.Output(event.value, output_name=event.output_name, metadata=metadata)


@dg.definitions
def dbt_models() -> dg.Definitions:
    """Every dbt node, built by one `dbt build` in this process."""
    project = open_refresh(settings.load()).dbt_project
    manifest = dbt.parse_if_changed(project)
    translator = WarehouseTranslator()
    nodes = sum(node["resource_type"] in BUILT_TYPES for node in manifest["nodes"].values())

    @dbt_assets(
        manifest=manifest, dagster_dbt_translator=translator, name="dbt_build", pool="warehouse"
    )
    def build(
        context: dg.AssetExecutionContext, refresh: dg.ResourceParam[Refresh]
    ) -> Iterator[Any]:
        counter = progress.Counter("dbt build", nodes)
        finished: list[dict[str, Any]] = []

        def on_event(event: dict[str, Any]) -> None:
            if event["info"]["name"] in RESULT_EVENTS:
                finished.append(event)
                counter.advance(event["data"]["node_info"]["node_name"])

        try:
            dbt.build(refresh.dbt_project, refresh.dbt_variables, on_event)
        except dbt.DbtError as error:
            raise dg.Failure(str(error)) from error
        finally:
            counts = refresh.engine.row_counts()
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

    return dg.Definitions(assets=[build])
