"""The calendar begins with the first data, whichever source has them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest

from tests.model_sql import CompiledModels

# What each source's rows are dated by.
DATED = {
    "stg_shop__orders": "ordered_at",
    "stg_shop__refunds": "refunded_at",
    "stg_web__events": "occurred_at",
    "stg_web__sessions": "started_at",
    "stg_crm__leads": "created_at",
    "stg_crm__opportunities": "created_at",
    "int_core__opportunity_closings": "closed_at",
    "stg_crm__activities": "occurred_at",
    "stg_crm__campaign_members": "responded_at",
    "stg_support__tickets": "created_at",
    "stg_survey__responses": "sent_at",
    "stg_ads__spend": "spend_date",
}
FIRST, OTHERS, AS_OF = "2026-01-02", "2026-01-03", "2026-01-04"


@pytest.fixture(scope="module")
def models() -> CompiledModels:
    clock = {"as_of": f"{AS_OF}T12:00:00", "business_timezone": "UTC"}
    return CompiledModels(["int_core__calendar_days"], clock)


def _dated(days: Mapping[str, str]) -> dict[str, pa.Table]:
    tables = {}
    for name, column in DATED.items():
        rows = (days[name], OTHERS)
        values: dict[str, list[Any]] = {
            column: [datetime.fromisoformat(f"{day} 10:00:00") for day in rows]
        }
        if column == "spend_date":
            values = {column: [date.fromisoformat(day) for day in rows]}
        if column == "sent_at":
            values["answered_at"] = values[column]
        tables[name] = pa.table(values)
    return tables


@pytest.mark.parametrize("earliest", DATED)
def test_the_calendar_begins_with_the_first_data_of_any_source(
    models: CompiledModels, earliest: str
) -> None:
    days = models.run(_dated(dict.fromkeys(DATED, OTHERS) | {earliest: FIRST}))
    found = sorted(str(row["date_day"]) for row in days["int_core__calendar_days"])
    assert found == [FIRST, OTHERS, AS_OF]
