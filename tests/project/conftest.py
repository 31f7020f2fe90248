import json
from pathlib import Path
from typing import Any

import pytest
from dbt.cli.main import dbtRunner

PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt_project"


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The manifest of the project as it stands, parsed once; nothing is written beside it."""
    target = tmp_path_factory.mktemp("dbt")
    options = {
        "--project-dir": PROJECT_DIR,
        "--profiles-dir": PROJECT_DIR,
        "--target-path": target,
        "--log-path": target,
    }
    arguments = [str(part) for option in options.items() for part in option]
    result = dbtRunner().invoke(["--quiet", "parse", *arguments])
    assert result.success, f"dbt cannot parse the project: {result.exception}"
    parsed: dict[str, Any] = json.loads((target / "manifest.json").read_text())
    return parsed


@pytest.fixture(scope="session")
def project_file() -> str:
    """The text of `dbt_project.yml`."""
    return (PROJECT_DIR / "dbt_project.yml").read_text()
