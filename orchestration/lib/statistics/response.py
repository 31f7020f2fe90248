"""What a channel's spend brings: saturating response curves over weekly spend and outcome.

The outcome of a week is a base, a trend, the seasons, controls, and for each channel

    strength * stock / (stock + half),    stock = geometric adstock of the channel's spend

which is the Hill curve with exponent 1: each further unit brings less than the one before, so that
a best split of a budget exists and is found exactly. Adstock and Hill curve as in Jin, Wang, Sun,
Chan, Koehler (2017), Bayesian methods for media mix modeling with carryover and shape effects.

Fitted by least squares: carry-over and half-saturation are chosen from a grid, the strength is
never negative, everything else is free. Intervals come from a residual bootstrap of whole blocks of
weeks (Kuensch 1989, The jackknife and the bootstrap for general stationary observations), which
repeats the choice from the grid. Nothing is drawn without a seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

WEEKS_A_YEAR = 52

# Shares of the stock that stay from week to week, and half-saturation in mean stocks.
_CARRY_OVERS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75)
_HALVES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
# Weeks that are drawn together: errors of neighbouring weeks are alike.
_BLOCK = 4
_SWEEPS = 200


@dataclass(frozen=True)
class Panel:
    """Weeks without gaps, of one or several regions.

    `spend` is channels x regions x weeks, `outcome` regions x weeks, `controls` any number x
    regions x weeks. Spend and outcome are amounts, in whatever unit. `known` says of which weeks
    the outcome is known, by default of all: to the others no curve is fitted.
    """

    spend: Floats
    outcome: Floats
    controls: Floats
    known: Bools | None = None

    @property
    def weeks(self) -> int:
        """Length of the series."""
        return int(self.outcome.shape[1])

    @property
    def is_known(self) -> Bools:
        """Whether the outcome is known, week by week."""
        return np.ones(self.weeks, dtype=bool) if self.known is None else self.known

    def until(self, week: int) -> "Panel":
        """The panel's first weeks."""
        return Panel(
            self.spend[..., :week],
            self.outcome[:, :week],
            self.controls[..., :week],
            self.is_known[:week],
        )


@dataclass(frozen=True)
class Curves:
    """Fitted curves: the estimate first, then the bootstrap draws, along the first axis of each.

    `stock` is each channel's adstock over the weeks of reference, in spend per unit of a region's
    size; `size` are the regions' sizes, week by week; `spend` is what was spent in these weeks.
    """

    strength: Floats  # draws x channels
    half: Floats  # draws x channels
    stock: Floats  # draws x channels x (regions x weeks of reference)
    size: Floats  # channels x (regions x weeks of reference)
    spend: Floats  # channels

    def response(self, factor: Floats) -> Floats:
        """Outcome of the weeks of reference, had all spend been `factor` times as high.

        One factor a channel; draws x channels.
        """
        stock = self.stock * factor[None, :, None]
        curve = stock / (stock + self.half[..., None])
        response: Floats = self.strength * (curve * self.size).sum(axis=-1)
        return response

    def marginal_return(self, factor: Floats) -> Floats:
        """Outcome per further unit of spend at that factor (draws x channels)."""
        stock = self.stock * factor[None, :, None]
        slope = self.stock * self.half[..., None] / (stock + self.half[..., None]) ** 2
        per_factor = self.strength * (slope * self.size).sum(axis=-1)
        marginal: Floats = np.divide(
            per_factor, self.spend, out=np.zeros_like(per_factor), where=self.spend > 0
        )
        return marginal

    @property
    def estimate(self) -> "Curves":
        """The estimate alone."""
        return Curves(self.strength[:1], self.half[:1], self.stock[:1], self.size, self.spend)

    @staticmethod
    def joined(parts: Sequence["Curves"]) -> "Curves":
        """Curves of the same weeks and number of draws side by side."""
        return Curves(
            strength=np.concatenate([one.strength for one in parts], axis=1),
            half=np.concatenate([one.half for one in parts], axis=1),
            stock=np.concatenate([one.stock for one in parts], axis=1),
            size=np.concatenate([one.size for one in parts]),
            spend=np.concatenate([one.spend for one in parts]),
        )

    def of(self, channels: Ints) -> "Curves":
        """Some of the channels, by their positions."""
        return Curves(
            self.strength[:, channels],
            self.half[:, channels],
            self.stock[:, channels],
            self.size[channels],
            self.spend[channels],
        )


