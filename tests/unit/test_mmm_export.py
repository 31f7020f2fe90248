"""The weekly series as the tools for marketing mix models read it."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import settings
from orchestration.lib.publishing.reader import NothingPublishedError
from orchestration.mmm_export import EXPORT, export, wide
from tests.integration.house import House
from tests.unit.expectations.conftest import TINY_RELEASE


def row(week: date, channel: str, spend: float, **more: Any) -> dict[str, Any]:
    given = {"impressions": 10, "clicks": 1, "sessions": 3, "conversions": 2, "revenue": 90}
    outcome = {"new_customers": 1, "holidays": 0, "discount_rate": None, "web_days_lost": 0}
    return {"week_start": week, "geo": "all", "channel": channel, "spend": spend} | {
        **given,
        **outcome,
        **more,
    }


def test_channels_become_columns_and_no_cell_is_empty() -> None:
    first, second = date(2026, 5, 4), date(2026, 5, 11)
    assert wide(
        [
            row(second, "Paid Search", 0, clicks=0),
            row(first, "Paid Search", 25),
            row(first, "Email", 0),
            row(second, "Email", 0, sessions=9),
        ]
    ) == [
        [
            *("time", "geo", "conversions", "new_customers", "revenue", "holidays"),
            *("discount_rate", "web_days_lost", "email_sessions"),
            *("paid_search_spend", "paid_search_impressions", "paid_search_clicks"),
        ],
        [first, "all", 2, 1, 90, 0, 0, 0, 3, 25, 10, 1],
        [second, "all", 2, 1, 90, 0, 0, 0, 9, 0, 10, 0],
    ]


def test_channels_of_one_spelling_keep_columns_of_their_own() -> None:
    week = date(2026, 5, 4)
    header = wide([row(week, "Paid-Search", 1), row(week, "Paid Search", 1), row(week, "!", 0)])[0]
    assert "paid_search_spend" in header
    assert "paid_search_2_spend" in header
    assert "channel_sessions" in header


def test_without_weeks_there_is_a_header() -> None:
    assert len(wide([])) == 1


def test_the_current_release_is_written_below_the_home(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "current").mkdir()
    with duckdb.connect(str(tmp_path / "current" / "published.duckdb")) as connection:
        connection.execute(TINY_RELEASE)
    with settings.environment(House(tmp_path).environment):
        assert export(settings.load()) == 0
    with (tmp_path / EXPORT).open(newline="") as file:
        header, only = list(csv.reader(file))
    assert dict(zip(header, only, strict=True)) == {
        "time": "2026-05-04",
        "geo": "all",
        "conversions": "1",
        "new_customers": "1",
        "revenue": "100.0000",
        "holidays": "0",
        "discount_rate": "0.09090909090909091",
        "web_days_lost": "0",
        "email_sessions": "1",
        "paid_search_spend": "25.0000",
        "paid_search_impressions": "1000",
        "paid_search_clicks": "20",
    }
    assert "1 weeks" in capsys.readouterr().out


def test_before_the_first_publish_it_says_so(tmp_path: Path) -> None:
    with (
        settings.environment(House(tmp_path).environment),
        pytest.raises(NothingPublishedError, match="Run a refresh first"),
    ):
        export(settings.load())
