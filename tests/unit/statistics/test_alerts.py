"""What is unusual, what counts as one cause, and which faults are told from business changes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from statistics import NormalDist
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orchestration.lib.explanation import UNKNOWN
from orchestration.lib.statistics.alert_causes import OVERALL, Daily, findings
from orchestration.lib.statistics.alert_pace import changes_since, heading
from orchestration.lib.statistics.alert_series import Components, Kpi, daily
from orchestration.lib.statistics.alert_steps import kpi_findings
from orchestration.lib.statistics.expected_days import interval, score_for, scores
from tests.unit.statistics.declared import VARS, described
from tests.unit.statistics.simulated_company import (
    BUSINESS_CHANGES,
    KPIS,
    company,
    components,
    plant,
)
from tests.unit.statistics.trials import (
    FAULTS,
    HISTORY,
    LIMITS,
    alerts,
    confusion,
    false_alarms,
    told,
)

NORMAL = NormalDist()


def one(value: float) -> np.ndarray:
    return np.array([float(value)])


# --- the law of a day ---------------------------------------------------------------------------


def test_a_day_without_a_record_is_judged_by_its_own_probability() -> None:
    """The incomplete gamma function of one half is the error function."""
    expected = NORMAL.inv_cdf(math.erfc(math.sqrt(10)))
    assert scores(one(0), one(10), one(1))[0] == pytest.approx(expected)
    # Amounts of which each record brings 5 on average: as 0 of 10 records.
    assert scores(one(0), one(50), one(5))[0] == pytest.approx(expected)


@given(mean=st.floats(5, 1e6), dispersion=st.floats(0.1, 3), score=st.floats(1, 6))
@example(mean=917851.0, dispersion=0.1015625, score=5.0)
def test_the_bounds_of_an_interval_have_the_score_that_it_is_made_for(
    mean: float, dispersion: float, score: float
) -> None:
    low, high = interval(one(mean), one(dispersion), score)
    assert scores(high, one(mean), one(dispersion))[0] == pytest.approx(score, rel=1e-3)
    if low[0] > 0:
        assert scores(low, one(mean), one(dispersion))[0] == pytest.approx(-score, rel=1e-3)
    assert low[0] < mean < high[0]


def test_the_score_leaves_as_many_false_alarms_as_were_asked_for() -> None:
    score = score_for(0.5, 87)
    assert (1 - NORMAL.cdf(score)) * 2 * 2 * 365 * 87 == pytest.approx(0.5, rel=1e-4)
    assert score_for(0.5, 2000) > score


# --- what a day should show ---------------------------------------------------------------------

FIRST = date(2024, 1, 1)


def plain(amount: np.ndarray, holidays: np.ndarray | None = None, now: int = 0) -> Components:
    """One count without segments."""
    days = len(amount)
    return Components(
        now=now or days,
        days=np.array([FIRST + timedelta(days=day) for day in range(days)], dtype="datetime64[D]"),
        amounts={("orders", OVERALL): amount.astype(float)},
        records={("orders", OVERALL): amount.astype(float)},
        raw_tables={"orders": frozenset({"shop_orders"})},
        holidays={} if holidays is None else {"FR": holidays},
        rates={},
    )


ORDERS = [Kpi("orders", "orders", None, 1)]


def test_a_weekday_is_expected_like_its_predecessors() -> None:
    weekly = np.tile([100, 120, 90, 100, 80, 40, 30], 30)
    found = daily(plain(weekly), ORDERS, LIMITS)
    assert found is not None
    # Thirty weeks speak against ten records' worth of belief that all weekdays are alike.
    np.testing.assert_allclose(found.expected.mean[0, -7:], weekly[-7:], rtol=0.04)
    assert not found.expected.odd.any()


def test_a_holiday_and_the_end_of_a_month_are_learnt() -> None:
    days = [FIRST + timedelta(days=day) for day in range(700)]
    holiday = np.array([float(day.day == 11) for day in days])
    last = np.array([(day + timedelta(days=2)).month != day.month for day in days])
    amount = np.round(200 * np.where(holiday > 0, 0.4, 1) * np.where(last, 1.5, 1))
    found = daily(plain(amount, holiday), ORDERS, LIMITS)
    assert found is not None
    late = slice(400, 700)
    np.testing.assert_allclose(found.expected.mean[0, late], amount[late], rtol=0.12)
    assert not found.expected.odd[0, late].any()


def test_a_component_is_named_by_a_kpi_that_has_its_dimension_by_the_day() -> None:
    kpis = [
        Kpi("ltv_to_cac", "new_customer_value", "orders", 1),
        Kpi("cac", "orders", "new_customers", 1, frozenset({"overall"})),
    ]
    found = daily(plain(np.full(400, 100)), kpis, LIMITS)
    assert found is not None
    assert [(one.kpi_id, one.measure) for one in found.series] == [("cac", "numerator")]


def test_a_ratio_is_known_when_the_later_of_its_parts_is() -> None:
    leads = np.full(400, 100)
    both = plain(leads)
    found = daily(
        replace(
            both,
            amounts={("converted", OVERALL): leads / 5, ("orders", OVERALL): leads.astype(float)},
            records={("converted", OVERALL): leads / 5, ("orders", OVERALL): leads.astype(float)},
            maturity_days={"converted": 90, "orders": 7},
        ),
        [Kpi("rate", "converted", "orders", 1), Kpi("inverse", "orders", "converted", 1)],
        LIMITS,
    )
    assert found is not None
    ratios = {one.kpi_id: one.maturity_days for one in found.series if one.measure == "value"}
    assert ratios == {"rate": 90, "inverse": 90}
    # Its records come from the tables of both, of which one is named here.
    assert {one.raw_tables for one in found.series if one.is_ratio} == {frozenset({"shop_orders"})}


@pytest.mark.parametrize("seed", [3, 9, 24])
def test_a_fall_whose_days_are_each_below_the_bar_does_not_become_usual_unseen(seed: int) -> None:
    """A small country falls to a tenth for a month, where weeks differ and many series are watched.

    Each of its days is far off, and none as far as one of so many series is by chance. The week is,
    unless its first days have lowered what the last ones are held against.
    """
    rng = np.random.default_rng(seed)
    weeks = np.repeat(np.exp(0.22 * rng.standard_normal(58)), 7)[:400]
    amount = rng.poisson(20 * weeks).astype(float)
    amount[360:390] = 2
    found = daily(plain(amount), ORDERS, replace(LIMITS, false_alarms_a_year=2e-4))
    assert found is not None
    expected = found.expected
    assert np.abs(expected.day_score[0, 360:390]).max() < expected.score[360]
    assert expected.odd[0, 360:367].any()
    assert not expected.odd[0, :360].any()


def test_last_years_season_is_expected_again() -> None:
    """Sales doubled for four weeks a year ago; this year they do on the same weeks."""
    amount = np.full(800, 100)
    for start in (380, 380 + 364):
        amount[start : start + 28] = 200
    found = daily(plain(amount), ORDERS, LIMITS)
    assert found is not None
    first, second = found.expected.mean[0, 380], found.expected.mean[0, 744 + 4]
    assert first == pytest.approx(100, rel=0.02)
    assert second > 130


def test_last_years_moves_are_held_against_the_same_weeks_of_this_year() -> None:
    """Sales go up and down seven times a year, on the same weeks of each: that comes true again."""
    day = np.arange(1300)
    amount = np.round(1000 * np.exp(0.3 * np.sin(2 * np.pi * day / 52)))
    found = daily(plain(amount), ORDERS, LIMITS)
    assert found is not None
    off = np.abs(np.log(found.expected.mean[0, 820:] / amount[820:]))
    assert off.mean() < 0.04


@pytest.mark.parametrize("level", [60, 160])
def test_what_has_lasted_for_three_weeks_is_the_new_level_and_no_alert_again(level: int) -> None:
    """The level is that of the last 28 days: a week later none of them is an old one any more."""
    amount = np.full(300, 100)
    amount[200:] = level
    found = daily(plain(amount), ORDERS, LIMITS)
    assert found is not None
    assert np.flatnonzero(found.expected.odd[0]).tolist() == list(range(200, 221))
    np.testing.assert_allclose(found.expected.mean[0, 228:], level, rtol=0.02)


def test_segments_have_their_new_level_when_the_whole_has() -> None:
    """Ten countries lose three of eight a day: too few to be unusual each by itself."""
    days = np.where(np.arange(300) < 200, 8.0, 5.0)
    countries = {f"C{number}": days for number in range(10)}
    found = daily(split(10 * days, countries), ORDERS, LIMITS)
    assert found is not None
    np.testing.assert_allclose(found.expected.mean[:, 228:], found.panel.amount[:, 228:], rtol=0.02)
    (alert,) = findings(found, 0)
    assert (found.series[alert.row].place, alert.last < 228) == (OVERALL, True)


def test_a_change_of_less_than_the_least_is_none_however_certain_it_is() -> None:
    """Of 100,000 a day that vary by 2 %, nine per cent are four and a half deviations."""
    for last, is_odd in ((91_000, False), (89_000, True)):
        found = daily(plain(np.append(np.full(399, 100_000), last)), ORDERS, LIMITS)
        assert found is not None
        assert found.expected.day_score[0, -1] < -found.expected.score[-1]
        assert found.expected.odd[0, -1] == is_odd


def test_a_day_is_judged_where_five_records_are_expected_of_it() -> None:
    for usual, is_judged in ((4, False), (5, True)):
        found = daily(plain(np.append(np.full(399, usual), 0)), ORDERS, LIMITS)
        assert found is not None
        assert (found.expected.day_score[0, -1] < 0) == is_judged


def refunds(*last: int, every: int = 5, each: float = 30.0, largest: float = 40.0) -> Components:
    """One refund of 20, 30 or 40 every few days, then so many a day; beside 50 orders a day.

    Each tenth of the former is of the largest amount.
    """
    usual = np.arange(400) % every == 0
    counts = np.append(usual.astype(float), last)
    worth = np.append(np.resize([20.0, 30.0, 40.0], 400), np.full(len(last), each))
    worth[:400][np.arange(400) % (10 * every) == 0] = largest
    amounts = counts * worth
    made = plain(np.full(len(counts), 50))
    refunded, orders = ("refunded", OVERALL), ("orders", OVERALL)
    return replace(
        made,
        amounts={refunded: amounts, orders: made.amounts[orders]},
        records={refunded: counts, orders: made.records[orders]},
        raw_tables={"refunded": frozenset({"shop_refunds"}), **made.raw_tables},
        money=frozenset({"refunded"}),
    )


REFUNDS = [Kpi("refund_rate", "refunded", "orders", 30)]


@pytest.mark.parametrize(
    ("made", "first"),
    [
        (refunds(12), 400),
        (refunds(9), None),
        (refunds(1, each=2000.0), None),
        # Days that are few each: 3.1 deviations at ten in a week, 3.71 at 13; the bar is 3.69.
        (refunds(2, 3, 2, 3, 3), 404),
        # As much as one in ten refunds is worth alone.
        (refunds(12, largest=2000.0), None),
        # Ten in a year do not quite tell what refunds are worth.
        (refunds(12, every=39), None),
    ],
    ids=["many", "fewer", "a large one", "a week", "long tail", "hardly known"],
)
def test_what_is_rare_is_told_where_many_come_at_once(made: Components, first: int | None) -> None:
    found = daily(made, REFUNDS, LIMITS)
    assert found is not None
    assert [one.first for one in findings(found, 300)] == ([] if first is None else [first])


@pytest.mark.parametrize(
    ("before", "is_told"),
    [((300,), True), ((240, 300), False), (range(37, 400, 21), False)],
    ids=["one wave", "two waves", "each third week"],
)
def test_a_wave_that_comes_again_and_again_is_usual(before: Sequence[int], is_told: bool) -> None:
    """One does not hide the next, nor is its week told in place of its day."""
    made = refunds(45)
    for past in (made.amounts, made.records):
        past["refunded", OVERALL][list(before)] = past["refunded", OVERALL][-1]
    found = daily(made, REFUNDS, LIMITS)
    assert found is not None
    assert [one.first for one in findings(found, 301)] == ([400] if is_told else [])


def test_one_large_amount_on_a_day_of_many_records_is_no_wave() -> None:
    """Twelve orders a day, of which one is a deal of 2,000 each third day, then one of 20,000."""
    for records, is_told in ((12, False), (21, False), (22, True)):
        amounts = np.resize([100.0, 100.0, 2000.0], 400)
        amounts[-1] = 20_000
        made = replace(
            plain(np.append(np.full(399, 12.0), records)),
            amounts={("orders", OVERALL): amounts},
            money=frozenset({"orders"}),
        )
        found = daily(made, ORDERS, LIMITS)
        assert found is not None
        assert bool(found.expected.odd[0, -1]) == is_told


def test_what_is_rare_in_a_segment_is_not_told() -> None:
    """Of 101 a day one comes from a country; on the last, 12 do, which is nothing to the whole."""
    few = np.append(np.ones(399), 12)
    found = daily(split(100 + few, {"C1": few}), ORDERS, LIMITS)
    assert found is not None
    assert [one.place for one in found.series] == [("country", "C1"), OVERALL]
    assert not found.expected.odd.any()


def test_days_that_are_low_without_being_unusual_make_an_unusual_week() -> None:
    """160 of 200 is 2.8 deviations, and four such days in seven 4.1: 151 of 1391 are missing.

    After three of them it is 116 of 1396, less than a tenth. What began before is told from there.
    """
    amount = np.full(400, 200)
    amount[396:] = 160
    found = daily(plain(amount), ORDERS, LIMITS)
    assert found is not None
    assert np.flatnonzero(found.expected.odd[0]).tolist() == [399]
    (alert,) = findings(found, 300)
    assert (alert.first, alert.days) == (399, (396, 397, 398, 399))
    assert (alert.observed, alert.is_open) == (640, True)


def rates(seed: int, after: float, *, days: int = 500, changed: int = 400) -> Components:
    """A small shop, half of it in each of two countries: 400 visits, of which 6 % buy at first."""
    rng = np.random.default_rng(seed)
    share = np.where(np.arange(days) < changed, 0.06, after)
    visits = rng.poisson(200, (2, days))
    parts = {"sessions": visits, "conversions": rng.binomial(visits, share)}
    places = {OVERALL: slice(0, 2), ("country", "FR"): slice(0, 1), ("country", "GB"): slice(1, 2)}
    counted = {
        (name, place): rows[part].sum(axis=0).astype(float)
        for name, rows in parts.items()
        for place, part in places.items()
    }
    tables = {name: frozenset({"web_events"}) for name in parts}
    made = plain(np.ones(days))
    return replace(made, amounts=counted, records=counted, raw_tables=tables)


RATE = [Kpi("rate", "conversions", "sessions", 100)]
# As of many series: no week of such a shop is as far off.
STRICT = replace(LIMITS, false_alarms_a_year=5e-3)


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 6])
def test_a_fall_that_no_week_shows_is_told_within_four_weeks_from_its_beginning(seed: int) -> None:
    """Three of ten are missing: 50 of 168 a week, or 3.9 deviations, and 202 of 672 in four."""
    found = daily(rates(seed, 0.042), RATE, STRICT)
    assert found is not None
    (alert,) = findings(found, 0)
    assert found.series[alert.row].place == OVERALL
    assert 407 <= alert.first < 428
    assert abs(alert.days[0] - 400) <= 5
    # Against the level before it, not one that the fall has lowered.
    assert alert.change == pytest.approx(-0.3, abs=0.1)
    assert not alert.is_open


def test_four_weeks_of_a_segment_are_not_judged() -> None:
    made = rates(1, 0.042)
    country = {
        (name, place): days for (name, place), days in made.amounts.items() if place != OVERALL
    }
    still = rates(1, 0.06)
    whole = {(name, OVERALL): still.amounts[name, OVERALL] for name in ("sessions", "conversions")}
    counted = whole | country
    found = daily(replace(made, amounts=counted, records=counted), RATE, STRICT)
    assert found is not None
    assert not found.expected.odd.any()


def test_four_weeks_are_judged_once_eight_have_shown_how_far_they_move() -> None:
    """The first forecast is that of the 57th day; eight times 28 days later the 281st has come."""
    for changed, is_told in ((170, False), (350, True)):
        found = daily(rates(2, 0.042, days=changed + 60, changed=changed), RATE, STRICT)
        assert found is not None
        assert bool(findings(found, 0)) == is_told


def test_an_alert_is_over_after_three_usual_days() -> None:
    for ago, is_open in ((3, True), (4, False)):
        amount = np.full(400, 100)
        amount[-ago] = 40
        found = daily(plain(amount), ORDERS, LIMITS)
        assert found is not None
        assert [alert.is_open for alert in findings(found, 300)] == [is_open]


def test_a_later_day_never_changes_what_was_said_of_an_earlier_one() -> None:
    made = components(company(3, 500))
    shorter = until(made, 430)
    kpis = [Kpi("session_conversion_rate", "converting_sessions", "sessions", 200)]
    whole, part = daily(made, kpis, LIMITS), daily(shorter, kpis, LIMITS)
    assert whole is not None
    assert part is not None
    assert list(whole.series) == list(part.series)
    np.testing.assert_array_equal(whole.expected.mean[:, :430], part.expected.mean)
    np.testing.assert_array_equal(whole.expected.odd[:, :430], part.expected.odd)


def until(made: Components, now: int) -> Components:
    """What was known on an earlier day."""

    def cut(values: Mapping[Any, np.ndarray]) -> dict[Any, np.ndarray]:
        return {key: value[:now] for key, value in values.items()}

    return replace(
        made,
        now=now,
        days=made.days[:now],
        amounts=cut(made.amounts),
        records=cut(made.records),
        holidays=cut(made.holidays),
    )


def split(whole: np.ndarray, segments: Mapping[str, np.ndarray]) -> Components:
    """Orders of all countries, of which some are told apart."""
    places = {("country", name): amount.astype(float) for name, amount in segments.items()}
    filled = {("orders", place): amount for place, amount in places.items()}
    filled["orders", OVERALL] = whole.astype(float)
    return replace(plain(whole), amounts=filled, records=filled)


def test_what_grows_or_shrinks_later_changes_no_alert_of_the_past() -> None:
    """Spain sells once in five days, then on six days of seven; on one day it sells 22.

    These are 57 orders in 84 days, too few for a week to be judged, until some days later. Portugal
    sells two a day and then no more: its alert stays when there are too few in 84 days.
    """
    days = np.arange(520)
    spain = np.where(days < 400, days % 5 == 0, days % 7 != 0).astype(float)
    spain[428] = 22
    assert spain[428 - 83 : 429].sum() < 60 <= spain[435 - 83 : 436].sum()
    portugal = np.where(days < 440, 2.0, 0.0)
    made = split(np.full(520, 2000.0) + spain + portugal, {"ES": spain, "PT": portugal})

    def said(now: int) -> set[tuple[int, tuple[str, str]]]:
        found = daily(until(made, now), ORDERS, LIMITS)
        assert found is not None
        return {(one.first, found.series[one.origin].place) for one in findings(found, 400)}

    told = said(520)
    assert {place for _, place in told} == {("country", "ES"), ("country", "PT")}
    for now in range(420, 520):
        assert said(now) == {alert for alert in told if alert[0] < now}


def test_what_has_no_country_is_a_segment_from_when_another_order_has_one() -> None:
    """Until France is known on day 200 it is the whole; devices were told apart from the start."""
    days = np.arange(300)
    french, nowhere = np.where(days >= 200, 30.0, 0.0), np.full(300, 50.0)
    made = split(french + nowhere, {"FR": french, UNKNOWN: nowhere})
    devices = {("orders", ("device", name)): (french + nowhere) / 2 for name in ("phone", "desk")}
    filled = {**made.amounts, **devices}
    found = daily(replace(made, amounts=filled, records=filled), ORDERS, LIMITS)
    assert found is not None
    worth = found.panel.worth[found.row_of["orders", ("country", UNKNOWN)]]
    assert np.flatnonzero(worth).tolist() == list(range(200, 300))
    alone = daily(split(nowhere, {UNKNOWN: nowhere}), ORDERS, LIMITS)
    assert alone is not None
    assert [one.place for one in alone.series] == [OVERALL]


def test_counts_scatter_as_chance_has_it_at_least_and_amounts_with_decimals_may_less() -> None:
    for usual, least in ((100.0, 1), (100.5, 0)):
        found = daily(plain(np.full(400, usual)), ORDERS, LIMITS)
        assert found is not None
        assert found.panel.floor.tolist() == [least]
        assert (found.expected.dispersion[0, -1] >= 1) == bool(least)


# --- one alert for one cause --------------------------------------------------------------------


def test_a_fault_that_shows_in_dozens_of_series_is_one_alert_where_it_happened() -> None:
    made = company(1, HISTORY + 40)
    plant(made, "step_broken", HISTORY + 10, np.random.default_rng(2))
    found, (alert,) = alerts(made)
    assert alert.series > 5
    assert alert.first == HISTORY + 10
    lead = found.series[alert.row]
    assert (lead.dimension, alert.cause) == ("device", "business_change")
    assert alert.drivers[0].dimension == "device"
    assert alert.drivers[0].segment == lead.segment
    assert not alert.low <= alert.observed <= alert.high


def test_visits_that_go_missing_without_their_orders_were_not_seen() -> None:
    made = company(2, HISTORY + 40)
    plant(made, "tracking_lost", HISTORY + 10, np.random.default_rng(2))
    _, (alert,) = alerts(made)
    assert (alert.first, alert.cause, alert.cause_class) == (HISTORY + 10, "tracking_loss", "data")


def test_a_segment_that_went_against_the_whole_has_no_drivers() -> None:
    """France rises by 40 a day, Great Britain falls by 25: what rose is no reason for the fall."""
    days = np.arange(320)
    french, british = np.full(320, 100.0), np.where(days >= 319, 75.0, 100.0)
    french[319] = 140
    found = daily(split(french + british, {"FR": french, "GB": british}), ORDERS, LIMITS)
    assert found is not None
    whole = changes_since(found, found.row_of["orders", OVERALL], 319, 320, +15)
    fallen = changes_since(found, found.row_of["orders", ("country", "GB")], 319, 320, -25)
    assert [(one.segment, round(one.share, 1)) for one in whole] == [("FR", 2.7)]
    assert fallen == ()


def test_two_hundred_clean_days_raise_at_most_one_alert() -> None:
    assert false_alarms(seed=621) <= 1


def test_sixty_planted_faults_are_found_and_faults_of_the_data_told_apart() -> None:
    # None of the seeds that the forecast was made with.
    trials = [told(seed, FAULTS) for seed in range(500, 510)]
    print("\n" + "\n".join(confusion(trials)))
    said = [pair for trial in trials for pair in trial.said]
    assert len(said) == 60
    assert sum(cause != "missed" for _, cause in said) >= 54
    classes = [pair for trial in trials for pair in trial.classes]
    assert sum(planted == guessed for planted, guessed in classes) >= 0.9 * len(classes)
    assert sum(trial.surplus for trial in trials) <= 5


def test_changes_of_the_business_are_not_called_faults_of_the_data() -> None:
    classes = [pair for seed in range(500, 503) for pair in told(seed, BUSINESS_CHANGES).classes]
    assert len(classes) >= 14
    assert sum(guessed for _, guessed in classes) <= 1


# --- pace ---------------------------------------------------------------------------------------


def test_a_period_heads_for_what_it_has_and_the_level_for_each_day_to_come() -> None:
    amount = np.concatenate([np.full(300, 10.0), np.full(20, np.nan)])
    found = daily(plain(amount, now=300), ORDERS, LIMITS)
    assert found is not None
    where = heading(found, 0, None, (290, 320), 300)
    assert where is not None
    assert where.value == pytest.approx(300, rel=1e-6)
    assert where.lower <= where.value <= where.upper
    assert heading(found, 0, None, (10, 110), 90) is None


def with_level(amount: np.ndarray, level: float, factor: float = 1.0) -> Daily:
    """One count, its level on all days, and the factor of the twenty days to come."""
    now = len(amount)
    found = daily(plain(np.append(amount, np.full(20, np.nan)), now=now), ORDERS, LIMITS)
    assert found is not None
    factors = np.ones((1, now + 20))
    factors[:, now:] = factor
    levels, chance = np.full((1, now + 20), level), np.ones((1, now + 20))
    expected = replace(found.expected, level=levels, factor=factors, dispersion=chance)
    return replace(found, expected=expected)


def test_the_interval_of_a_pace_is_as_wide_as_such_forecasts_were_off() -> None:
    """Ten a day came where nine were expected: the forecasts were off by log(10 / 9)."""
    found = with_level(np.full(300, 10.0), 9, factor=2)
    where = heading(found, 0, None, (290, 320), 300)
    assert where is not None
    reach = (10 / 9) ** 1.96
    assert where.value == pytest.approx(100 + 20 * 9 * 2)
    assert where.lower == pytest.approx(100 + 20 * 9 * 2 / reach, rel=1e-5)
    assert where.upper == pytest.approx(100 + 20 * 9 * 2 * reach, rel=1e-5)


def test_eight_forecasts_of_the_past_tell_how_good_one_is() -> None:
    """The first is made on day 56, a week before the next, and each is over before today."""
    for now, is_known in ((56 + 7 * 7 + 20, True), (56 + 7 * 7 + 19, False)):
        found = with_level(np.full(now, 10.0), 9)
        assert (heading(found, 0, None, (now - 10, now + 20), now) is not None) == is_known


def test_a_pace_expects_six_tenths_of_last_years_move_less_its_noise() -> None:
    """A year ago 400 came in the twenty days to come, and 280 in the four weeks before: twice."""
    amount = np.full(500, 10.0)
    amount[500 - 364 : 520 - 364] = 20
    where = heading(with_level(amount, 10), 0, None, (490, 520), 500)
    assert where is not None
    certain = 1 - (1 / 400 + 1 / 280) / math.log(2) ** 2
    assert where.value == pytest.approx(100 + 200 * 2 ** (0.6 * certain))


def test_a_pace_is_explained_by_the_segments_that_left_their_level() -> None:
    """Sales in France stay; of the 200 that are missing since the period began, all are British."""
    days = 320
    french, british = np.full(days, 30.0), np.full(days, 40.0)
    british[300:] = 30
    both = plain(french + british)
    places = {("country", "FR"): french, ("country", "GB"): british, OVERALL: french + british}
    filled = {("orders", place): amount for place, amount in places.items()}
    found = daily(replace(both, amounts=filled, records=filled), ORDERS, LIMITS)
    assert found is not None
    (driver,) = changes_since(found, found.row_of["orders", OVERALL], 300, 320, -200)
    assert (driver.dimension, driver.segment) == ("country", "GB")
    assert driver.share == pytest.approx(1, abs=0.01)
    # A cost that is too high in spite of it was not made so by Great Britain.
    assert changes_since(found, found.row_of["orders", OVERALL], 300, 320, +200) == ()


def test_a_whole_that_hardly_moved_has_no_drivers() -> None:
    """A hundred fewer in Great Britain, 99 more in France: shares of one order tell nothing."""
    days = 320
    french, british = np.full(days, 30.0), np.full(days, 40.0)
    british[300:], french[300:] = 35, 34.95
    both = plain(french + british)
    places = {("country", "FR"): french, ("country", "GB"): british, OVERALL: french + british}
    filled = {("orders", place): amount for place, amount in places.items()}
    found = daily(replace(both, amounts=filled, records=filled), ORDERS, LIMITS)
    assert found is not None
    assert changes_since(found, found.row_of["orders", OVERALL], 300, 320, -1) == ()


# --- the step -----------------------------------------------------------------------------------


def inputs(
    amount: np.ndarray, *, last: int, freshness: str = "fresh", target: float | None = None
) -> dict[str, pa.Table]:
    """Orders by day up to 2026-05-20; the day `last` (a position) is the latest delivered."""
    first = date(2026, 5, 21) - timedelta(days=len(amount))
    rows = [
        {
            "component": "orders",
            "dimension": "overall",
            "segment": "all",
            "date_day": first + timedelta(days=day),
            "amount": float(value),
            "records": int(value),
        }
        for day, value in enumerate(amount[: last + 1].tolist())
        if value
    ]
    catalogue: dict[str, Any] = {
        "kpi_id": "orders",
        "numerator": "orders",
        "denominator": None,
        "scale": 1.0,
    }
    catalogue |= {"direction": "up", "warn_at": 0.95, "alert_at": 0.85, "min_sample": 1}
    catalogue |= {"grains": "|day|month|", "dimensions": "|overall|country|"}
    source: dict[str, Any] = {"component": "orders", "raw_table": "shop_orders", "maturity_days": 0}
    source |= {"is_money": False, "first_date": first, "last_date": first + timedelta(days=last)}
    month: dict[str, Any] = {"kpi_id": "orders", "dimension": "overall", "segment": "all"}
    month |= {"period_grain": "month", "period_start": date(2026, 5, 1), "target_value": target}
    return {
        "int_kpi__days_watched": pa.Table.from_pylist(rows[::-1]),
        "int_kpi__component_sources": pa.Table.from_pylist([source | {"freshness": freshness}]),
        "int_kpi__component_tables": pa.Table.from_pylist(
            [
                {"component": "orders", "raw_table": "shop_orders", "is_needed": False},
                {"component": "orders", "raw_table": "shop_order_items", "is_needed": True},
                {"component": "buyers", "raw_table": "shop_customers", "is_needed": False},
            ]
        ),
        "int_kpi__catalogue": pa.Table.from_pylist([catalogue]),
        "int_kpi__targets_in_force": pa.Table.from_pylist([month] if target else []),
        "int_kpi__threshold_alerts": pa.Table.from_pylist([]),
        "int_core__business_days": pa.Table.from_pylist(
            [{"country": "FR", "date_day": date(2026, 5, 1), "is_holiday": True}]
        ),
        "int_core__exchange_rates": pa.Table.from_pylist([]),
    }


def step(tables: dict[str, pa.Table], **variables: int) -> list[dict[str, Any]]:
    clock = {"as_of": "2026-05-20T22:30:00", "business_timezone": "Europe/Paris"}
    table = kpi_findings(tables, {**VARS, **clock, **variables})
    assert table.column_names == described("kpi_findings")
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def test_a_day_that_is_lower_than_usual_is_a_row_with_its_dates() -> None:
    amount = np.full(400, 100)
    amount[-1] = 40
    (row,) = step(inputs(amount, last=399))
    assert (row["kind"], row["kpi_id"], row["cause"]) == ("anomaly", "orders", "business_change")
    assert row["first_seen"] == row["last_seen"] == row["period_start"] == date(2026, 5, 20)
    assert row["is_open"]
    assert (row["observed"], row["severity"], row["is_favourable"]) == (40, "critical", False)
    assert row["expected"] == pytest.approx(100, rel=0.01)
    # As the Poisson law has it: 1.96 times the root of 100, a little more above.
    assert row["expected_lower"] == pytest.approx(100 - 19.6, abs=1)
    assert row["expected_upper"] == pytest.approx(100 + 19.6, abs=1.5)
    assert row["relative_change"] == pytest.approx(-0.6, abs=0.01)
    assert (row["day_count"], row["sample"], row["top_drivers"]) == (1, 40, None)
    # What has been over for long is told as such, and better days are no reason to call anybody.
    amount[-1], amount[-15] = 100, 160
    (row,) = step(inputs(amount, last=399))
    assert (row["is_open"], row["severity"], row["is_favourable"]) == (False, "notice", True)


def changed(tables: dict[str, pa.Table], name: str, **values: Any) -> dict[str, pa.Table]:
    """The tables with other values in each row of one of them."""
    rows = [row | values for row in tables[name].to_pylist()]
    return tables | {name: pa.Table.from_pylist(rows)}


@pytest.mark.parametrize(
    ("direction", "severity", "is_favourable"),
    [("up", "critical", False), ("down", "notice", True), ("range", "critical", None)],
)
def test_better_lies_where_the_direction_says(
    direction: str, severity: str, is_favourable: bool | None
) -> None:
    tables = inputs(np.append(np.full(399, 100), 40), last=399)
    (row,) = step(changed(tables, "int_kpi__catalogue", direction=direction))
    assert (row["severity"], row["is_favourable"]) == (severity, is_favourable)


def test_amounts_without_decimals_are_of_another_currency_too() -> None:
    """2000 a day for 20 orders, as of yen, then 1600 for as many: at 1.5 once, at 1.25 today."""
    tables = inputs(np.append(np.full(399, 2000), 1600), last=399)
    tables = changed(tables, "int_kpi__days_watched", records=20)
    rate = {"currency": "GBP", "rate_date": date(2026, 5, 20), "rate": 1.25}
    before = rate | {"rate_date": date(2026, 5, 19), "rate": 1.5}
    tables |= {"int_core__exchange_rates": pa.Table.from_pylist([rate, before])}
    for is_money, cause in ((True, "currency_mismatch"), (False, "business_change")):
        (row,) = step(changed(tables, "int_kpi__component_sources", is_money=is_money))
        assert row["cause"] == cause


def test_a_holiday_of_the_calendar_is_no_alert() -> None:
    """On the 20th of each month little is sold, the last day among them."""
    days = [date(2026, 5, 20) - timedelta(days=ago) for ago in range(699, -1, -1)]
    tables = inputs(np.array([40 if day.day == 20 else 100 for day in days]), last=699)
    assert step(tables)
    off = [day for day in days if day.day == 20]
    # Of a calendar that begins before the history and goes on after the quarter.
    off = [off[0] - timedelta(days=90), *off, date(2026, 9, 20)]
    calendar = [{"country": "FR", "date_day": day, "is_holiday": True} for day in off]
    assert step(tables | {"int_core__business_days": pa.Table.from_pylist(calendar)}) == []


def together(**amounts: np.ndarray) -> dict[str, pa.Table]:
    """Orders of the whole, and of countries by their names, up to 2026-05-20."""
    tables = inputs(np.sum(list(amounts.values()), axis=0), last=399)
    rows = tables["int_kpi__days_watched"].to_pylist()
    for country, amount in amounts.items():
        there = inputs(amount, last=399)["int_kpi__days_watched"].to_pylist()
        rows += [row | {"dimension": "country", "segment": country} for row in there]
    return tables | {"int_kpi__days_watched": pa.Table.from_pylist(rows)}


def test_an_alert_names_where_it_happened_and_what_moved_along() -> None:
    """75 of 200 orders are missing, 50 of them French and 25 British, and 60 of 200 carts."""
    usual = np.full(399, 100)
    tables = together(FR=np.append(usual, 50), GB=np.append(usual, 75))
    carts = [
        row | {"component": "carts", "amount": max(row["amount"], 140)}
        for row in tables["int_kpi__days_watched"].to_pylist()
        if row["dimension"] == "overall"
    ]
    for name, other in (
        ("int_kpi__days_watched", carts),
        ("int_kpi__component_sources", [{"component": "carts"}]),
        ("int_kpi__catalogue", [{"kpi_id": "carts", "numerator": "carts"}]),
    ):
        rows = tables[name].to_pylist()
        tables[name] = pa.Table.from_pylist(rows + [rows[0] | one for one in other])
    (row,) = step(tables)
    assert row["top_drivers"] == "country FR 67%; country GB 33%"
    assert (row["kpi_id"], row["also_moved"]) == ("orders", "carts")


def test_a_change_of_a_segment_is_not_critical_however_large_it_is() -> None:
    tables = together(FR=np.full(400, 900), GB=np.append(np.full(399, 100), 40))
    (row,) = step(tables)
    assert (row["dimension"], row["segment"], row["severity"]) == ("country", "GB", "warning")


def test_what_takes_long_to_be_known_is_told_once_it_is() -> None:
    """Leads of 19 February are known to have converted, or not, on the morning of 21 May."""
    amount = np.full(600, 100)
    amount[-91] = 40
    tables = inputs(amount, last=599)
    (source,) = tables["int_kpi__component_sources"].to_pylist()
    for maturity, raised in ((91, []), (90, [True]), (87, [False])):
        late = pa.Table.from_pylist([source | {"maturity_days": maturity}])
        rows = step(tables | {"int_kpi__component_sources": late})
        assert [row["is_open"] for row in rows] == raised
        assert [row["first_seen"] for row in rows] == [date(2026, 2, 19)] * len(raised)
        assert [row["unknown_since"] for row in rows] == [None] * len(raised)


def test_an_alert_is_not_over_because_nothing_is_known_since() -> None:
    """The last day before the shop fell silent was odd; six days later nobody knows more."""
    amount = np.full(400, 100)
    amount[393] = 40
    (row,) = step(inputs(amount, last=393))
    assert (row["is_open"], row["last_seen"]) == (True, date(2026, 5, 14))
    assert row["unknown_since"] == date(2026, 5, 15)
    (row,) = step(inputs(amount, last=399))
    assert (row["is_open"], row["unknown_since"]) == (False, None)


def test_an_alert_stays_for_as_long_after_its_last_day_as_is_said() -> None:
    """What was low for ten days is told ninety days after the last of them."""
    for ago, count in ((90, 1), (91, 0)):
        amount = np.full(600, 100)
        amount[600 - ago - 9 : 600 - ago + 1] = 40
        assert len(step(inputs(amount, last=599))) == count


def test_tomorrow_says_the_same_of_a_day_though_its_history_begins_later() -> None:
    amount = np.random.default_rng(5).poisson(100, 830)
    amount[800] = 20
    tables = inputs(amount, last=829)
    rows = tables["int_kpi__days_watched"].to_pylist()
    (source,) = tables["int_kpi__component_sources"].to_pylist()

    def said(today: date) -> list[dict[str, Any]]:
        since = today - timedelta(days=VARS["alert_window_days"])
        seen = [row for row in rows if since <= row["date_day"] < today]
        known = source | {"last_date": today - timedelta(days=1)}
        given = {
            "int_kpi__days_watched": pa.Table.from_pylist(seen),
            "int_kpi__component_sources": pa.Table.from_pylist([known]),
        }
        clock = {"as_of": f"{today}T12:00:00", "business_timezone": "Europe/Paris"}
        raised: list[dict[str, Any]] = kpi_findings(
            {**tables, **given}, {**VARS, **clock}
        ).to_pylist()
        return raised

    raised = said(date(2026, 5, 20))
    assert raised[-1]["first_seen"] == date(2026, 4, 21)
    assert said(date(2026, 5, 21)) == raised


def test_a_source_that_has_stopped_is_one_alert_about_the_data() -> None:
    (row,) = step(inputs(np.full(400, 100), last=394, freshness="stale"))
    assert (row["cause"], row["cause_class"], row["day_count"]) == ("source_stale", "data", 5)
    assert row["first_seen"] == date(2026, 5, 16)
    assert row["last_seen"] == date(2026, 5, 20)
    assert (row["observed"], row["relative_change"], row["raw_tables"]) == (0, -1, "shop_orders")
    assert row["expected"] == pytest.approx(500, rel=0.01)


def test_what_another_source_brought_meanwhile_is_observed() -> None:
    """Of two shops one is silent for five days; the other one sold 40 on each of them."""
    tables = inputs(np.append(np.full(395, 100), np.full(5, 40)), last=399, freshness="stale")
    reached = date(2026, 5, 15)
    (row,) = step(changed(tables, "int_kpi__component_sources", last_date=reached))
    assert (row["cause"], row["day_count"], row["first_seen"]) == (
        "source_stale",
        5,
        reached + timedelta(days=1),
    )
    assert (row["observed"], row["sample"]) == (200, 200)
    assert row["relative_change"] == pytest.approx(-0.6, abs=0.01)


def test_a_source_that_has_stopped_is_told_in_the_unit_of_the_kpi() -> None:
    tables = inputs(np.full(400, 100), last=394, freshness="stale")
    (row,) = step(changed(tables, "int_kpi__catalogue", scale=24.0))
    assert row["expected"] == pytest.approx(24 * 500, rel=0.01)


def test_a_source_that_has_stopped_is_told_by_what_is_a_kpi_by_itself() -> None:
    """Buyers come first by name, and are known as a part of a rate alone."""
    tables = inputs(np.full(400, 100), last=394, freshness="stale")
    rate = {"kpi_id": "a_rate", "numerator": "buyers", "denominator": "orders"}
    for name, changes in (
        ("int_kpi__catalogue", rate),
        ("int_kpi__component_sources", {"component": "buyers"}),
        ("int_kpi__days_watched", {"component": "buyers"}),
    ):
        rows = tables[name].to_pylist()
        tables[name] = pa.Table.from_pylist([*({**row, **changes} for row in rows), *rows])
    (row,) = step(tables)
    assert (row["kpi_id"], row["measure"], row["cause"]) == ("orders", "value", "source_stale")


def test_a_source_that_has_stopped_is_told_by_what_was_to_be_expected() -> None:
    """Buyers come first by name, but there never were any: that none came tells of no silence."""
    tables = inputs(np.full(400, 100), last=394, freshness="stale")
    never = {"int_kpi__days_watched": {"component": "buyers", "amount": 0.0, "records": 0}}
    never["int_kpi__component_sources"] = {"component": "buyers"}
    never["int_kpi__catalogue"] = {"kpi_id": "buyers", "numerator": "buyers"}
    for name, changes in never.items():
        rows = tables[name].to_pylist()
        tables[name] = pa.Table.from_pylist([*({**row, **changes} for row in rows), *rows])
    (row,) = step(tables)
    assert (row["kpi_id"], row["cause"], row["relative_change"]) == ("orders", "source_stale", -1)
    assert row["expected"] == pytest.approx(500, rel=0.01)


def test_a_month_that_cannot_reach_its_target_is_off_its_pace() -> None:
    """100 a day make 3100 in May, whatever weekday or month's edge it is."""
    (row,) = step(inputs(np.full(400, 100), last=399, target=3600.0))
    assert (row["kind"], row["cause"], row["severity"]) == ("pace", "off_pace", "warning")
    assert row["observed"] == pytest.approx(3100, rel=0.01)
    assert (row["expected"], row["period_start"]) == (3600, date(2026, 5, 1))
    # A fifth of the month has passed at the end of the seventh day.
    assert row["first_seen"] == date(2026, 5, 7)
    assert step(inputs(np.full(400, 100), last=399, target=3200.0)) == []
    # Where nothing need have passed it shows on the first day, and not before there is one.
    (row,) = step(inputs(np.full(400, 100), last=399, target=3600.0), alert_pace_min_elapsed=0)
    assert row["first_seen"] == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("direction", "target", "severity"),
    [
        # 3100 are heading for 0.84, 0.86 and 0.97 of their target, and beyond it.
        ("up", 3700.0, "critical"),
        ("up", 3600.0, "warning"),
        ("up", 3200.0, None),
        ("up", 2500.0, None),
        # Costs that are to stay below it: 2500 of 3100 are 0.81, 2800 are 0.90, 3000 are 0.97.
        ("down", 2500.0, "critical"),
        ("down", 2800.0, "warning"),
        ("down", 3000.0, None),
        ("down", 3600.0, None),
        # Within a range, too much is as wrong as too little.
        ("range", 3700.0, "critical"),
        ("range", 3600.0, "warning"),
        ("range", 3100.0, None),
        ("range", 2800.0, "warning"),
        ("range", 2500.0, "critical"),
    ],
)
def test_a_pace_is_off_on_the_side_that_the_direction_says(
    direction: str, target: float, severity: str | None
) -> None:
    tables = inputs(np.full(400, 100), last=399, target=target)
    rows = step(changed(tables, "int_kpi__catalogue", direction=direction))
    assert [row["severity"] for row in rows] == ([severity] if severity else [])
    assert all(row["relative_change"] == pytest.approx(3100 / target - 1, rel=0.1) for row in rows)


