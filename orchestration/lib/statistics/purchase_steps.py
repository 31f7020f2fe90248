"""The driver steps of repeat purchases: Arrow tables in, models and what follows from them out."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from orchestration.lib.statistics.repeat_purchases import (
    TOO_MUCH_ALIKE,
    FitError,
    Floats,
    PurchaseRate,
    PurchaseValue,
    fit_purchase_rate,
    fit_purchase_value,
)

RATE, VALUE = "purchase_rate", "purchase_value"
NOT_FITTED = "none"

MODELS = pa.schema(
    [
        ("model", pa.string()),
        ("parameter", pa.string()),
        ("value", pa.float64()),
        ("note", pa.string()),
    ]
)
PREDICTIONS = pa.schema(
    [
        ("frequency", pa.int64()),
        ("recency_days", pa.int64()),
        ("age_days", pa.int64()),
        ("probability_alive", pa.float64()),
        ("expected_purchases", pa.float64()),
    ]
)


def purchase_models(inputs: Mapping[str, pa.Table], variables: Mapping[str, Any]) -> pa.Table:
    """Both models' parameters; a model that the data do not determine has a note instead."""
    counts = inputs["int_retention__history_counts"].sort_by(
        [("frequency", "ascending"), ("recency_days", "ascending"), ("age_days", "ascending")]
    )
    values = inputs["int_retention__repeat_values"].sort_by("customer_key")
    rows = [
        *_rows(RATE, partial(_purchase_rate, counts, variables)),
        *_rows(VALUE, partial(_purchase_value, values, variables)),
    ]
    return pa.Table.from_pylist(rows, schema=MODELS)


def purchase_predictions(inputs: Mapping[str, pa.Table], variables: Mapping[str, Any]) -> pa.Table:
    """What is to be expected of each history; no row where the model was not fitted."""
    parameters = {
        row["parameter"]: row["value"]
        for row in inputs["stg_derived__purchase_models"].to_pylist()
        if row["model"] == RATE and row["parameter"] != NOT_FITTED
    }
    counts = inputs["int_retention__history_counts"]
    if not parameters:
        return PREDICTIONS.empty_table()
    model = PurchaseRate(**parameters)
    history = (
        _column(counts, "frequency"),
        _column(counts, "recency_days"),
        _column(counts, "age_days"),
    )
    expected = model.expected_purchases(*history, float(variables["prediction_horizon_days"]))
    return pa.table(
        {
            "frequency": counts["frequency"],
            "recency_days": counts["recency_days"],
            "age_days": counts["age_days"],
            "probability_alive": model.alive(*history),
            # Rounding may leave a billionth below nothing.
            "expected_purchases": np.maximum(expected, 0),
        },
        schema=PREDICTIONS,
    )


def _rows(model: str, fit: Callable[[], PurchaseRate | PurchaseValue]) -> list[dict[str, Any]]:
    try:
        fitted = fit()
    except FitError as reason:
        return [{"model": model, "parameter": NOT_FITTED, "value": None, "note": str(reason)}]
    return [
        {"model": model, "parameter": name, "value": value, "note": None}
        for name, value in asdict(fitted).items()
    ]


def _purchase_rate(counts: pa.Table, variables: Mapping[str, Any]) -> PurchaseRate:
    frequency, age = _column(counts, "frequency"), _column(counts, "age_days")
    customers = _column(counts, "customers")
    _enough(int(customers[frequency > 0].sum()), variables)
    horizon = int(variables["prediction_horizon_days"])
    if age.max(initial=0) < horizon:
        raise FitError(
            f"sales are known for {age.max(initial=0):.0f} days, less than the {horizon} foretold"
        )
    recency = _column(counts, "recency_days")
    model = fit_purchase_rate(frequency, recency, age, customers)
    # Of customers who hardly differ, the formula multiplies nothing by more than a double holds.
    if not np.isfinite(model.expected_purchases(frequency, recency, age, float(horizon))).all():
        raise FitError(TOO_MUCH_ALIKE)
    return model


def _purchase_value(values: pa.Table, variables: Mapping[str, Any]) -> PurchaseValue:
    _enough(values.num_rows, variables)
    return fit_purchase_value(_column(values, "frequency"), _column(values, "mean_value"))


def _enough(repeat_customers: int, variables: Mapping[str, Any]) -> None:
    needed = int(variables["prediction_min_repeat_customers"])
    if repeat_customers < needed:
        raise FitError(f"{repeat_customers} customers bought again, {needed} are needed")


def _column(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].to_numpy(), dtype=np.float64)
