"""Difference in differences by hand, its errors in plain Python, and how often it is wrong."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.lib.statistics.action_effects import Weeks, effect
from orchestration.lib.statistics.action_steps import action_effects
from tests.unit.statistics.declared import VARS, described
from tests.unit.statistics.trials import action, shares


def weeks(amount: list[float], base: float = 1.0) -> Weeks:
    return Weeks(np.array(amount), np.full(len(amount), base))


def test_the_controls_change_is_taken_off_the_segments() -> None:
    """5 % to 6 % is 1.2 times, 4 % to 4.4 % is 1.1 times: 1.2 / 1.1 - 1 is the effect."""
    segment = weeks([50, 50, 50, 50, 60, 60, 60, 60], 1000)
    control = weeks([20, 20, 20, 20, 22, 22, 22, 22], 500)
    found = effect(segment, control, None)
    assert found is not None
    assert found.method == "control_segment"
    assert found.found.effect == pytest.approx(1.2 / 1.1 - 1)
    assert found.pre_trend == pytest.approx(0)
    assert found.has_other_trend is False


def test_without_a_control_the_segments_own_trend_goes_on() -> None:
    """It grew by two a week and went on; then the action added 30, on a counterfactual of 119."""
    level = [100 + 2 * week for week in range(6)]
    after = [100 + 2 * week + 30 for week in range(6, 12)]
    found = effect(weeks([*level, *after]), None, None)
    assert found is not None
    assert found.method == "own_trend"
    # In logarithms a straight line bends a little.
    assert found.found.effect == pytest.approx(30 / 117, abs=0.02)
    assert found.adjusted is None


def test_the_same_weeks_of_last_year_stand_for_the_season() -> None:
    season = np.array([100, 110, 120, 130, 150, 170, 180, 190])
    acted = season * np.array([1, 1, 1, 1, 1.25, 1.25, 1.25, 1.25])
    found = effect(Weeks(acted, np.ones(8)), None, Weeks(season.astype(float), np.ones(8)))
    assert found is not None
    assert found.method == "own_trend_and_season"
    assert found.found.effect == pytest.approx(0.25, abs=0.03)


def test_a_figure_below_nothing_is_compared_by_differences() -> None:
    """A return of -0.2 that becomes 0.1 beside a control that stays: up by 1.5 times its size."""
    found = effect(weeks([-2, -2, -2, -2, 1, 1, 1, 1], 10), weeks([3] * 8, 10), None)
    assert found is not None
    assert found.found.effect == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("base", "effect_of_before"),
    [
        # Of a rate of 5 % the control's 2 points were to be lost too: 3 points of 5 remain.
        (100, -3 / 5),
        # Of 5 a week a quarter was to be lost, as of the control's 800: 3.75 of 5 remain.
        (1, -3.75 / 5),
    ],
)
def test_a_figure_that_falls_to_nothing_is_no_gain(base: float, effect_of_before: float) -> None:
    """Nothing has no logarithm. A small sum is not held against what a large one lost."""
    control = weeks([8, 8, 8, 8, 6, 6, 6, 6], base)
    if base == 1:
        control = weeks([800, 800, 800, 800, 600, 600, 600, 600])
    found = effect(weeks([5, 5, 5, 5, 0, 0, 0, 0], base), control, None)
    assert found is not None
    assert found.found.effect == pytest.approx(effect_of_before)


def test_nothing_is_said_without_a_denominator() -> None:
    assert effect(weeks([0] * 8, 0), weeks([1] * 8, 10), None) is None


def test_nothing_is_said_of_what_was_nothing_before() -> None:
    """No share of nothing is 5, of the segment or of its control."""
    risen, steady = weeks([0, 0, 0, 0, 5, 5, 5, 5]), weeks([8] * 8)
    assert effect(risen, steady, None) is None
    assert effect(steady, risen, None) is None


@pytest.mark.parametrize("last_year", [weeks([0] * 8), weeks([0, 0, 0, 0, 7, 7, 7, 7])])
def test_a_segment_that_was_not_there_last_year_is_held_against_its_own_trend(
    last_year: Weeks,
) -> None:
    """A country that the shop did not yet sell to a year ago: half more than its level."""
    found = effect(weeks([8, 8, 8, 8, 12, 12, 12, 12]), None, last_year)
    assert found is not None
    assert found.method == "own_trend"
    assert found.found.effect == pytest.approx(0.5)


def test_a_segment_that_drifted_already_is_flagged_and_the_drift_taken_off() -> None:
    rng = np.random.default_rng(4)
    drift = 100 * np.exp(0.03 * np.arange(24)) * np.exp(0.005 * rng.standard_normal(24))
    steady = 100 * np.exp(0.005 * rng.standard_normal(24))
    found = effect(Weeks(drift, np.ones(24)), Weeks(steady, np.ones(24)), None)
    assert found is not None
    assert found.pre_trend == pytest.approx(0.03, abs=0.003)
    assert found.has_other_trend
    assert found.found.lower > 0
    assert found.adjusted is not None
    assert found.adjusted.lower < 0 < found.adjusted.upper


@given(st.lists(st.floats(50, 150), min_size=8, max_size=8), st.floats(0.01, 100))
def test_the_effect_does_not_depend_on_the_unit(amounts: list[float], unit: float) -> None:
    control = weeks([90, 100, 110, 100, 105, 95, 100, 100])
    here = effect(weeks(amounts), control, None)
    there = effect(weeks([one * unit for one in amounts]), control, None)
    assert here is not None
    assert there is not None
    for name in ("effect", "lower", "upper"):
        assert getattr(here.found, name) == pytest.approx(getattr(there.found, name), abs=1e-9)


@pytest.mark.parametrize(
    ("amounts", "wider"),
    [
        # Deviations that last beyond the next week, which is not alike.
        ([102, 100, 102, 98, 101, 94, 123, 119, 119, 116, 114, 114], "robust"),
        # Weeks that make up for each other, that are alike, and more so than is believed.
        ([104, 97, 101, 99, 95, 103, 120, 113, 118, 125, 117, 122], "plain"),
        ([95, 99, 104, 106, 100, 96, 112, 118, 124, 126, 118, 122], "plain"),
        ([90, 94, 103, 106, 104, 103, 130, 126, 121, 112, 113, 118], "plain"),
    ],
)
def test_the_interval_is_what_the_papers_say_in_plain_python(
    amounts: list[float], wider: str
) -> None:
    """The wider of Newey-West with fixed-b critical values, and of weeks alike from one to next."""
    control = [100.0] * 12
    found = effect(weeks(amounts), weeks(control), None)
    assert found is not None
    count, half = 12, 6
    before, after = sum(amounts[:half]) / half, sum(amounts[half:]) / half
    change = math.log(after / before)
    rest = [one / before - 1 for one in amounts[:half]] + [
        one / after - 1 for one in amounts[half:]
    ]
    # The coefficient of the step weighs weeks by 1/6, with the sign of their window.
    influence = [(-1 if week < half else 1) * one / half for week, one in enumerate(rest)]
    bandwidth = math.ceil(1.3 * math.sqrt(count))
    variance = sum(one * one for one in influence)
    for lag in range(1, bandwidth):
        cross = sum(influence[week] * influence[week - lag] for week in range(lag, count))
        variance += 2 * (1 - lag / bandwidth) * cross
    share = bandwidth / count
    critical = 1.96 + 2.9694 * share + 0.416 * share**2 - 0.5324 * share**3
    robust = critical * math.sqrt(variance * count / (count - 2))
    squares = sum(one * one for one in rest)
    alike = sum(rest[week] * rest[week - 1] for week in range(1, count)) / squares
    alike = min(max((count * alike + 2) / (count - 4), 0), 0.9)
    student = 2.228139  # of ten degrees of freedom, from a printed table
    plain = student * math.sqrt(squares / (count - 2) * 2 / half * (1 + alike) / (1 - alike))
    assert wider == ("robust" if robust > plain else "plain")
    reach = max(robust, plain)
    assert found.found.lower == pytest.approx(math.expm1(change - reach), rel=1e-5)
    assert found.found.upper == pytest.approx(math.expm1(change + reach), rel=1e-5)


# --- simulated histories ------------------------------------------------------------------------


@pytest.mark.parametrize("with_control", [True, False])
def test_no_effect_is_rarely_called_one(*, with_control: bool) -> None:
    improved, worsened = shares(
        [action(seed, 0.0, with_control=with_control) for seed in range(400)]
    )
    print(f"\nimproved {improved:.1%}, worsened {worsened:.1%} of 400 without an effect")
    assert improved <= 0.05
    assert worsened <= 0.05


def test_a_fifth_more_is_found_in_a_quarter_and_a_seventh_more_in_half_a_year() -> None:
    for true, window in ((0.20, 13), (0.15, 26)):
        found = [action(seed, true, window=window) for seed in range(5000, 5200)]
        power, _ = shares(found)
        covered = np.mean([one.found.lower <= true <= one.found.upper for one in found])
        print(f"\n{true:.0%} in {window} weeks: power {power:.0%}, interval holds it {covered:.0%}")
        assert power >= 0.8
        assert covered >= 0.9


# --- the step -----------------------------------------------------------------------------------


def row(action_id: str, side: str, week: int, numerator: float, **more: Any) -> dict[str, Any]:
    found = {"action_id": action_id, "side": side, "week_number": week, "scale": 100.0}
    return found | {"numerator": numerator, "denominator": 1000.0, "sample": 1000} | more


def step(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    tables = [
        action_effects({"int_kpi__action_weeks": pa.Table.from_pylist(order)}, VARS)
        for order in (rows, rows[::-1])
    ]
    assert tables[0].equals(tables[1])
    assert tables[0].column_names == described("action_effects")
    rows_out: list[dict[str, Any]] = tables[0].to_pylist()
    return rows_out


@pytest.mark.parametrize(
    ("segment", "control", "absolute"),
    [
        # 20 to 25 beside -30 to 5: five more where 35 more were to be expected.
        ((20, 25), (-30, 5), -30.0),
        ((20, 20), (-10, 10), -20.0),
        # -20 to 5 beside -30 to -40: 25 more where 10 fewer were to be expected.
        ((-20, 5), (-30, -40), 35.0),
        # Where all is above zero, relative to what was to be expected: 25 beside 20 * 1.5.
        ((20, 25), (10, 15), -5.0),
    ],
)
def test_the_absolute_effect_is_the_value_after_less_what_it_would_have_been(
    segment: tuple[float, float], control: tuple[float, float], absolute: float
) -> None:
    rows = [
        row("A", side, week, values[week >= 0], denominator=100.0)
        for side, values in (("segment", segment), ("control", control))
        for week in range(-8, 8)
    ]
    (found,) = step(rows)
    assert found["absolute_effect"] == pytest.approx(absolute)


@pytest.mark.parametrize("whole_weeks", [range(-9, 6), range(-6, 9)])
def test_windows_are_equal_and_reach_to_the_nearer_end(whole_weeks: range) -> None:
    """Six whole weeks on one side, nine on the other: six each. Values carry the KPI's scale.

    The least that one of the four rests on are the control's 200 records a week afterwards.
    """
    rows = [
        one
        for week in whole_weeks
        for one in (
            row("A", "segment", week, 60 if week >= 0 else 50),
            row("A", "control", week, 44 if week >= 0 else 40, sample=200 if week >= 0 else 300),
        )
    ]
    (found,) = step(rows)
    assert (found["weeks"], found["method"], found["sample"]) == (6, "control_segment", 1200)
    expected = {"before_value": 5.0, "after_value": 6.0}
    expected |= {"control_before_value": 4, "control_after_value": 4.4}
    # Each series is level, so that taking a drift off changes nothing.
    expected |= dict.fromkeys(("effect", "adjusted_effect", "adjusted_lower"), 1.2 / 1.1 - 1)
    expected |= {"pre_trend": 0, "absolute_effect": 6 - 5 * 1.1}
    for name, value in expected.items():
        assert found[name] == pytest.approx(value), name


def test_an_action_without_whole_weeks_enough_is_left_out() -> None:
    rows = [row("A", "segment", week, 50) for week in range(-20, 3)]
    # A week in the middle is not whole: what lies behind it is no window.
    rows += [row("B", "segment", week, 50) for week in range(-20, 20) if week != -3]
    assert step(rows) == []


def test_the_own_last_year_is_used_where_every_week_of_it_is_known() -> None:
    """Both years' weeks rise by half when the action begins: it is the season that does it."""

    def sums(first: int) -> list[dict[str, Any]]:
        return [
            row("A", "segment", week, 75 if week % 52 < 26 else 50, denominator=None)
            for week in range(first, 5)
        ]

    (whole,) = step(sums(-57))
    (part,) = step(sums(-56))
    assert (whole["method"], whole["weeks"]) == ("own_trend_and_season", 5)
    assert (whole["effect"], part["effect"]) == (pytest.approx(0), pytest.approx(0.5))
    assert part["method"] == "own_trend"
    assert whole["before_value"] == pytest.approx(5000)
