"""The tests' homes share a parse, and yet each has its own seeds."""

from pathlib import Path

from orchestration import settings
from orchestration.lib import dbt
from orchestration.lib.refresh import open_refresh
from tests.integration.house import House


def test_each_home_reads_its_own_seeds(tmp_path: Path) -> None:
    for name in ("one", "other"):
        house = House(tmp_path / name)
        told = house.parse()["nodes"]["seed.kpi_warehouse.kpi_targets"]
        with settings.environment(house.environment):
            project = open_refresh(settings.load()).dbt_project
            read = dbt._load_manifest(project).nodes["seed.kpi_warehouse.kpi_targets"]
        assert told["root_path"] == str(project.directory)
        assert read.root_path == str(project.directory)
