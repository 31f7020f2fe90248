"""What the dbt project declares for the driver steps: the vars, and the columns of their tables."""

from collections.abc import Mapping
from typing import Any

import yaml

from orchestration.settings import DBT_PROJECT_DIR

VARS: Mapping[str, Any] = yaml.safe_load((DBT_PROJECT_DIR / "dbt_project.yml").read_text())["vars"]


def described(table: str) -> list[str]:
    """The columns of a derived table, in order."""
    sources = DBT_PROJECT_DIR / "models" / "staging" / "derived" / "_derived__sources.yml"
    tables = yaml.safe_load(sources.read_text())["sources"][0]["tables"]
    (found,) = [one for one in tables if one["name"] == table]
    return [column["name"] for column in found["columns"]]
