"""The driver step of corrective actions: weekly figures in, one row per judged action out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from orchestration.lib.statistics.action_effects import WEEKS_A_YEAR, Weeks, effect

EFFECTS = pa.schema(
    [
        ("action_id", pa.string()),
        ("method", pa.string()),
        ("weeks", pa.int64()),
        ("before_value", pa.float64()),
        ("after_value", pa.float64()),
        ("control_before_value", pa.float64()),
        ("control_after_value", pa.float64()),
        ("effect", pa.float64()),
        ("effect_lower", pa.float64()),
        ("effect_upper", pa.float64()),
        ("absolute_effect", pa.float64()),
        ("pre_trend", pa.float64()),
        ("has_other_trend", pa.bool_()),
        ("adjusted_effect", pa.float64()),
        ("adjusted_lower", pa.float64()),
        ("adjusted_upper", pa.float64()),
        ("sample", pa.int64()),
    ]
)
SEGMENT, CONTROL = "segment", "control"


def action_effects(inputs: Mapping[str, pa.Table], variables: Mapping[str, Any]) -> pa.Table:
    """Effects of the actions that have whole weeks enough before and after their first day."""
    actions: dict[str, dict[str, dict[int, Mapping[str, Any]]]] = {}
    for row in inputs["int_kpi__action_weeks"].to_pylist():
        sides = actions.setdefault(row["action_id"], {})
        sides.setdefault(row["side"], {})[row["week_number"]] = row
    least, most = int(variables["action_min_weeks"]), int(variables["action_max_weeks"])
    rows = []
    for action_id, sides in sorted(actions.items()):
        window = _window(sides[SEGMENT], most)
        if window >= least:
            rows += _row(action_id, sides, window)
    return pa.Table.from_pylist(rows, schema=EFFECTS)


def _window(weeks: Mapping[int, Any], most: int) -> int:
    """The whole weeks that lie without a gap on both sides of the first day."""
    for window in range(most):
        if window not in weeks or -window - 1 not in weeks:
            return window
    return most


def _row(
    action_id: str, sides: Mapping[str, Mapping[int, Mapping[str, Any]]], window: int
) -> list[dict[str, Any]]:
    own = sides[SEGMENT]
    segment, control = _weeks(own, window, 0), None
    last_year = None
    if CONTROL in sides:
        control = _weeks(sides[CONTROL], window, 0)
    elif all(week - WEEKS_A_YEAR in own for week in range(-window, window)):
        last_year = _weeks(own, window, -WEEKS_A_YEAR)
    found = effect(segment, control, last_year)
    if found is None:
        return []
    scale = float(own[0]["scale"])
    before, after = (segment.value(after=late) * scale for late in (False, True))
    return [
        {
            "action_id": action_id,
            "method": found.method,
            "weeks": window,
            "before_value": before,
            "after_value": after,
            "control_before_value": control.value(after=False) * scale if control else None,
            "control_after_value": control.value(after=True) * scale if control else None,
            "effect": found.found.effect,
            "effect_lower": found.found.lower,
            "effect_upper": found.found.upper,
            # After less what it would have been.
            "absolute_effect": (
                after - after / (1 + found.found.effect)
                if found.in_logarithms
                else found.found.effect * abs(before)
            ),
            "pre_trend": found.pre_trend,
            "has_other_trend": found.has_other_trend,
            "adjusted_effect": found.adjusted.effect if found.adjusted else None,
            "adjusted_lower": found.adjusted.lower if found.adjusted else None,
            "adjusted_upper": found.adjusted.upper if found.adjusted else None,
            "sample": min(
                sum(int(weeks[week]["sample"]) for week in part)
                for weeks in sides.values()
                for part in (range(-window, 0), range(window))
            ),
        }
    ]


def _weeks(weeks: Mapping[int, Mapping[str, Any]], window: int, shift: int) -> Weeks:
    chosen = [weeks[week + shift] for week in range(-window, window)]
    return Weeks(
        amount=np.array([float(one["numerator"]) for one in chosen]),
        base=np.array(
            [1.0 if one["denominator"] is None else float(one["denominator"]) for one in chosen]
        ),
    )
