"""The driver steps: tables in any order in, the described table out."""

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from orchestration.lib.statistics.steps import budget_proposals, markov_effects
from tests.unit.statistics.declared import VARS, described


def step(channel: str | None, following: str, count: int, **more: Any) -> dict[str, Any]:
    return {
        "period_start": date(2026, 3, 1),
        "before_2": None,
        "before_1": None,
        "channel": channel,
        "next_step": following,
        "transitions": count,
    } | more


def test_removal_effects_by_month_with_what_they_rest_on() -> None:
    april = {"period_start": date(2026, 4, 1)}
    rows = [
        step(None, "Google Ads", 4),
        step(None, "Mailing", 1),
        step("Google Ads", "(converted)", 2),
        step("Google Ads", "Mailing", 1),
        step("Google Ads", "(lost)", 1),
        step("Mailing", "(converted)", 2),
        step(None, "Mailing", 3, **april),
        step("Mailing", "(lost)", 3, **april),
    ]
    for order in (rows, rows[::-1]):
        inputs = {"int_attribution__transitions": pa.Table.from_pylist(order)}
        table = markov_effects(inputs, VARS)
        assert table.column_names == described("markov_effects")
        ads, mailing, later = table.to_pylist()
        assert (ads["channel"], ads["weight_units"], ads["touches"]) == ("Google Ads", 600_000, 4)
        assert (ads["paths"], ads["converting_paths"]) == (5, 4)
        assert (mailing["channel"], mailing["weight_units"]) == ("Mailing", 400_000)
        assert mailing["removal_effect_lower"] < 0.5 < mailing["removal_effect_upper"]
        assert (later["period_start"], later["weight_units"]) == (date(2026, 4, 1), 0)
        assert (later["paths"], later["converting_paths"]) == (3, 0)


def test_without_draws_there_is_no_interval_rather_than_one_of_no_width() -> None:
    rows = [step(None, "Email", 2), step("Email", "(converted)", 1), step("Email", "(lost)", 1)]
    inputs = {"int_attribution__transitions": pa.Table.from_pylist(rows)}
    (email,) = markov_effects(inputs, {**VARS, "markov_draws": 0}).to_pylist()
    assert email["removal_effect"] == 1
    assert (email["removal_effect_lower"], email["removal_effect_upper"]) == (None, None)


def test_the_interval_of_an_effect_holds_nine_of_ten_draws() -> None:
    """Four of five journeys begin with Email and all convert: its effect is their share.

    Shares are drawn from Beta(4, 1), of which a part x^4 lies below x.
    """
    rows = [step(None, "Email", 4), step(None, "Fair", 1)]
    rows += [step("Email", "(converted)", 4), step("Fair", "(converted)", 1)]
    inputs = {"int_attribution__transitions": pa.Table.from_pylist(rows)}
    email, _ = markov_effects(inputs, {**VARS, "markov_draws": 4000}).to_pylist()
    assert email["removal_effect"] == pytest.approx(0.8)
    assert email["removal_effect_lower"] == pytest.approx(0.05**0.25, abs=0.02)
    assert email["removal_effect_upper"] == pytest.approx(0.95**0.25, abs=0.005)


def test_a_state_is_what_the_columns_before_remember() -> None:
    rows = [
        step(None, "A", 1),
        step("A", "B", 1),
        step("B", "C", 1, before_1="A"),
        step("C", "(converted)", 1, before_1="B", before_2="A"),
    ]
    inputs = {"int_attribution__transitions": pa.Table.from_pylist(rows)}
    table = markov_effects(inputs, {**VARS, "markov_order": 3})
    assert table["removal_effect"].to_pylist() == [1, 1, 1]
    assert table["touches"].to_pylist() == [1, 1, 1]


def test_a_channel_of_the_month_before_that_states_remember_has_no_effect_on_this_one() -> None:
    may = {"period_start": date(2026, 5, 1)}
    rows = [
        step(None, "Search", 1),
        step("Search", "Mailing", 1),
        step("Mailing", "(lost)", 1, before_1="Search", **may),
        step(None, "Social", 1, **may),
        step("Social", "(converted)", 1, **may),
    ]
    inputs = {"int_attribution__transitions": pa.Table.from_pylist(rows)}
    table = markov_effects(inputs, {**VARS, "markov_order": 2})
    shown = [(row["period_start"].month, row["channel"]) for row in table.to_pylist()]
    assert shown == [(3, "Search"), (5, "Mailing"), (5, "Social")]
    assert table["weight"].to_pylist() == [0, 0, 1]


