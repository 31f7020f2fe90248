"""Alerts and follow-ups tried on simulated histories, whose truth is known.

The figures that docs/benchmarks.md states come from here, with more histories than a test has time
for.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from orchestration.lib.statistics.action_effects import Effect, Weeks, effect
from orchestration.lib.statistics.alert_causes import DATA, OVERALL, Daily, Finding, findings
from orchestration.lib.statistics.alert_series import Components, Kpi, daily
from orchestration.lib.statistics.expected_days import LEVEL_DAYS, Limits
from tests.unit.statistics.simulated_company import (
    BUSINESS_CHANGES,
    BUSINESS_FAULTS,
    DATA_FAULTS,
    KPIS,
    PLANTED,
    Company,
    company,
    components,
    plant,
)

HISTORY, JUDGED = 730, 200
FAULTS = (*DATA_FAULTS, *BUSINESS_FAULTS)
MISSED = "missed"
LIMITS = Limits(false_alarms_a_year=0.5, change=0.1, judged_days=JUDGED)
"""As in dbt_project.yml."""


def alerts(made: Company) -> tuple[Daily, list[Finding]]:
    """What is raised in the last `JUDGED` days."""
    found = daily(components(made), KPIS, LIMITS)
    assert found is not None
    return found, findings(found, HISTORY)


def false_alarms(seed: int) -> int:
    """Alerts in 200 days in which nothing happened."""
    return len(alerts(company(seed, HISTORY + JUDGED))[1])


@dataclass(frozen=True)
class Told:
    """What was planted and what was said of it; `surplus` are alerts that answer nothing."""

    said: list[tuple[str, str]]
    classes: list[tuple[bool, bool]]
    surplus: int


def told(seed: int, kinds: tuple[str, ...]) -> Told:
    """Each kind planted once in 200 days, in any order and at least three weeks apart."""
    made = company(seed, HISTORY + JUDGED)
    rng = np.random.default_rng(seed + 1000)
    planted = []
    for position, kind in enumerate(rng.permutation(kinds).tolist()):
        first = HISTORY + 5 + 33 * position + int(rng.integers(0, 7))
        planted.append((kind, first, plant(made, kind, first, rng)))
    _, raised = alerts(made)
    said, classes, answers = [], [], 0
    for kind, first, last in planted:
        hits = [one for one in raised if first <= one.first <= last]
        answers += len(hits)
        said.append((kind, hits[0].cause if hits else MISSED))
        if hits:
            classes.append((kind in DATA_FAULTS, hits[0].cause_class == DATA))
    return Told(said, classes, len(raised) - answers)


def days_until_told(seed: int, kind: str, visits: int) -> int | None:
    """Days from the first of a change that stays to the alert; None where four weeks tell none."""
    made = company(seed, HISTORY + JUDGED, visits)
    changed = HISTORY + 70
    PLANTED[kind](made, slice(changed, None), np.random.default_rng(seed + 1000))
    days = [one.first - changed for one in alerts(made)[1]]
    return min((one for one in days if 0 <= one < LEVEL_DAYS), default=None)


def told_of_rise(seed: int, a_week: float, wave: tuple[int, ...]) -> tuple[bool, int]:
    """Whether a wave of refunds is told within its week, and how many alerts there are beside it.

    Of the wave so many come on each of its days.
    """
    began = HISTORY + 70
    raised = alerts_about_refunds(seed, a_week, dict(enumerate(wave, start=began)))
    hits = [day for day in raised if began <= day < began + 7]
    return bool(hits), len(raised) - len(hits)


def alerts_about_refunds(seed: int, a_week: float, more: Mapping[int, int]) -> list[int]:
    """The first days of alerts in a shop of 25 orders a day.

    Its refunds come as they do (Poisson) and are worth from a few euros to hundreds (gamma); of
    some days there are so many `more`.
    """
    rng = np.random.default_rng(seed)
    counts = rng.poisson(a_week / 7, HISTORY + JUDGED)
    counts[list(more)] += np.array(list(more.values()))
    orders = rng.poisson(25, HISTORY + JUDGED)
    amounts = {"refunded": rng.gamma(2.0 * counts, 40.0), "order_revenue": orders * 80.0}
    records = {"refunded": counts, "order_revenue": orders}
    days = np.datetime64("2023-01-02") + np.arange(HISTORY + JUDGED)
    made = Components(
        now=len(days),
        days=days,
        amounts={(name, OVERALL): one.astype(np.float64) for name, one in amounts.items()},
        records={(name, OVERALL): one.astype(np.float64) for name, one in records.items()},
        raw_tables={"refunded": frozenset({"shop_refunds"}), "order_revenue": frozenset({"o"})},
        holidays={},
        rates={},
        money=frozenset(amounts),
    )
    found = daily(made, [Kpi("refund_rate", "refunded", "order_revenue", 30)], LIMITS)
    assert found is not None
    return [one.first for one in findings(found, HISTORY)]


def confusion(trials: list[Told]) -> list[str]:
    """A table of what was planted against what was said."""
    counts = Counter(pair for trial in trials for pair in trial.said)
    kinds = [kind for kind in (*FAULTS, *BUSINESS_CHANGES) if any(kind == k for k, _ in counts)]
    causes = sorted({cause for _, cause in counts})
    lines = [f"| planted | {' | '.join(causes)} |", "|---" * (len(causes) + 1) + "|"]
    lines += [
        f"| {kind} | {' | '.join(str(counts[kind, cause] or '') for cause in causes)} |"
        for kind in kinds
    ]
    return lines


# --- actions ------------------------------------------------------------------------------------


def lasting(rng: np.random.Generator, count: int, alike: float, size: float) -> np.ndarray:
    """Noise of which each week resembles the one before (autoregressive)."""
    series = np.empty(count)
    series[0] = rng.standard_normal() * size
    for one in range(1, count):
        fresh = rng.standard_normal() * size * np.sqrt(1 - alike**2)
        series[one] = alike * series[one - 1] + fresh
    return series


def action(
    seed: int,
    true: float,
    *,
    window: int = 13,
    visits: int = 2500,
    with_control: bool = True,
    is_ratio: bool = True,
) -> Effect:
    """The estimate of an action with that true effect, on a segment with season, trend and noise.

    Both segments share a season and lasting noise, and have noise of their own. `visits` a week
    convert at 6 %.
    """
    rng = np.random.default_rng(seed)
    week = np.arange(-window, window)
    season = 0.15 * np.sin(2 * np.pi * (week + rng.integers(52)) / 52) if with_control else 0
    shared = (lasting(rng, len(week), 0.6, 0.06) if with_control else 0) + season + 0.002 * week

    def segment(size: float, effect_here: float) -> Weeks:
        own = lasting(rng, len(week), 0.4, 0.03)
        rate = 0.06 * np.exp(shared + own) * np.where(week >= 0, 1 + effect_here, 1)
        if is_ratio:
            base = rng.poisson(size * np.exp(0.1 * np.sin(week / 8)))
            return Weeks(rng.binomial(base, rate).astype(float), base.astype(float))
        orders = np.maximum(rng.poisson(size * rate), 1)
        return Weeks(rng.gamma(2.0 * orders, 40.0), np.ones(len(week)))

    found = effect(
        segment(visits, true), segment(0.7 * visits, 0.0) if with_control else None, None
    )
    assert found is not None
    return found


def shares(effects: list[Effect]) -> tuple[float, float]:
    """How often an action counts as an improvement, and as a worsening, where up is better."""
    improved = [one.found.lower > 0 for one in effects]
    worsened = [one.found.upper < 0 for one in effects]
    return float(np.mean(improved)), float(np.mean(worsened))
