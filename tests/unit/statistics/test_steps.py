"""The driver steps: tables in any order in, the described table out."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

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


def budget_inputs(weeks: int) -> dict[str, pa.Table]:
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
        outcomes.append(
            {
                "week_start": start,
                "revenue": Decimal(f"{3000 + brought:.4f}"),
                "holidays": week % 7 == 0,
                "discount_rate": None,
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
        ("attributed", "Search"),
        ("attributed", "Social"),
        ("total", "Search"),
        ("total", "Social"),
    ]
    assert {row["last_week"] for row in rows} == {date(2024, 7, 1) + timedelta(days=7 * 79)}
    for one in (rows[:2], rows[2:]):
        assert sum(r["spend"] for r in one) == sum(r["proposed_spend"] for r in one)
    assert rows[0]["status"] == "proposed"
    assert rows[0]["marginal_return_lower"] > 0


def test_a_company_without_data_gets_empty_tables() -> None:
    nothing = {name: one.slice(0, 0) for name, one in budget_inputs(1).items()}
    assert budget_proposals(nothing, VARS).num_rows == 0
    steps = pa.Table.from_pylist([step(None, "A", 1)]).slice(0, 0)
    assert markov_effects({"int_attribution__transitions": steps}, VARS).num_rows == 0
