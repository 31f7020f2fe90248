"""The marks by which a fault of the data is told from a change of the business, one day by hand.

Each company sells and is visited in the same way each week, up to the last of 400 days, a Monday.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pytest

from orchestration.lib.statistics.alert_causes import OVERALL, findings
from orchestration.lib.statistics.alert_series import Components, Kpi, Place, daily
from tests.unit.statistics.trials import LIMITS

DAYS, LAST = 400, 399
WEEKLY = np.tile([100.0, 120, 90, 100, 80, 40, 30], 58)[:DAYS]
TABLES = {
    "orders": "shop_orders",
    "revenue": "shop_orders",
    "sessions": "web_sessions",
    "converting_sessions": "web_sessions",
    "spend": "ad_spend",
}
KPIS = [Kpi(name, name, None, 1) for name in TABLES]
Series = dict[tuple[str, Place], np.ndarray]


def until_the_last(usual: np.ndarray, last: float) -> np.ndarray:
    """As usual, and another value on the last day."""
    return np.append(usual[:LAST], last)


def causes(
    amounts: Series,
    records: Series | None = None,
    rates: Mapping[str, float] | None = None,
    last: int = LAST,
) -> list[tuple[str, str, Place]]:
    """Cause, KPI and place of each alert since the last day; a count's records are its amounts."""
    days = [date(2025, 1, 6) + timedelta(days=day) for day in range(DAYS)]
    found = daily(
        Components(
            now=DAYS,
            days=np.array(days, dtype="datetime64[D]"),
            amounts=amounts,
            records={**amounts, **(records or {})},
            raw_tables={name: frozenset({table}) for name, table in TABLES.items()},
            holidays={},
            rates=rates or {},
        ),
        KPIS,
        LIMITS,
    )
    assert found is not None
    told = [(one.cause, found.series[one.row]) for one in findings(found, last)]
    return [(cause, series.kpi_id, series.place) for cause, series in told]


# --- one cause ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("together", "alerts"), [(True, 1), (False, 2)])
def test_two_tables_that_have_been_unusual_together_share_their_causes(
    *, together: bool, alerts: int
) -> None:
    """Half of the French orders and of the visits by phone are missing: in no place are both.

    Days on which all visits are many bring many orders, or as many as any day.
    """
    busy, other = np.random.default_rng(1).standard_normal((2, DAYS))
    amounts: Series = {
        ("sessions", OVERALL): np.round(4000 + 400 * busy),
        ("orders", OVERALL): np.round(400 + 40 * (busy if together else other)),
        ("sessions", ("device", "phone")): until_the_last(10 * WEEKLY, 500),
        ("orders", ("country", "FR")): until_the_last(WEEKLY, 50),
    }
    amounts["sessions", OVERALL][LAST], amounts["orders", OVERALL][LAST] = 4000, 400
    assert len(causes(amounts)) == alerts


# --- nothing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spend", "nothing_before", "cause", "kpi"),
    [
        (0, None, "campaign_paused", "spend"),
        (100, None, "no_records", "sessions"),
        # Eight weeks are 56 days: the first of them is day 343.
        (100, 343, "business_change", "sessions"),
        (100, 342, "no_records", "sessions"),
    ],
)
def test_visits_that_stop_were_switched_off_with_their_spend_or_went_missing(
    spend: float, nothing_before: int | None, cause: str, kpi: str
) -> None:
    ads = ("channel", "Ads")
    visits = until_the_last(np.full(DAYS, 50.0), 0)
    if nothing_before is not None:
        visits[nothing_before] = 0
    amounts = {
        ("sessions", ads): visits,
        ("spend", ads): until_the_last(np.full(DAYS, 100.0), spend),
        ("sessions", OVERALL): until_the_last(20 * WEEKLY, 20 * 100 - 50),
    }
    assert causes(amounts) == [(cause, kpi, ads)]