def test_days_that_were_not_delivered_are_forecast_and_not_taken_for_nothing() -> None:
    """Three days are missing; at 100 a day May reaches 3100 of 3200 all the same."""
    assert step(inputs(np.full(400, 100), last=396, target=3200.0)) == []
    (row,) = step(inputs(np.full(400, 100), last=396, target=3600.0))
    assert row["observed"] == pytest.approx(3100, rel=0.01)
    assert row["last_seen"] == date(2026, 5, 17)


def ratios(sessions: np.ndarray, conversions: np.ndarray, target: float) -> dict[str, pa.Table]:
    """A ratio of days with 50 cases at least, up to 2026-05-20, and a target for May."""
    tables = inputs(sessions, last=len(sessions) - 1, target=target)
    replaced = {"component": "sessions", "raw_table": "web_sessions"}
    above = {"component": "conversions", "raw_table": "web_sessions"}
    days = tables["int_kpi__days_watched"].to_pylist()
    amounts = dict(zip([one["date_day"] for one in days], conversions[::-1].tolist(), strict=True))
    tables["int_kpi__days_watched"] = pa.Table.from_pylist(
        [one | {"component": "sessions"} for one in days]
        + [
            one | {"component": "conversions", "amount": float(amounts[one["date_day"]])}
            for one in days
        ]
    )
    (source,) = tables["int_kpi__component_sources"].to_pylist()
    tables["int_kpi__component_sources"] = pa.Table.from_pylist([source | replaced, source | above])
    (entry,) = tables["int_kpi__catalogue"].to_pylist()
    entry |= {"kpi_id": "rate", "numerator": "conversions", "denominator": "sessions"}
    tables["int_kpi__catalogue"] = pa.Table.from_pylist([entry | {"min_sample": 50}])
    (month,) = tables["int_kpi__targets_in_force"].to_pylist()
    tables["int_kpi__targets_in_force"] = pa.Table.from_pylist([month | {"kpi_id": "rate"}])
    return tables


