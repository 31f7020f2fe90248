"""Which tables a release holds: read from dbt's manifest, so a new mart is published unlisted."""

from collections.abc import Callable, Mapping
from typing import Any

from orchestration.lib.publishing.candidate import PublishedColumn, PublishedTable

MARTS_FOLDER = "marts"


def published_tables(
    manifest: Mapping[str, Any], relation: Callable[[str, str], str]
) -> list[PublishedTable]:
    """Every model under `models/marts`, by name; `relation` turns schema and name into a source."""
    marts = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == MARTS_FOLDER
    ]
    return [
        PublishedTable(
            schema=node["schema"],
            name=node["name"],
            relation=relation(node["schema"], node["name"]),
            description=node["description"],
            columns=tuple(
                PublishedColumn(column["name"], column["data_type"], column["description"])
                for column in node["columns"].values()
            ),
        )
        for node in sorted(marts, key=lambda node: (node["schema"], node["name"]))
    ]