@pytest.mark.parametrize(
    ("spend", "cause", "kpi"),
    [(0, "campaign_paused", "spend"), (3, "no_records", "sessions")],
)
def test_spend_that_stopped_with_its_visits_need_not_be_unusual_by_itself(
    spend: float, cause: str, kpi: str
) -> None:
    """Budgets move by so much from day to day that a day without any is no rare one."""
    ads = ("channel", "Ads")
    budgets = 100 * np.exp(1.5 * np.random.default_rng(5).standard_normal(DAYS))
    amounts = {
        ("sessions", ads): until_the_last(np.full(DAYS, 50.0), 0),
        ("spend", ads): until_the_last(np.round(budgets + 1), spend),
        ("sessions", OVERALL): until_the_last(20 * WEEKLY, 20 * 100 - 50),
    }
    assert causes(amounts) == [(cause, kpi, ads)]


@pytest.mark.parametrize(
    ("polish", "cause", "place"),
    [
        # Of 20 a day 4 were to be left: nothing in one of 55 such days. Of 60 it were 12.
        (20.0, "business_change", OVERALL),
        (60.0, "no_records", ("country", "PL")),
    ],
)
def test_a_small_segment_of_a_whole_that_fell_has_nothing_by_chance(
    polish: float, cause: str, place: Place
) -> None:
    """France falls to a fifth of its orders, and in Poland there is none."""
    amounts: Series = {
        ("orders", ("country", "FR")): until_the_last(np.full(DAYS, 900.0), 180),
        ("orders", ("country", "PL")): until_the_last(np.full(DAYS, polish), 0),
        ("orders", ("device", "desk")): until_the_last(np.full(DAYS, 450.0), 90),
        ("orders", ("device", "phone")): until_the_last(np.full(DAYS, 450.0 + polish), 90),
    }
    amounts["orders", OVERALL] = until_the_last(np.full(DAYS, 900.0 + polish), 180)
    ((told, _, where),) = causes(amounts)
    assert (told, where) == (cause, place)


# --- twice --------------------------------------------------------------------------------------

TWICE, TWICE_AND_ONE, UNEVEN = [200.0] * 6, [201.0] * 6, [121.0, 131, 141, 161, 321, 331]


@pytest.mark.parametrize(
    ("orders", "sessions", "cause"),
    [
        # Alike in each of six countries, while nothing else moved.
        (TWICE_AND_ONE, 1, "doubled_load"),
        # A busy day brings more visits too; equal loads make an even number of each country.
        (TWICE_AND_ONE, 2, "business_change"),
        # So much more that chance does not bring it about, if too little for an alert of its own.
        (TWICE_AND_ONE, 1.06, "business_change"),
        (TWICE, 2, "doubled_load"),
        # Twice the whole, by a different share in each; and more than usual, but not twice.
        (UNEVEN, 1, "business_change"),
        ([160.0] * 6, 1, "business_change"),
        # Five numbers are even by chance now and then.
        ([200.0] * 5, 1, "business_change"),
    ],
)
def test_twice_the_records_in_every_segment_were_loaded_twice(
    orders: list[float], sessions: float, cause: str
) -> None:
    amounts: Series = {
        ("orders", ("country", name)): until_the_last(WEEKLY, last)
        for name, last in zip(["DE", "ES", "FR", "GB", "IT", "NL"], orders, strict=False)
    }
    amounts["orders", OVERALL] = np.sum(list(amounts.values()), axis=0)
    amounts["sessions", OVERALL] = until_the_last(40 * WEEKLY, 40 * 100 * sessions)
    assert {told for told, _, _ in causes(amounts)} == {cause}


@pytest.mark.parametrize(
    ("usual", "rows", "cause"),
    [
        (np.full(DAYS, 24.0), 48, "doubled_load"),
        (np.full(DAYS, 24.0), 46, "doubled_load"),
        (np.full(DAYS, 24.0), 45, "business_change"),
        (np.full(DAYS, 24.0), 51, "business_change"),
        # Twice the middle one of 30 to 120 is no rare number.
        (WEEKLY, 180, "business_change"),
    ],
)
def test_a_report_of_as_many_rows_each_day_shows_when_it_is_there_twice(
    usual: np.ndarray, rows: float, cause: str
) -> None:
    """Twice 24 rows, give or take a tenth of 24; spend itself rose by half, for one campaign."""
    spend: Series = {("spend", OVERALL): until_the_last(3.3 * WEEKLY, 3.3 * 150)}
    records: Series = {("spend", OVERALL): until_the_last(usual, rows)}
    assert causes(spend, records) == [(cause, "spend", OVERALL)]


