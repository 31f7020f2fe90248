"""Accepting that a release differs from the one before takes a known audit and a reason."""

import pytest

from orchestration import cli, settings


def test_an_acceptance_needs_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_ACCEPT", "audits.closed_days_stay, core.fct_orders")
    with pytest.raises(settings.SettingError, match="say who accepts it, and why"):
        settings.load()
    monkeypatch.setenv("WAREHOUSE_ACCEPT_REASON", "Ann: May was corrected")
    assert settings.load().accepted == {
        "audits.closed_days_stay": "Ann: May was corrected",
        "core.fct_orders": "Ann: May was corrected",
    }


def test_a_mistyped_audit_is_refused_before_anything_runs() -> None:
    with pytest.raises(settings.SettingError, match=r"see audits\.closed_days_stay"):
        cli.refresh(settings.load(), accept="audits.closed_day_stay", reason="Ann")