def test_a_rate_whose_small_days_tell_another_story_has_no_pace() -> None:
    """Weekends of 40 cases convert at half of them, weekdays of 60 at a tenth: 21.7 % in all."""
    weekend = (np.arange(400) + 3) % 7 >= 5  # the last day is a Wednesday
    sessions = np.where(weekend, 40, 60)
    conversions = np.where(weekend, 20, 6)
    assert [row for row in step(ratios(sessions, conversions, 0.2)) if row["kind"] == "pace"] == []
    steady = ratios(np.full(400, 60), np.full(400, 6), 0.2)
    (row,) = [row for row in step(steady) if row["kind"] == "pace"]
    assert row["observed"] == pytest.approx(0.1, rel=0.02)


def test_a_day_of_few_cases_leaves_an_alert_its_numbers() -> None:
    chance = np.random.default_rng(3)
    sessions = np.maximum(chance.lognormal(np.log(3000), 0.6, 400), 250).astype(np.int64)
    sessions[-4] = 40
    conversions = chance.binomial(sessions, np.where(np.arange(400) >= 393, 0.05, 0.1))
    tables = ratios(sessions, conversions, 0.0001)
    (row,) = [row for row in step(tables) if row["measure"] == "value"]
    assert row["observed"] == pytest.approx(0.05, rel=0.03)
    assert row["expected"] == pytest.approx(0.1, rel=0.03)