def adstock(spend: Floats, carry_over: float) -> Floats:
    """Geometric adstock along the last axis, scaled so that constant spend is its own stock.

    The first week's spend is taken as that of the weeks before it.
    """
    before = spend[..., :1] * carry_over
    stock: Floats = lfilter([1 - carry_over], [1, -carry_over], spend, axis=-1, zi=before)[0]
    return stock


def fit(panel: Panel, reference: int, draws: int, seed: int) -> Curves:
    """Curves of every channel jointly, read over the last `reference` weeks.

    The caller sees to it that there are more weeks than unknowns and that each channel's spend
    varies. Deterministic for a seed.
    """
    design = _Design(panel)
    rng = np.random.default_rng(seed)
    choice, strength = design.search(design.target[:, None])
    residuals = design.target - design.explained(choice, strength)[:, 0]
    drawn = design.explained(choice, strength) + design.resampled(residuals, draws, rng)
    draw_choice, draw_strength = design.search(drawn)
    choices = np.concatenate([choice, draw_choice], axis=1).T
    strengths = np.concatenate([strength, draw_strength], axis=1).T
    return design.curves(choices, strengths, reference)


def interval(draws: Floats, level: float) -> tuple[Floats, Floats]:
    """Bounds of what is drawn along the first axis, whose first element is the estimate.

    The wider of the percentile and the basic bootstrap interval on either side, with half the tails
    that `level` leaves: the choice from the grid makes the plain ones too narrow. With 0.9 it held
    the truth in 92 to 100 of 100 simulated series, those with lasting errors included.
    """
    estimate, drawn = draws[0], draws[1:]
    tail = (1 - level) / 4
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return (
        np.minimum(np.minimum(low, 2 * estimate - high), estimate),
        np.maximum(np.maximum(high, 2 * estimate - low), estimate),
    )


def holdout_error(panel: Panel, weeks: int) -> float:
    """Mean absolute error of the last `weeks` predicted from those before, over their mean outcome.

    The prediction knows the spend and the controls of the weeks, not their outcome. Not a number
    where nothing came of those weeks.
    """
    known = _Design(panel, fitted_weeks=panel.weeks - weeks)
    choice, strength = known.search(known.target[:, None])
    predicted = known.predicted(choice, strength)[:, -weeks:]
    return _relative_error(predicted, panel, panel.is_known[-weeks:])


def last_year_error(panel: Panel, weeks: int) -> float:
    """The same error of the figures of 52 weeks earlier, taken as they were."""
    first = panel.weeks - weeks - WEEKS_A_YEAR
    earlier = slice(first, first + weeks)
    compared = panel.is_known[-weeks:] & panel.is_known[earlier]
    return _relative_error(panel.outcome[:, earlier], panel, compared)


def _relative_error(predicted: Floats, panel: Panel, compared: Bools) -> float:
    """The error of as many last weeks, over those that can be compared."""
    actual = panel.outcome[:, -len(compared) :].sum(axis=0)[compared]
    if not actual.any():
        return float("nan")
    return float(np.abs(predicted.sum(axis=0)[compared] - actual).sum() / np.abs(actual).sum())


