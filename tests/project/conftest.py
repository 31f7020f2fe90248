from typing import Any

import pytest

from orchestration.settings import DBT_PROJECT_DIR
from tests.integration.house import House


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The manifest of the project as it stands, parsed for a home."""
    return House(tmp_path_factory.mktemp("project")).parse()


@pytest.fixture(scope="session")
def project_file() -> str:
    """The text of `dbt_project.yml`."""
    return (DBT_PROJECT_DIR / "dbt_project.yml").read_text()