def test_nothing_is_not_twice_the_nothing_of_a_month() -> None:
    """Sales stop for ten weeks: one alert, and none of a day on which nothing came twice."""
    orders = np.where(np.arange(DAYS) < LAST - 70, 100.0, 0.0)
    assert causes({("orders", OVERALL): orders}, last=0) == [("no_records", "orders", OVERALL)]


# --- another currency ---------------------------------------------------------------------------

BRITISH, EVERYWHERE = ("country", "GB"), OVERALL


@pytest.mark.parametrize(
    ("prices", "orders", "rate", "told"),
    [
        # Taken for what it is not, whichever way round.
        ((1, 1, 1 / 1.25), 100, 1.25, ("currency_mismatch", BRITISH)),
        ((1, 1, 1.25), 100, 1.25, ("currency_mismatch", BRITISH)),
        # No such rate: 1.25 is 12 % above it.
        ((1, 1, 1.25), 100, 1.12, ("business_change", BRITISH)),
        # As many orders: not where nearly half of them are missing as well.
        ((1, 1, 1 / 1.25), 55, 1.25, ("business_change", BRITISH)),
        # The whole is off by a rate where each country is, and not where two make it up.
        ((1 / 1.25, 1 / 1.25, 1 / 1.25), 100, 1.25, ("currency_mismatch", EVERYWHERE)),
        ((1, 0.7, 0.7), 100, 1.25, ("business_change", EVERYWHERE)),
    ],
)
def test_as_many_orders_for_amounts_that_are_off_by_a_rate_are_of_another_currency(
    prices: tuple[float, ...], orders: float, rate: float, told: tuple[str, Place]
) -> None:
    sold: Series = {}
    earned: Series = {}
    for name, price in zip(["DE", "FR", "GB"], prices, strict=True):
        count = orders if name == "GB" else 100.0
        sold["orders", ("country", name)] = until_the_last(WEEKLY, count)
        earned["revenue", ("country", name)] = until_the_last(20.25 * WEEKLY, 20.25 * count * price)
    sold["orders", OVERALL] = np.sum(list(sold.values()), axis=0)
    earned["revenue", OVERALL] = np.sum(list(earned.values()), axis=0)
    counted = {("revenue", where): count for (_, where), count in sold.items()}
    ((cause, _, place),) = causes({**sold, **earned}, counted, {"GBP": rate})
    assert (cause, place) == told


def test_a_count_is_in_no_currency() -> None:
    """As many visits, of which a fifth fewer convert: 1 / 1.25."""
    converting = {("converting_sessions", OVERALL): until_the_last(4 * WEEKLY, 320)}
    visits = {("converting_sessions", OVERALL): 40 * WEEKLY}
    ((cause, *_),) = causes(converting, visits, {"GBP": 1.25})
    assert cause == "business_change"


# --- not seen -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visits", "conversions", "orders", "cause"),
    [
        # Of 400 orders, 160 would be missing with the visits or conversions that are.
        (0.6, 0.6, 1.0, "tracking_loss"),
        (0.6, 0.6, 0.6, "business_change"),
        (1.0, 0.6, 1.0, "tracking_loss"),
        (0.6, 1.0, 1.0, "tracking_loss"),
        # Less than half of the 160 are: 72. More than half of them are: 88.
        (1.0, 0.6, 0.82, "tracking_loss"),
        (1.0, 0.6, 0.78, "business_change"),
        # Of 400 orders 60 may be missing by chance, in one of 700 days: 80 are more, 48 are not.
        (0.8, 1.0, 1.0, "tracking_loss"),
        (0.88, 1.0, 1.0, "business_change"),
        # Visits that came on top were seen.
        (1.6, 1.0, 1.0, "business_change"),
    ],
)
def test_visits_that_are_missing_while_their_orders_are_not_were_not_seen(
    visits: float, conversions: float, orders: float, cause: str
) -> None:
    amounts: Series = {
        ("sessions", OVERALL): until_the_last(40 * WEEKLY, 4000 * visits),
        ("converting_sessions", OVERALL): until_the_last(4 * WEEKLY, 400 * conversions),
        ("orders", OVERALL): until_the_last(4 * WEEKLY, 400 * orders),
    }
    assert [told for told, _, _ in causes(amounts)] == [cause]
