"""Where a further unit of spend brings most, and a split of the same budget that follows from it.

Two answers side by side, each with its own curves: `attributed` fits the revenue that touches of a
channel earned, `total` the revenue of all conversions, which also sees what no touch shows and is
harder to tell from chance. A channel is refused, with a reason, where the data cannot answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from orchestration.lib.statistics import response
from orchestration.lib.statistics.response import Bounds, Curves, Floats, Panel

PROPOSED = "proposed"
NO_EVIDENCE = "no_evidence"
NOT_ENOUGH_DATA = "not_enough_data"

CENT = Decimal("0.01")
_FOLLOWS_SALES = "It is paid per sale (budget_paid_per_sale): its spend follows what it sells."
_NOTHING_CREDITED = "No touch of the channel has ever earned anything: no curve can be seen."
# Weeks for each channel of a fit, below which the fit would follow chance.
_WEEKS_A_CHANNEL = 8


@dataclass(frozen=True)
class Limits:
    """The company's tunables: vars `budget_*` of dbt_project.yml; `level` is that of intervals."""

    min_weeks: int
    reference_weeks: int
    min_variation: float
    max_change: float
    draws: int
    level: float
    seed: int
    paid_per_sale: Sequence[str] = ()


@dataclass(frozen=True)
class Weeks:
    """Complete weeks without gaps; every series has one value a week, controls one list each.

    `attributed` is known where `is_web_known`: without visits nothing can be attributed.
    """

    spend: Mapping[str, Sequence[Decimal]]
    attributed: Mapping[str, Sequence[float]]
    total: Sequence[float]
    controls: Sequence[Sequence[float]]
    is_web_known: Sequence[bool]

    def known(self, basis: str) -> list[int]:
        """The positions of the weeks that curves of that basis are fitted to."""
        every = range(len(self.total))
        return [week for week in every if basis == "total" or self.is_web_known[week]]


@dataclass(frozen=True)
class Proposal:
    """One channel on one basis; amounts over the weeks of reference, null where not known.

    `marginal_return` is revenue per further unit of spend. Every bound is that of an interval.
    `total_change` is the expected change of all channels together, the same in each.
    `holdout_error` and `last_year_error` are mean absolute errors over the last weeks, relative to
    their mean revenue: of the fit without those weeks, and of the weeks a year before.
    """

    basis: str
    channel: str
    status: str
    reason: str
    spend: Decimal
    proposed_spend: Decimal
    marginal_return: tuple[float, float, float] | None = None
    response: float | None = None
    expected_change: tuple[float, float, float] | None = None
    total_change: tuple[float, float, float] | None = None
    holdout_error: float | None = None
    last_year_error: float | None = None


def proposals(weeks: Weeks, limits: Limits) -> list[Proposal]:
    """Both bases' proposals, by basis and channel; none for a channel that never spent."""
    channels = sorted(name for name, series in weeks.spend.items() if any(series))
    return [
        *_on_basis("attributed", channels, weeks, limits),
        *_on_basis("total", channels, weeks, limits),
    ]


def _on_basis(basis: str, channels: Sequence[str], weeks: Weeks, limits: Limits) -> list[Proposal]:
    spent = [sum(weeks.spend[name][-limits.reference_weeks :], Decimal(0)) for name in channels]
    known = weeks.known(basis)
    total = [weeks.total[week] for week in known]
    unfit = {
        name: _FOLLOWS_SALES
        if name in limits.paid_per_sale
        else _why_not_fitted([weeks.spend[name][week] for week in known], total, limits)
        for name in channels
    }
    # That nothing is seen of a channel is no proof that it returns nothing.
    unseen = {
        name
        for name in channels
        if basis == "attributed" and not any(weeks.attributed[name][week] for week in known)
    }
    reasons = {
        name: unfit[name]
        or _why_not_read(weeks.spend[name], limits)
        or (_NOTHING_CREDITED if name in unseen else "")
        for name in channels
    }
    usable = [name for name in channels if not reasons[name]]
    # Revenue that a channel brought before its spend ended would be ascribed to the others.
    fitted = [name for name in channels if not unfit[name]] if basis == "total" else usable
    if basis == "total" and usable and len(weeks.total) < _WEEKS_A_CHANNEL * len(fitted):
        needed = _WEEKS_A_CHANNEL * len(fitted)
        for name in usable:
            reasons[name] = (
                f"{len(weeks.total)} complete weeks for {len(fitted)} channels at once;"
                f" {needed} are needed."
            )
        usable = []
    rows = {
        name: Proposal(basis, name, NOT_ENOUGH_DATA, reasons[name], amount, amount)
        for name, amount in zip(channels, spent, strict=True)
    }
    if not usable:
        return list(rows.values())
    panels = _panels(basis, fitted, weeks)
    tested = [_tested(panel, limits) for panel in panels]
    curves = Curves.joined(
        [response.fit(panel, limits.reference_weeks, limits.draws, limits.seed) for panel in panels]
    ).of(np.array([fitted.index(name) for name in usable]))
    if basis == "total":
        tested = tested * len(usable)
    now = np.ones(len(usable))
    estimate, (low, high) = (
        curves.marginal_return(now),
        response.interval(curves.marginal_return(now), limits.level),
    )
    responses = curves.response(now)[0]
    for position, name in enumerate(usable):
        status, reason = _verdict(tested[position], low[position])
        rows[name] = replace(
            rows[name],
            status=status,
            reason=reason,
            holdout_error=_known(tested[position][0]),
            last_year_error=_known(tested[position][1]),
        )
        if status != NOT_ENOUGH_DATA:
            rows[name] = replace(
                rows[name],
                marginal_return=(
                    float(estimate[0, position]),
                    max(0.0, float(low[position])),
                    float(high[position]),
                ),
                response=float(responses[position]),
            )
    movable = [i for i, name in enumerate(usable) if rows[name].status == PROPOSED]
    _propose(rows, [usable[i] for i in movable], curves.of(np.array(movable, dtype=int)), limits)
    return list(rows.values())


