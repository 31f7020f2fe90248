"""Repeat purchases against published figures, another implementation, and simulated customers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.lib.statistics.repeat_purchases import (
    FitError,
    Floats,
    PurchaseRate,
    PurchaseValue,
    fit_purchase_rate,
    fit_purchase_value,
)
from tests import model_sql

# Estimates for the customers of CDNOW, in weeks: Fader, Hardie and Lee (2005), table 2.
CDNOW = PurchaseRate(r=0.243, alpha=4.414, a=0.793, b=2.426)
# Fader and Hardie (2013), The gamma-gamma model of monetary value, in dollars.
CDNOW_VALUE = PurchaseValue(p=6.25, q=3.74, v=15.44)


def floats(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def simulated(model: PurchaseRate, customers: int, age: float) -> tuple[Floats, Floats, Floats]:
    """Histories of customers who buy and leave as the model says, each observed for `age`."""
    rng = np.random.default_rng(20261126)
    rate = rng.gamma(model.r, 1 / model.alpha, customers)
    leaves = rng.beta(model.a, model.b, customers)
    frequency, recency = np.zeros(customers), np.zeros(customers)
    for number in range(customers):
        at = rng.exponential(1 / rate[number])
        while at <= age:
            frequency[number] += 1
            recency[number] = at
            if rng.random() < leaves[number]:
                break
            at += rng.exponential(1 / rate[number])
    return frequency, recency, np.full(customers, age)


def test_a_customers_expected_purchases_are_the_published_ones() -> None:
    # Fader, Hardie and Lee (2005), Implementing the BG/NBD model in Excel: customer 0001.
    expected = CDNOW.expected_purchases(floats(2), floats(30.43), floats(38.86), 39)
    assert expected == pytest.approx([1.226], abs=0.0005)


def test_the_value_of_a_purchase_is_the_published_one() -> None:
    # The first customers of CDNOW: repeat purchases, their mean, and the expected value.
    customers = [
        (2, 22.35, 24.66),
        (1, 11.77, 18.91),
        (0, 0, 35.17),
        (7, 73.74, 71.46),
        (2, 25.55, 27.28),
    ]
    connection = model_sql.memory_warehouse(("intermediate", "staging"))
    model_sql.fill(
        connection,
        "intermediate.int_retention__purchase_histories",
        {
            **dict.fromkeys(("customer_key", "purchases", "valued_repeats"), "bigint"),
            **dict.fromkeys(("recency_days", "age_days"), "double"),
            "repeat_revenue": "decimal(18, 4)",
        },
        [
            (number, 1 + repeats, repeats, 0, 0, repeats * mean)
            for number, (repeats, mean, _) in enumerate(customers)
        ],
    )
    model_sql.fill(
        connection,
        "staging.stg_derived__purchase_models",
        {"model": "varchar", "parameter": "varchar", "value": "double", "note": "varchar"},
        [("purchase_value", name, getattr(CDNOW_VALUE, name), None) for name in ("p", "q", "v")],
    )
    predicted = ("frequency", "recency_days", "age_days", "probability_alive", "expected_purchases")
    model_sql.fill(
        connection,
        "staging.stg_derived__purchase_predictions",
        dict.fromkeys(predicted, "double"),
    )
    name = "int_retention__values_expected"
    model_sql.build(connection, model_sql.compile_models([name]))
    found = connection.execute(
        f"select expected_value from warehouse.intermediate.{name} order by customer_key"
    ).fetchall()
    published = [value for *_, value in customers]
    assert [value for (value,) in found] == pytest.approx(published, abs=0.06)


TRUE = PurchaseRate(r=0.6, alpha=20, a=0.9, b=3)
# What lifetimes 0.11.3 fits to the same 4,000 customers, and makes of the fit.
LIFETIMES = PurchaseRate(r=0.6259618, alpha=21.007233, a=0.6629543, b=2.3042235)


def test_the_fit_is_that_of_another_implementation() -> None:
    fitted = fit_purchase_rate(*simulated(TRUE, 4_000, 60), np.ones(4_000))
    found = (fitted.r, fitted.alpha, fitted.a, fitted.b)
    assert found == pytest.approx(
        (LIFETIMES.r, LIFETIMES.alpha, LIFETIMES.a, LIFETIMES.b), rel=1e-4
    )


def test_what_follows_from_a_fit_is_that_of_another_implementation() -> None:
    histories = floats(0, 1, 5, 5), floats(0, 20, 50, 10), floats(60, 60, 60, 60)
    assert LIFETIMES.alive(*histories) == pytest.approx(
        [1, 0.53465796, 0.81921098, 0.04107383], abs=1e-6
    )
    assert LIFETIMES.expected_purchases(*histories, 26) == pytest.approx(
        [0.19039204, 0.26156695, 1.36512785, 0.06844516], abs=1e-6
    )


def test_the_fitted_model_foretells_what_simulated_customers_go_on_to_buy() -> None:
    frequency, recency, age = simulated(TRUE, 20_000, 60)
    later, _, _ = simulated(TRUE, 20_000, 100)
    expected = TRUE.expected_purchases(frequency, recency, age, 40)
    # Three standard errors of a sum of counts that vary about as much as their mean, or twice that.
    bought = float((later - frequency).sum())
    assert float(expected.sum()) == pytest.approx(bought, abs=3 * (2 * bought) ** 0.5)


def test_the_values_fit_is_that_of_another_implementation() -> None:
    rng = np.random.default_rng(7)
    frequency = rng.integers(1, 8, 1_500).astype(np.float64)
    rate = rng.gamma(4.0, 1 / 40.0, 1_500)
    mean_value = rng.gamma(6.0 * frequency, 1 / (rate * frequency))
    fitted = fit_purchase_value(frequency, mean_value)
    # lifetimes 0.11.3 on the same customers.
    assert (fitted.p, fitted.q, fitted.v) == pytest.approx((4.309199, 4.293766, 61.96971), rel=1e-4)


def test_equal_histories_may_be_counted_together() -> None:
    frequency, recency, age = simulated(TRUE, 500, 60)
    one_by_one = fit_purchase_rate(
        np.tile(frequency, 2), np.tile(recency, 2), np.tile(age, 2), np.ones(1_000)
    )
    together = fit_purchase_rate(frequency, recency, age, np.full(500, 2.0))
    assert (one_by_one.r, one_by_one.alpha) == pytest.approx((together.r, together.alpha), rel=1e-4)


@given(st.floats(0.1, 50))
def test_the_unit_of_time_changes_nothing_but_alpha(unit: float) -> None:
    scaled = PurchaseRate(CDNOW.r, CDNOW.alpha * unit, CDNOW.a, CDNOW.b)
    histories = floats(0, 1, 9), floats(0, 10, 30), floats(30, 30, 30)
    assert scaled.expected_purchases(
        histories[0], histories[1] * unit, histories[2] * unit, 10 * unit
    ) == pytest.approx(CDNOW.expected_purchases(*histories, 10), rel=1e-6)


@given(st.integers(0, 40), st.floats(0, 1), st.floats(1, 300), st.floats(1, 300))
def test_a_longer_silence_makes_leaving_likelier_and_nobody_buys_less_than_nothing(
    frequency: int, share: float, age: float, horizon: float
) -> None:
    recent, long_ago = share * age if frequency else 0.0, share * age / 2 if frequency else 0.0
    early, late = (
        CDNOW.alive(floats(frequency), floats(one), floats(age))[0] for one in (long_ago, recent)
    )
    assert 0 <= early <= late <= 1
    bought = CDNOW.expected_purchases(floats(frequency), floats(recent), floats(age), horizon)[0]
    assert bought >= -1e-9


def test_a_model_whose_chances_have_no_special_case_at_one() -> None:
    around = [
        PurchaseRate(0.5, 4, a, 2).expected_purchases(floats(2), floats(9), floats(10), 5)[0]
        for a in (0.999, 1.0, 1.001)
    ]
    assert around[1] == pytest.approx((around[0] + around[2]) / 2, rel=1e-4)


@pytest.mark.parametrize("seed", range(12))
def test_what_each_customer_always_pays_is_expected_again(seed: int) -> None:
    """Direct debits: a customer's are of one amount, and no two customers' need be alike."""
    rng = np.random.default_rng(seed)
    frequency = rng.integers(1, 30, 400).astype(float)
    amount = np.round(rng.pareto(1.4, 400) * 10 + 5)
    model = fit_purchase_value(frequency, amount)
    own = model.p * frequency
    expected = model.p * (model.v + frequency * amount) / (own + model.q - 1)
    assert expected == pytest.approx(amount, rel=0.01)
    # What is left for whoever has not bought again is as large however far p went.
    assert model.p * model.v / (model.q - 1) == pytest.approx(20, rel=0.15)


def test_data_that_do_not_determine_a_model_are_refused() -> None:
    with pytest.raises(FitError, match="no customer bought again"):
        fit_purchase_rate(floats(0, 0), floats(0, 0), floats(10, 20), floats(5, 5))
    with pytest.raises(FitError, match="no repeat purchase has a known value"):
        fit_purchase_value(floats(), floats())
    with pytest.raises(FitError, match="too much alike"):
        fit_purchase_value(floats(*[2] * 50), floats(*[30] * 50))
