"""How often customers without a contract will buy, and what a purchase of theirs is worth.

BG/NBD: Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24 (2005).
Gamma-gamma: Fader, Hardie and Lee, RFM and CLV, Journal of Marketing Research 42 (2005).

A history is three numbers: `frequency`, how often somebody bought again; `recency`, the time from
the first purchase to the last; `age`, the time from the first purchase to now. Times are in one
unit, whichever.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

Floats = npt.NDArray[np.float64]

# Beyond e to this power a parameter has no meaning any more: the data do not determine it.
LARGEST_LOG = 12.0
TOO_MUCH_ALIKE = "the purchases are too much alike to tell customers apart"


class FitError(ValueError):
    """The data do not determine the model; the message says why, for a reader of figures."""


@dataclass(frozen=True)
class PurchaseRate:
    """The BG/NBD model: gamma-distributed rates of buying, beta-distributed chances to leave."""

    r: float
    alpha: float
    a: float
    b: float

    def log_likelihood(self, frequency: Floats, recency: Floats, age: Floats) -> Floats:
        """Of each history; equation 6 of the paper, with the common factor taken out."""
        x, t_x, t = frequency, recency, age
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stayed = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + t)
        again = np.maximum(x, 1)
        left = betaln(a + 1, b + again - 1) - betaln(a, b) - (r + x) * np.log(alpha + t_x)
        return np.asarray(common + np.where(x > 0, np.logaddexp(stayed, left), stayed))

    def alive(self, frequency: Floats, recency: Floats, age: Floats) -> Floats:
        """The probability that a customer with each history has not left."""
        return np.asarray(1 / (1 + self._odds_of_having_left(frequency, recency, age)))

    def expected_purchases(
        self, frequency: Floats, recency: Floats, age: Floats, horizon: float
    ) -> Floats:
        """Purchases in the next `horizon` units of time; equation 10 of the paper."""
        x, t = frequency, age
        # The formula has a removable gap at a = 1.
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6
        total = self.alpha + t + horizon
        still = ((self.alpha + t) / total) ** (self.r + x) * hyp2f1(
            self.r + x, self.b + x, a + self.b + x - 1, horizon / total
        )
        if_alive = (a + self.b + x - 1) / (a - 1) * (1 - still)
        return np.asarray(if_alive * self.alive(frequency, recency, age))

    def _odds_of_having_left(self, frequency: Floats, recency: Floats, age: Floats) -> Floats:
        again = np.maximum(frequency, 1)
        log_odds = (
            np.log(self.a)
            - np.log(self.b + again - 1)
            + (self.r + frequency) * (np.log(self.alpha + age) - np.log(self.alpha + recency))
        )
        return np.where(frequency > 0, np.exp(np.minimum(log_odds, 700)), 0)


@dataclass(frozen=True)
class PurchaseValue:
    """The gamma-gamma model: each purchase varies about a customer's mean, the means vary too."""

    p: float
    q: float
    v: float

    def log_likelihood(self, frequency: Floats, mean_value: Floats) -> Floats:
        """Of each customer's mean over `frequency` purchases; both above 0."""
        p, q, v = self.p, self.q, self.v
        x, m = frequency, mean_value
        return np.asarray(
            -betaln(p * x, q)
            + q * np.log(v)
            + (p * x - 1) * np.log(m)
            + p * x * np.log(x)
            - (p * x + q) * np.log(x * m + v)
        )


def fit_purchase_rate(
    frequency: Floats, recency: Floats, age: Floats, customers: Floats
) -> PurchaseRate:
    """The most likely model of histories that `customers` customers each have.

    Raises `FitError` where nobody bought again, or the data leave a parameter open.
    """
    if not (frequency > 0).any():
        raise FitError("no customer bought again")
    # In units of the longest age all parameters are of one order.
    unit = float(age.max())

    def unlikelihood(logs: Floats) -> float:
        model = PurchaseRate(*np.exp(logs))
        each = model.log_likelihood(frequency, recency / unit, age / unit)
        return -float(customers @ each) / float(customers.sum())

    r, alpha, a, b = _most_likely(unlikelihood, [0.0, 0.0, 0.0, 0.0])
    return PurchaseRate(r, alpha * unit, a, b)


def fit_purchase_value(frequency: Floats, mean_value: Floats) -> PurchaseValue:
    """The most likely model of customers' mean values over their repeat purchases, all above 0.

    Raises `FitError` where there are none, or the data leave a parameter open.
    """
    if not len(frequency):
        raise FitError("no repeat purchase has a known value")
    unit = float(mean_value.mean())

    def unlikelihood(logs: Floats) -> float:
        model = PurchaseValue(*np.exp(logs))
        return -float(model.log_likelihood(frequency, mean_value / unit).mean())

    # Where each customer's purchases are alike, as monthly ones of one amount are, the likelihood
    # grows with p, and p * v, which all means rest on, stays.
    p, q, v = _most_likely(
        unlikelihood, [1.0, 1.0, 1.0], ends=[(True, False), (True, True), (False, True)]
    )
    if q <= 1:
        raise FitError("the values of purchases vary so widely that they have no mean")
    return PurchaseValue(p, q, v * unit)


def _most_likely(
    unlikelihood: Callable[[Floats], float],
    start: list[float],
    ends: list[tuple[bool, bool]] | None = None,
) -> list[float]:
    """The parameters, above 0, that make the data most likely.

    `ends` says at which of its two bounds, the lower and the upper one, a parameter has no meaning;
    without it, at both.
    """
    found: Any = minimize(
        unlikelihood,
        np.array(start),
        method="L-BFGS-B",
        bounds=[(-LARGEST_LOG, LARGEST_LOG)] * len(start),
        options={"ftol": 1e-13, "gtol": 1e-8, "maxiter": 500},
    )
    for log, (is_least, is_most) in zip(found.x, ends or [(True, True)] * len(start), strict=True):
        if (is_least and log < 0.01 - LARGEST_LOG) or (is_most and log > LARGEST_LOG - 0.01):
            raise FitError(TOO_MUCH_ALIKE)
    return [float(value) for value in np.exp(found.x)]