def _why_not_fitted(spend: Sequence[Decimal], total: Sequence[float], limits: Limits) -> str:
    """Why no curve can be fitted to that spend; empty where one can."""
    # A company without a shop and deals has weeks of spend, and zeros of which no one told.
    if not any(total):
        return f"No sales in {len(spend)} complete weeks of spend."
    needed = max(limits.min_weeks, _WEEKS_A_CHANNEL)
    if len(spend) < needed:
        return f"{len(spend)} complete weeks of spend and sales; {needed} are needed."
    active = sum(1 for one in spend if one > 0)
    if active < limits.min_weeks / 4:
        return f"Spend in {active} weeks only; {-(-limits.min_weeks // 4)} are needed."
    amounts = np.array([float(one) for one in spend])
    variation = amounts.std() / amounts.mean()
    if variation < limits.min_variation:
        return (
            f"Weekly spend hardly varies: by {variation:.0%} of its mean,"
            f" {limits.min_variation:.0%} are needed."
        )
    return ""


def _why_not_read(spend: Sequence[Decimal], limits: Limits) -> str:
    """Why a fitted curve says nothing of today's spend; empty where it does."""
    if not any(spend[-limits.reference_weeks :]):
        return f"Nothing was spent in the last {limits.reference_weeks} weeks."
    return ""


def _panels(basis: str, channels: Sequence[str], weeks: Weeks) -> list[Panel]:
    """One panel for all channels, or one for each that has an outcome of its own."""
    spend = np.array([[[float(one) for one in weeks.spend[name]]] for name in channels])
    controls = np.array([[series] for series in weeks.controls], dtype=np.float64)
    controls = controls.reshape(len(weeks.controls), 1, len(weeks.total))
    if basis == "total":
        return [Panel(spend, np.array([weeks.total], dtype=np.float64), controls)]
    is_known = np.array(weeks.is_web_known, dtype=bool)
    return [
        Panel(
            spend[i : i + 1],
            np.array([weeks.attributed[name]], dtype=np.float64),
            controls[:0],
            is_known,
        )
        for i, name in enumerate(channels)
    ]


def _tested(panel: Panel, limits: Limits) -> tuple[float, float]:
    """Errors of the fit and of last year's figures; not a number without a year before."""
    if panel.weeks < response.WEEKS_A_YEAR + limits.reference_weeks:
        return float("nan"), float("nan")
    return (
        response.holdout_error(panel, limits.reference_weeks),
        response.last_year_error(panel, limits.reference_weeks),
    )


def _verdict(tested: tuple[float, float], lower: float) -> tuple[str, str]:
    error, naive = tested
    if error > naive:
        return NOT_ENOUGH_DATA, (
            f"The curve misses the last weeks by {error:.0%}, last year's figures by {naive:.0%}."
        )
    if lower <= 0:
        return NO_EVIDENCE, "The revenue could be the same without the spend."
    return PROPOSED, ""


def _propose(
    rows: dict[str, Proposal], names: Sequence[str], curves: Curves, limits: Limits
) -> None:
    """Fills in the best split among these channels; what the others have stays with them."""
    if not names:
        return
    change = np.full(len(names), limits.max_change)
    bounds = Bounds(1 - change, 1 + change)
    cents = [int(rows[name].spend / CENT) for name in names]
    moved = response.whole_changes(cents, response.best_factors(curves, bounds), bounds)
    spend = np.array([float(rows[name].spend) for name in names])
    factors = 1 + np.array(moved) / 100 / spend
    changes = curves.response(factors) - curves.response(np.ones(len(names)))
    each = _with_interval(changes, limits)
    (total,) = _with_interval(changes.sum(axis=1, keepdims=True), limits)
    for name, cent, expected in zip(names, moved, each, strict=True):
        rows[name] = replace(
            rows[name],
            proposed_spend=rows[name].spend + cent * CENT,
            expected_change=expected,
            reason="" if len(names) > 1 else "No other channel to shift spend from or to.",
        )
    for name, row in list(rows.items()):
        rows[name] = replace(row, total_change=total)


def _with_interval(draws: Floats, limits: Limits) -> list[tuple[float, float, float]]:
    low, high = response.interval(draws, limits.level)
    return [
        (float(one), float(lower), float(upper))
        for one, lower, upper in zip(draws[0], low, high, strict=True)
    ]


def _known(number: float) -> float | None:
    return None if np.isnan(number) else number
