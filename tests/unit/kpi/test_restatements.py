"""What changed a closed period, from the raw tables of two releases to the cause that is told."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.contract import OPS_TABLES
from tests.model_sql import CompiledModels

Row = dict[str, Any]
FIRST, LAST, LATE = date(2026, 1, 1), date(2026, 5, 14), date(2026, 2, 10)
FEBRUARY = date(2026, 2, 1)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> CompiledModels:
    home: Path = tmp_path_factory.mktemp("restatements")
    clock = {"as_of": "2026-05-15T06:00:00", "business_timezone": "UTC"}
    return CompiledModels(home, ["kpi_restatements"], clock)


def loaded(rows: list[Row], batch: int) -> list[Row]:
    added = {"_source": "shop", "_source_file": "f", "_loaded_at": LAST, "_batch_id": batch}
    return [{**added, "_row_number": number, **row} for number, row in enumerate(rows)]


def said(tables: dict[str, list[Row]]) -> list[Row]:
    """What the next release is told of this one, which knew the first load."""
    basis = {"last_batch_id": 1, "are_rules_changed": False, "merged_identifiers": 0}
    named = [name for name, _ in OPS_TABLES["statements"] if name not in basis]
    return [{name: row[name] for name in named} | basis for row in tables["kpi_restatements"]]


def test_lines_that_come_after_their_order_are_late_rows_of_its_day(models: CompiledModels) -> None:
    """An order a day with its lines; those of 10 February come with the second load."""
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    orders = [
        {
            "order_id": f"o{day}",
            "ordered_at": f"{day} 10:00:00",
            "customer_id": f"c{day}",
            "status": "completed",
            "currency": "EUR",
            "rep_id": "r",
        }
        for day in days
    ]
    lines = {
        day: {"order_item_id": f"o{day}", "order_id": f"o{day}", "quantity": 1}
        | {"unit_price": 100, "unit_cost": 60}
        for day in days
    }
    known = loaded([line for day, line in lines.items() if day != LATE], 1)
    quota = {"kpi_id": "revenue", "dimension": "rep", "segment": "r", "target_value": 1000}
    quota |= {"period_start": FEBRUARY, "period_grain": "month", "set_on": FIRST}
    given = {
        "shop_orders": loaded(orders, 1),
        "crm_reps": loaded([{"rep_id": "r", "team": "T", "valid_from": FIRST}], 1),
        "kpi_targets": [quota | {"currency": "EUR"}],
    }
    before = models.run({**given, "shop_order_items": known})
    after = models.run(
        {
            **given,
            "shop_order_items": known + loaded([lines[LATE]], 2),
            "statements": said(before),
        }
    )
    restated = {
        row["kpi_id"]: (row["previous_value"], row["value"], row["cause"], row["late_rows"])
        for row in after["kpi_restatements"]
        if row["statement_number"] > 0
        and (row["period_grain"], row["period_start"]) == ("month", FEBRUARY)
    }
    assert restated["revenue"] == (2700, 2800, "late_rows", 1)
    assert restated["quota_attainment"] == (2.7, 2.8, "late_rows", 1)
    assert {cause for _, _, cause, _ in restated.values()} == {"late_rows"}
