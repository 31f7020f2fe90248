from typing import Any

import pyarrow as pa
import pytest

from orchestration.lib.statistics import purchase_steps
from orchestration.lib.statistics.purchase_steps import purchase_models, purchase_predictions
from orchestration.lib.statistics.repeat_purchases import TOO_MUCH_ALIKE, PurchaseRate

VARIABLES = {"prediction_horizon_days": 30, "prediction_min_repeat_customers": 3}
HISTORIES = [(0, 0, 40, 20), (1, 10, 40, 5), (2, 30, 60, 4), (5, 55, 60, 2), (3, 12, 80, 1)]


def counts(rows: list[tuple[int, int, int, int]]) -> pa.Table:
    names = ("frequency", "recency_days", "age_days", "customers")
    kinds = pa.schema([(name, pa.int64()) for name in names])
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=kinds)


def values(rows: list[tuple[int, float]]) -> pa.Table:
    return pa.table(
        {
            "customer_key": pa.array(range(len(rows)), pa.int64()),
            "frequency": pa.array([row[0] for row in rows], pa.int64()),
            "mean_value": pa.array([row[1] for row in rows], pa.float64()),
        }
    )


VALUES = [(1, 10.0), (2, 30.0), (5, 22.0), (3, 80.0), (1, 15.0), (4, 41.0)]


def fitted(
    histories: list[tuple[int, int, int, int]], worth: list[tuple[int, float]], **variables: Any
) -> list[dict[str, Any]]:
    inputs = {
        "int_retention__history_counts": counts(histories),
        "int_retention__repeat_values": values(worth),
    }
    rows: list[dict[str, Any]] = purchase_models(inputs, VARIABLES | variables).to_pylist()
    return rows


def test_a_model_that_is_fitted_gives_its_parameters() -> None:
    rows = fitted(HISTORIES, VALUES)
    assert [(row["model"], row["parameter"]) for row in rows] == [
        *(("purchase_rate", name) for name in ("r", "alpha", "a", "b")),
        *(("purchase_value", name) for name in ("p", "q", "v")),
    ]
    assert all(row["value"] > 0 and row["note"] is None for row in rows)


def test_the_order_of_the_rows_changes_nothing() -> None:
    assert fitted(HISTORIES[::-1], VALUES) == fitted(HISTORIES, VALUES)


@pytest.mark.parametrize(
    ("histories", "changed", "note"),
    [
        (
            HISTORIES,
            {"prediction_horizon_days": 81},
            "sales are known for 80 days, less than the 81",
        ),
        (HISTORIES[:2], {"prediction_min_repeat_customers": 6}, "5 customers bought again, 6 are"),
        ([], {}, "0 customers bought again, 3 are needed"),
    ],
)
def test_too_little_data_give_a_note(
    histories: list[tuple[int, int, int, int]], changed: dict[str, Any], note: str
) -> None:
    rate, *_ = fitted(histories, VALUES, **changed)
    assert (rate["model"], rate["parameter"], rate["value"]) == ("purchase_rate", "none", None)
    assert rate["note"].startswith(note)


def test_as_much_data_as_needed_are_enough() -> None:
    """The histories are of 12 customers who bought again and of 80 days, the values of 6."""
    names = [row["parameter"] for row in fitted(HISTORIES, VALUES, prediction_horizon_days=80)]
    assert "none" not in names
    for needed, models in ((6, {"purchase_rate", "purchase_value"}), (7, {"purchase_rate"})):
        rows = fitted(HISTORIES, VALUES, prediction_min_repeat_customers=needed)
        assert {row["model"] for row in rows if row["value"]} == models
    assert rows[-1]["note"] == "6 customers bought again, 7 are needed"
    rows = fitted(HISTORIES, [], prediction_min_repeat_customers=12)
    assert {row["model"] for row in rows if row["value"]} == {"purchase_rate"}


def test_customers_too_much_alike_for_the_formula_give_a_note(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As fitted to a shop whose customers all buy once in 200 days.
    alike = PurchaseRate(15000, 15000 * 197.5, 3.4, 48.7)
    monkeypatch.setattr(purchase_steps, "fit_purchase_rate", lambda *_: alike)
    rate, *_ = fitted(HISTORIES, VALUES)
    assert (rate["parameter"], rate["note"]) == ("none", TOO_MUCH_ALIKE)


def test_each_history_has_the_prediction_that_another_implementation_has() -> None:
    """Of these parameters lifetimes 0.11.3 makes these figures for the next 26 days."""
    parameters = {"r": 0.6259618, "alpha": 21.007233, "a": 0.6629543, "b": 2.3042235}
    models = [
        {"model": "purchase_rate", "parameter": name, "value": value, "note": None}
        for name, value in parameters.items()
    ]
    inputs = {
        "int_retention__history_counts": counts(
            [(0, 0, 60, 9), (1, 20, 60, 1), (5, 50, 60, 1), (5, 10, 60, 1)]
        ),
        "stg_derived__purchase_models": pa.Table.from_pylist(models[::-1]),
    }
    rows = purchase_predictions(inputs, {"prediction_horizon_days": 26}).to_pylist()
    assert [(row["frequency"], row["recency_days"], row["age_days"]) for row in rows] == [
        (0, 0, 60),
        (1, 20, 60),
        (5, 50, 60),
        (5, 10, 60),
    ]
    assert [row["probability_alive"] for row in rows] == pytest.approx(
        [1, 0.53465796, 0.81921098, 0.04107383], abs=1e-6
    )
    assert [row["expected_purchases"] for row in rows] == pytest.approx(
        [0.19039204, 0.26156695, 1.36512785, 0.06844516], abs=1e-6
    )


def test_without_a_model_nothing_is_foretold() -> None:
    inputs = {
        "int_retention__history_counts": counts(HISTORIES),
        "stg_derived__purchase_models": pa.Table.from_pylist(fitted([], [])),
    }
    assert purchase_predictions(inputs, VARIABLES).num_rows == 0
