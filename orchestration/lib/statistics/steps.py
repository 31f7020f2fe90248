"""The driver steps of this package: Arrow tables in, the estimates as an Arrow table out."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from orchestration.lib.statistics.budget import Limits, Weeks, proposals
from orchestration.lib.statistics.markov import CONVERTED, Transition, channel_effects

# Every interval that is published covers this share.
LEVEL = 0.9
SEED = 20_160_901


def markov_effects(inputs: Mapping[str, pa.Table], variables: Mapping[str, Any]) -> pa.Table:
    """Removal effects by month and channel, from the counted steps of journeys."""
    draws = variables["markov_draws"]
    months: dict[date, dict[Transition, int]] = {}
    for row in inputs["int_attribution__transitions"].to_pylist():
        last = (row["before_2"], row["before_1"], row["channel"])
        state = tuple(channel for channel in last if channel is not None)
        months.setdefault(row["period_start"], {})[state, row["next_step"]] = row["transitions"]
    rows = []
    for month, counts in sorted(months.items()):
        touches: dict[str, int] = {}
        for (state, _), count in counts.items():
            if state:
                touches[state[-1]] = touches.get(state[-1], 0) + count
        paths = sum(count for (state, _), count in counts.items() if not state)
        converting = sum(count for (_, step), count in counts.items() if step == CONVERTED)
        for effect in channel_effects(counts, variables["markov_order"], draws, LEVEL, SEED):
            rows.append(
                {
                    "period_start": month,
                    "channel": effect.channel,
                    "removal_effect": effect.removal_effect,
                    # Without draws the bounds are the estimate: nothing is known of its certainty.
                    "removal_effect_lower": effect.lower if draws else None,
                    "removal_effect_upper": effect.upper if draws else None,
                    "weight": effect.weight,
                    "weight_units": effect.weight_units,
                    "touches": touches[effect.channel],
                    "paths": paths,
                    "converting_paths": converting,
                }
            )
    return pa.Table.from_pylist(rows, schema=MARKOV_EFFECTS)


MARKOV_EFFECTS = pa.schema(
    [
        ("period_start", pa.date32()),
        ("channel", pa.string()),
        ("removal_effect", pa.float64()),
        ("removal_effect_lower", pa.float64()),
        ("removal_effect_upper", pa.float64()),
        ("weight", pa.float64()),
        ("weight_units", pa.int64()),
        ("touches", pa.int64()),
        ("paths", pa.int64()),
        ("converting_paths", pa.int64()),
    ]
)


def budget_proposals(inputs: Mapping[str, pa.Table], variables: Mapping[str, Any]) -> pa.Table:
    """Response curves read at today's spend, and the split of the budget that they propose."""
    outcomes = sorted(
        inputs["int_budget__outcome_weeks"].to_pylist(), key=lambda row: row["week_start"]
    )
    number = {row["week_start"]: position for position, row in enumerate(outcomes)}
    spend: dict[str, list[Decimal]] = {}
    attributed: dict[str, list[float]] = {}
    for row in inputs["int_budget__channel_weeks"].to_pylist():
        position = number[row["week_start"]]
        spend.setdefault(row["channel"], [Decimal(0)] * len(number))[position] = row["spend"]
        attributed.setdefault(row["channel"], [0.0] * len(number))[position] = float(
            row["attributed_revenue"]
        )
    limits = Limits(
        min_weeks=variables["budget_min_weeks"],
        reference_weeks=variables["budget_reference_weeks"],
        min_variation=variables["budget_min_variation"],
        max_change=variables["budget_max_change"],
        draws=variables["budget_draws"],
        level=LEVEL,
        seed=SEED,
        paid_per_sale=variables["budget_paid_per_sale"],
    )
    weeks = Weeks(
        spend=spend,
        attributed=attributed,
        total=[float(row["revenue"]) for row in outcomes],
        controls=[[float(row[name] or 0) for row in outcomes] for name in CONTROLS],
        is_web_known=[not row["web_days_lost"] for row in outcomes],
    )
    reference = outcomes[-limits.reference_weeks :]
    rows = [
        {
            "basis": one.basis,
            "channel": one.channel,
            "status": one.status,
            "reason": one.reason or None,
            "weeks": len(weeks.known(one.basis)),
            "first_week": reference[0]["week_start"],
            "last_week": reference[-1]["week_start"],
            "spend": one.spend,
            "proposed_spend": one.proposed_spend,
            **_three("marginal_return", one.marginal_return),
            "expected_revenue": one.response,
            **_three("expected_revenue_change", one.expected_change),
            **_three("total_revenue_change", one.total_change),
            "holdout_error": one.holdout_error,
            "last_year_error": one.last_year_error,
        }
        for one in proposals(weeks, limits)
    ]
    return pa.Table.from_pylist(rows, schema=BUDGET_PROPOSALS)


def _three(name: str, values: tuple[float, float, float] | None) -> dict[str, float | None]:
    """An estimate and its bounds as columns."""
    estimate, lower, upper = values or (None, None, None)
    return {name: estimate, f"{name}_lower": lower, f"{name}_upper": upper}


CONTROLS = ("holidays", "discount_rate")

BUDGET_PROPOSALS = pa.schema(
    [
        ("basis", pa.string()),
        ("channel", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("weeks", pa.int64()),
        ("first_week", pa.date32()),
        ("last_week", pa.date32()),
        ("spend", pa.decimal128(18, 4)),
        ("proposed_spend", pa.decimal128(18, 4)),
        ("marginal_return", pa.float64()),
        ("marginal_return_lower", pa.float64()),
        ("marginal_return_upper", pa.float64()),
        ("expected_revenue", pa.float64()),
        ("expected_revenue_change", pa.float64()),
        ("expected_revenue_change_lower", pa.float64()),
        ("expected_revenue_change_upper", pa.float64()),
        ("total_revenue_change", pa.float64()),
        ("total_revenue_change_lower", pa.float64()),
        ("total_revenue_change_upper", pa.float64()),
        ("holdout_error", pa.float64()),
        ("last_year_error", pa.float64()),
    ]
)
