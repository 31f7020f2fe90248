"""Raw tables as Dagster sees them."""

import pytest

from orchestration.defs.ingestion.raw_tables import DAILY, raw_specs
from orchestration.lib.contract import load_contract
from orchestration.settings import DBT_PROJECT_DIR

CONTRACT = load_contract(DBT_PROJECT_DIR / "models")


@pytest.mark.parametrize("table", CONTRACT.tables)
def test_every_raw_table_has_a_group_and_a_freshness_policy(table: str) -> None:
    (spec,) = (spec for spec in raw_specs(CONTRACT) if spec.key.path == ["raw", table])
    assert spec.group_name == CONTRACT.tables[table].system
    assert spec.freshness_policy == DAILY