class _Design:
    """The regression of one panel, with what is free already taken out of everything.

    Regions are made comparable by their size, the mean outcome. Taking the free columns out of
    outcome and candidates (Frisch, Waugh, Lovell) leaves a regression on one candidate a channel.
    """

    def __init__(self, panel: Panel, fitted_weeks: int | None = None) -> None:
        self.channels, self.regions, weeks = panel.spend.shape
        self.weeks = weeks
        last = weeks if fitted_weeks is None else fitted_weeks
        is_fitted = panel.is_known & (np.arange(weeks) < last)
        self.fitted = int(is_fitted.sum())
        mean = np.abs(panel.outcome[:, is_fitted]).mean(axis=1)
        self.size = np.where(mean > 0, mean, 1.0)
        self.spend = panel.spend
        relative = panel.spend / self.size[None, :, None]
        stocks = np.stack([adstock(relative, carry) for carry in _CARRY_OVERS], axis=1)
        typical = np.array([one[one > 0].mean() if (one > 0).any() else 1.0 for one in relative])
        self.halves = typical[:, None] * np.array(_HALVES)
        # channels x carry-overs x halves x regions x weeks
        halves = self.halves[:, None, :, None, None]
        self.features = stocks[:, :, None] / (stocks[:, :, None] + halves)
        self.stocks = stocks
        self.candidates = len(_CARRY_OVERS) * len(_HALVES)
        self.free = _free_columns(panel, last, is_fitted)
        self.inside = np.tile(is_fitted, self.regions)
        basis, triangle = np.linalg.qr(self.free[self.inside])
        kept = np.abs(np.diag(triangle)) > 1e-9 * np.abs(triangle).max()
        self.basis = basis[:, kept]
        outcome = (panel.outcome / self.size[:, None]).ravel()[self.inside]
        self.outcome = outcome
        self.target = self._without_free(outcome)
        flat = self.features.reshape(self.channels * self.candidates, -1)[:, self.inside]
        self.columns = self._without_free(flat.T)
        self.gram = self.columns.T @ self.columns

    def _without_free(self, values: Floats) -> Floats:
        left: Floats = values - self.basis @ (self.basis.T @ values)
        return left

    def search(self, targets: Floats) -> tuple[Ints, Floats]:
        """The best candidate and its strength, per channel and target (both channels x targets).

        One channel after another takes what the others leave, until nothing changes.
        """
        products = self.columns.T @ targets
        norms = np.maximum(np.diag(self.gram), 1e-12)
        choice = np.zeros((self.channels, targets.shape[1]), dtype=np.int64)
        strength = np.zeros(choice.shape)
        offsets = np.arange(self.channels) * self.candidates
        for _ in range(_SWEEPS):
            before = strength.copy()
            for channel in range(self.channels):
                own = slice(offsets[channel], offsets[channel] + self.candidates)
                left = products[own].copy()
                for other in range(self.channels):
                    if other != channel:
                        taken = self.gram[own][:, offsets[other] + choice[other]]
                        left -= taken * strength[other]
                left = np.maximum(left, 0)
                best = np.argmax(left**2 / norms[own, None], axis=0)
                choice[channel] = best
                strength[channel] = (left / norms[own, None])[best, np.arange(len(best))]
            if np.abs(strength - before).max(initial=0) <= 1e-7 * strength.max(initial=1e-12):
                break
        return choice, strength

    def explained(self, choice: Ints, strength: Floats) -> Floats:
        """What the channels explain of the target (observations x targets)."""
        offsets = np.arange(self.channels)[:, None] * self.candidates
        explained = np.zeros((len(self.target), choice.shape[1]))
        for channel in range(self.channels):
            explained += self.columns[:, (offsets + choice)[channel]] * strength[channel]
        return explained

    def resampled(self, residuals: Floats, draws: int, rng: np.random.Generator) -> Floats:
        """Residuals in blocks of whole weeks drawn anew, the same weeks for every region.

        They are widened for the unknowns that were fitted to them.
        """
        unknowns = self.basis.shape[1] + 3 * self.channels
        widened = residuals * np.sqrt(len(residuals) / max(1, len(residuals) - unknowns))
        by_week = widened.reshape(self.regions, self.fitted)
        blocks = -(-self.fitted // _BLOCK)
        starts = rng.integers(0, self.fitted, (draws, blocks))
        weeks = (starts[..., None] + np.arange(_BLOCK)) % self.fitted
        chosen = weeks.reshape(draws, blocks * _BLOCK)[:, : self.fitted]
        drawn = by_week[:, chosen].transpose(0, 2, 1).reshape(len(residuals), draws)
        return self._without_free(drawn)

    def predicted(self, choice: Ints, strength: Floats) -> Floats:
        """The outcome of every week, those after the fitted ones included (regions x weeks)."""
        offsets = np.arange(self.channels)[:, None] * self.candidates
        chosen = self.features.reshape(self.channels * self.candidates, -1)[
            (offsets + choice)[:, 0]
        ]
        media = strength[:, 0] @ chosen
        coefficients = np.linalg.lstsq(
            self.free[self.inside], self.outcome - media[self.inside], rcond=None
        )[0]
        relative = (self.free @ coefficients + media).reshape(self.regions, self.weeks)
        predicted: Floats = relative * self.size[:, None]
        return predicted

    def curves(self, choices: Ints, strengths: Floats, reference: int) -> Curves:
        """The chosen candidates (draws x channels) as curves over the last weeks."""
        carry, half = np.divmod(choices, len(_HALVES))
        channel = np.arange(self.channels)[None, :]
        stock = self.stocks[channel, carry][..., -reference:]
        return Curves(
            strength=strengths,
            half=self.halves[channel, half],
            stock=stock.reshape(*choices.shape, -1),
            size=np.tile(np.repeat(self.size, reference), (self.channels, 1)),
            spend=self.spend[..., -reference:].sum(axis=(1, 2)),
        )


def _free_columns(panel: Panel, last: int, is_fitted: Bools) -> Floats:
    """Columns whose coefficients are free, for all weeks: (regions x weeks) x columns.

    A level for each region, a common trend, the controls that vary in the fitted weeks, and one or
    two waves a year where these, which end with `last`, hold a year of each.
    """
    regions, weeks = panel.outcome.shape
    time = np.arange(weeks)
    levels = np.repeat(np.eye(regions), weeks, axis=0)
    common = [(time - last / 2) / last]
    for wave in range(1, 1 + min(2, last // WEEKS_A_YEAR)):
        angle = 2 * np.pi * wave * time / (WEEKS_A_YEAR + 1.25 / 7)
        common += [np.sin(angle), np.cos(angle)]
    shared = np.tile(np.stack(common, axis=1), (regions, 1))
    controls = panel.controls.reshape(len(panel.controls), regions * weeks).T
    # One that is the same in all fitted weeks is a level once more: what it would do is not known.
    moves = (np.ptp(panel.controls[..., is_fitted], axis=(1, 2)) > 0).nonzero()[0]
    moving = (controls - controls.mean(axis=0))[:, moves] / controls.std(axis=0)[moves]
    return np.hstack([levels, shared, moving])


@dataclass(frozen=True)
class Bounds:
    """The least and the most a channel may get, as factors of what it has."""

    lower: Floats
    upper: Floats


def best_factors(curves: Curves, bounds: Bounds) -> Floats:
    """Factors of spend (channels) with the highest estimated outcome at the same total.

    At the best split each channel that is free to move returns the same for a further unit. The
    curves are concave: bisection finds that return. Where no channel has a response, all stays.
    """
    spend = curves.spend
    total = spend.sum()
    estimate = curves.estimate
    highest = float(estimate.marginal_return(bounds.lower)[0].max())
    if highest <= 0:
        return np.ones(len(spend))
    dear, cheap = 0.0, highest * 1.01
    for _ in range(60):
        price = (dear + cheap) / 2
        if (_demand(estimate, bounds, price) * spend).sum() > total:
            dear = price
        else:
            cheap = price
    most, least = (_demand(estimate, bounds, price) for price in (dear, cheap))
    room = ((most - least) * spend).sum()
    missing = total - (least * spend).sum()
    share = missing / room if room > 0 else 0.0
    factors: Floats = np.clip(least + (most - least) * share, bounds.lower, bounds.upper)
    return factors


def _demand(curves: Curves, bounds: Bounds, price: float) -> Floats:
    """The factor at which each channel returns just the price for a further unit."""
    low, high = bounds.lower.copy(), bounds.upper.copy()
    wants_more = curves.marginal_return(high)[0] >= price
    for _ in range(40):
        middle = (low + high) / 2
        worth = curves.marginal_return(middle)[0] >= price
        low, high = np.where(worth, middle, low), np.where(worth, high, middle)
    return np.where(wants_more, bounds.upper, low)


def whole_changes(spend: Sequence[int], factors: Floats, bounds: Bounds) -> list[int]:
    """Changes of spend in whole units that add up to exactly 0 and stay within the bounds.

    Rounded down first; what is missing then goes to the largest remainders that have room.
    """
    wanted = [one * (factor - 1) for one, factor in zip(spend, factors, strict=True)]
    most = [int(one * (upper - 1) + 1e-6) for one, upper in zip(spend, bounds.upper, strict=True)]
    least = [-int(one * (1 - lower) + 1e-6) for one, lower in zip(spend, bounds.lower, strict=True)]
    changes = [
        min(max(int(np.floor(want)), low), high)
        for want, low, high in zip(wanted, least, most, strict=True)
    ]
    while (missing := -sum(changes)) != 0:
        step = 1 if missing > 0 else -1
        room = {
            position: most[position] - change if missing > 0 else change - least[position]
            for position, change in enumerate(changes)
        }
        open_ones = [position for position, free in room.items() if free > 0]
        open_ones.sort(key=lambda position: step * (changes[position] - wanted[position]))
        each = max(1, abs(missing) // len(open_ones))
        for position in open_ones[: abs(missing)]:
            changes[position] += step * min(each, room[position])
    return changes
