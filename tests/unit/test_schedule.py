"""The daily schedule runs on the company's clock."""

import dagster as dg
import pytest

from orchestration.defs.automation.daily_refresh import every_morning


def test_the_schedule_runs_in_the_business_timezone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_SOURCES", "")
    monkeypatch.setenv("WAREHOUSE_REFRESH_AT", "04:30")
    (schedule,) = every_morning().schedules or []
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert schedule.cron_schedule == "30 4 * * *"
    assert schedule.execution_timezone == "Europe/Paris"
    assert schedule.job_name == "daily_refresh"
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