def test_the_parts_of_a_rate_in_percent_are_counts() -> None:
    """Half of the visits are missing, or half of what came of them."""
    usual = np.full(399, 1000)
    for sessions, conversions, measure, numbers in (
        (500, 50, "denominator", (500, 1000)),
        (1000, 50, "numerator", (50, 100)),
    ):
        tables = ratios(np.append(usual, sessions), np.append(usual // 10, conversions), 0.0001)
        percent = changed(tables, "int_kpi__catalogue", scale=100.0)
        (row,) = [row for row in step(percent) if row["measure"] == measure]
        assert (row["observed"], row["expected"]) == pytest.approx(numbers, rel=0.01)


def test_a_quarter_of_a_fiscal_year_has_its_pace() -> None:
    """From March to May there are 92 days: 9200 orders of 10000, told once 19 days have passed."""
    tables = inputs(np.full(400, 100), last=399, target=10000.0)
    (target,) = tables["int_kpi__targets_in_force"].to_pylist()
    quarter = {"period_grain": "quarter", "period_start": date(2026, 3, 1)}
    tables["int_kpi__targets_in_force"] = pa.Table.from_pylist([target | quarter])
    (row,) = step(tables, fiscal_year_starts_in=12)
    assert row["observed"] == pytest.approx(9200, rel=0.01)
    assert row["first_seen"] == date(2026, 3, 19)
    assert row["kind"] == "pace"


def test_a_missed_target_is_told_with_where_it_went_wrong() -> None:
    tables = inputs(np.full(400, 100), last=399)
    missed: dict[str, Any] = {"kpi_id": "orders", "dimension": "overall", "segment": "all"}
    missed |= {"period_grain": "month", "period_start": date(2026, 4, 1), "is_open": True}
    missed |= {"first_seen": date(2026, 5, 1), "last_seen": date(2026, 4, 30), "day_count": 30}
    missed |= {"observed": 3000.0, "expected": 3600.0, "expected_lower": 3420.0}
    missed |= {"expected_upper": None, "relative_change": -1 / 6, "sample": 3000}
    missed |= {"severity": "critical", "unknown_since": None}
    tables["int_kpi__threshold_alerts"] = pa.Table.from_pylist([missed])
    (row,) = step(tables)
    assert {name: row[name] for name in missed} == missed
    assert (row["kind"], row["cause"], row["raw_tables"]) == (
        "threshold",
        "off_target",
        "shop_orders",
    )
    # Great Britain sold 10 of 40 a day less from the beginning of April on: a shortfall, no excess.
    british = np.where(np.arange(400) < 350, 40, 30)
    assert date(2026, 5, 21) - timedelta(days=50) == missed["period_start"]
    for observed, named in ((3000.0, "country GB 100%"), (4200.0, None)):
        divided = together(FR=np.full(400, 60), GB=british)
        target = pa.Table.from_pylist([missed | {"observed": observed}])
        rows = step(divided | {"int_kpi__threshold_alerts": target})
        (row,) = [row for row in rows if row["kind"] == "threshold"]
        assert row["top_drivers"] == named
    # So is a rep's, whose days are not looked at.
    reps = {**missed, "dimension": "rep", "segment": "R1"}
    tables["int_kpi__threshold_alerts"] = pa.Table.from_pylist([reps])
    (row,) = step(tables)
    assert (row["segment"], row["raw_tables"]) == ("R1", "shop_orders")
    # What has no days, as a number of different people, comes from tables all the same.
    by_period = changed(tables, "int_kpi__catalogue", numerator="buyers")
    assert [row["raw_tables"] for row in step(by_period)] == ["shop_customers"]
    tables["int_kpi__days_watched"] = tables["int_kpi__days_watched"].slice(0, 0)
    (row,) = step(tables)
    assert (row["kind"], row["raw_tables"]) == ("threshold", "shop_orders")


def test_an_alert_is_known_again_on_the_days_that_follow() -> None:
    """The broken step looks another way with each day, and stays what was seen first."""
    made = company(1, HISTORY + 40)
    plant(made, "step_broken", HISTORY + 10, np.random.default_rng(2))
    whole = components(made)
    subjects = set()
    for now in range(HISTORY + 11, HISTORY + 18):
        found = daily(until(whole, now), KPIS, LIMITS)
        assert found is not None
        (alert,) = findings(found, HISTORY)
        assert alert.is_open
        origin = found.series[alert.origin]
        subjects.add((alert.first, origin.parts, origin.place))
    assert len(subjects) == 1


def test_what_is_never_added_up_is_left_out() -> None:
    tables = inputs(np.full(400, 100), last=399)
    other: dict[str, Any] = {"component": "median_hours", "dimension": "overall", "segment": "all"}
    other |= {"date_day": date(2026, 5, 20), "amount": 3.0, "records": 3}
    daily_rows = [*tables["int_kpi__days_watched"].to_pylist(), other]
    tables["int_kpi__days_watched"] = pa.Table.from_pylist(daily_rows)
    assert step(tables) == []


def test_without_data_there_is_nothing_to_say() -> None:
    tables = inputs(np.full(400, 100), last=399)
    tables["int_kpi__days_watched"] = tables["int_kpi__days_watched"].slice(0, 0)
    assert step(tables) == []