def budget_inputs(
    weeks: int, holidays_bring: float = 0, lost: Collection[int] = ()
) -> dict[str, pa.Table]:
    rng = np.random.default_rng(2)
    monday = date(2024, 7, 1)
    channels, outcomes = [], []
    for week in range(weeks):
        start = monday + timedelta(days=7 * week)
        brought = 0.0
        for channel, strength in (("Search", 6000), ("Social", 2500)):
            spend = Decimal(int(rng.integers(100, 1500)))
            revenue = strength * float(spend) / (float(spend) + 900) + 20 * rng.standard_normal()
            brought += revenue
            channels.append(
                {
                    "week_start": start,
                    "channel": channel,
                    "spend": spend.quantize(Decimal("0.0001")),
                    "attributed_revenue": Decimal(f"{revenue:.4f}"),
                }
            )
        if week >= weeks - 5:
            once = {"week_start": start, "channel": "Once", "attributed_revenue": Decimal(0)}
            channels.append(once | {"spend": Decimal(10)})
        brought += holidays_bring * (week % 7 == 0)
        outcomes.append(
            {
                "week_start": start,
                "revenue": Decimal(f"{3000 + brought:.4f}"),
                "holidays": week % 7 == 0,
                "discount_rate": None,
                "web_days_lost": 2 if week in lost else 0,
            }
        )
    decimals = pa.decimal128(18, 4)
    return {
        "int_budget__channel_weeks": pa.Table.from_pylist(
            channels,
            pa.schema(
                [
                    ("week_start", pa.date32()),
                    ("channel", pa.string()),
                    ("spend", decimals),
                    ("attributed_revenue", decimals),
                ]
            ),
        ),
        "int_budget__outcome_weeks": pa.Table.from_pylist(
            outcomes,
            pa.schema(
                [
                    ("week_start", pa.date32()),
                    ("revenue", decimals),
                    ("holidays", pa.bool_()),
                    ("discount_rate", pa.float64()),
                    ("web_days_lost", pa.int64()),
                ]
            ),
        ),
    }


def test_a_budget_is_the_same_whatever_the_order_of_the_rows() -> None:
    inputs = budget_inputs(80)
    table = budget_proposals(inputs, VARS)
    assert table.column_names == described("budget_proposals")
    turned = {name: one.take(list(range(len(one)))[::-1]) for name, one in inputs.items()}
    assert budget_proposals(turned, VARS).equals(table)
    rows = table.to_pylist()
    assert [(row["basis"], row["channel"]) for row in rows] == [
        ("attributed", "Once"),
        ("attributed", "Search"),
        ("attributed", "Social"),
        ("total", "Once"),
        ("total", "Search"),
        ("total", "Social"),
    ]
    # The last 13 weeks of 80.
    weeks = {(row["first_week"], row["last_week"]) for row in rows}
    assert weeks == {tuple(date(2024, 7, 1) + timedelta(days=7 * week) for week in (67, 79))}
    for one in (rows[:3], rows[3:]):
        assert sum(r["spend"] for r in one) == sum(r["proposed_spend"] for r in one)
    once, search = rows[:2]
    # Weeks of which no report speaks had no spend.
    assert once["reason"] == "Spend in 5 weeks only; 13 are needed."
    assert (once["spend"], once["marginal_return"]) == (50, None)
    assert (search["status"], search["reason"]) == ("proposed", None)
    assert search["marginal_return_lower"] > 0


def test_a_week_in_which_the_web_log_was_lost_counts_for_all_conversions_alone() -> None:
    table = budget_proposals(budget_inputs(80, lost=(40, 41)), VARS).to_pylist()
    assert {(row["basis"], row["weeks"]) for row in table} == {("attributed", 78), ("total", 80)}


def test_what_holidays_bring_is_no_return_of_spend() -> None:
    """Every seventh week is one; whatever it brings, channels return what they did without."""
    names = ("marginal_return", "marginal_return_lower", "marginal_return_upper")
    found = [
        [row[name] for row in rows if row["basis"] == "total" for name in names]
        for rows in (
            budget_proposals(budget_inputs(80, holidays_bring=more), VARS).to_pylist()
            for more in (0, 4000)
        )
    ]
    assert found[1][3:] == pytest.approx(found[0][3:], rel=1e-3)


def test_a_company_without_data_gets_empty_tables() -> None:
    nothing = {name: one.slice(0, 0) for name, one in budget_inputs(1).items()}
    assert budget_proposals(nothing, VARS).num_rows == 0
    steps = pa.Table.from_pylist([step(None, "A", 1)]).slice(0, 0)
    assert markov_effects({"int_attribution__transitions": steps}, VARS).num_rows == 0
