"""A store over a tiny warehouse whose two tables always carry the same number."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.publishing.candidate import PublishedColumn, PublishedTable
from orchestration.lib.publishing.releases import Candidate, Release, ReleaseStore

AS_OF = datetime(2026, 7, 1)

TABLES = (
    PublishedTable(
        schema="core",
        name="fct_orders",
        relation="warehouse.core.fct_orders",
        description="One row per order; it's a test.",
        columns=(
            PublishedColumn("order_key", "bigint", "The order's number."),
            PublishedColumn("net_revenue", "decimal(18,4)", "Without tax."),
        ),
    ),
    PublishedTable(
        schema="kpi",
        name="kpi_values",
        relation="warehouse.kpi.kpi_values",
        description="One row per figure.",
        columns=(PublishedColumn("value", "bigint"),),
    ),
)


class House:
    """A warehouse whose content is one number, and the store that publishes it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.store = ReleaseStore(home)
        self.warehouse = home / "warehouse.duckdb"
        home.mkdir(parents=True, exist_ok=True)

    def write_warehouse(self, number: int, rows: int = 100) -> None:
        self.warehouse.unlink(missing_ok=True)
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute("create schema core; create schema kpi; create schema staging")
            connection.execute("create table staging.secret as select 1 as i")
            connection.execute(
                f"create table core.fct_orders as select i as order_key, "
                f"{number}::decimal(18,4) as net_revenue, 'x' as internal from range({rows}) t(i)"
            )
            connection.execute(f"create table kpi.kpi_values as select {number} as value")

    def build(self, number: int) -> Candidate:
        self.write_warehouse(number)
        return self.store.build_candidate(
            TABLES,
            as_of=AS_OF,
            code_version="abc",
            warehouse=self.warehouse,
            settings={"threads": "1"},
        )

    def publish(self, number: int) -> Release:
        candidate = self.store.record_verdict(
            self.build(number), passed=True, report={}, checks={"core.fct_orders": "passed"}
        )
        return self.store.publish(candidate)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "home")
