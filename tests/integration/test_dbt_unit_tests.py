"""The models' own unit tests: each made-up case gives the rows that its author worked out."""

from typing import Any

from orchestration import settings
from orchestration.lib import dbt
from orchestration.lib.refresh import open_refresh
from tests.integration.house import House


def test_every_dbt_unit_test_passes(growing: House) -> None:
    with settings.environment(growing.environment):
        refresh = open_refresh(settings.load())
        project = refresh.dbt_project
        manifest = dbt.parse_if_changed(project)
        statuses: dict[str, str] = {}

        def on_event(event: dict[str, Any]) -> None:
            node = event["data"]["node_info"]
            if node.get("resource_type") == "unit_test":
                statuses[node["node_name"]] = event["data"]["status"]

        problem = ""
        with project.engine.session():
            dbt.prepare(project)
            try:
                dbt.run(
                    project, ["test", "--select", "test_type:unit"], refresh.dbt_variables, on_event
                )
            except dbt.DbtError as error:
                problem = str(error)
    assert {name: status for name, status in statuses.items() if status != "pass"} == {}, problem
    assert problem == ""
    assert len(statuses) == len(manifest["unit_tests"]) > 0
