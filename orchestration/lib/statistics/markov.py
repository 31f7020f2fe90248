"""Attribution by removal effects in a Markov chain of channels.

Source: Anderl, Becker, von Wangenheim, Schumann (2016), Mapping the customer journey: Lessons
learned from graph-based online attribution modeling, IJRM 33(3), 457-474. A journey starts, visits
channels and ends converted or lost. The removal effect of a channel is the share of conversions
that would be lost if every visit of it ended the journey:

    removal effect = 1 - P(converted without ever visiting the channel) / P(converted)

It is solved exactly, not simulated. In a chain of order k the state is the last k channels; a
channel is removed with every state that it is part of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

CONVERTED = "(converted)"
LOST = "(lost)"

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
State = tuple[str, ...]
"""The last channels of a journey, oldest first; empty before the first touch."""
Transition = tuple[State, str]
"""A state and what came next: a channel, `CONVERTED` or `LOST`."""

WEIGHT_UNITS = 1_000_000
"""Parts into which weights are cut, so that credit is split by whole numbers."""

# Chains of more states are solved with sparse matrices.
_DENSE_STATES = 400
# What one more step may still add to a probability when it is taken as settled.
_NEGLIGIBLE = 1e-15
# Touches after which a journey that goes round in circles counts as lost.
_LONGEST_JOURNEY = 20_000
# Cells of the matrices that one batch of bootstrap draws may hold (8 bytes each).
_BATCH_CELLS = 4_000_000


@dataclass(frozen=True)
class ChannelEffect:
    """What one channel does in one period.

    `removal_effect` and its bounds lie in 0..1. `weight` is the removal effect's share of the sum
    over the channels: 0 to 1, and 0 for all where nothing converted. `weight_units` is the weight
    in millionths, at least 1 for a channel that is part of a converting journey.
    """

    channel: str
    removal_effect: float
    lower: float
    upper: float
    weight: float
    weight_units: int


@dataclass(frozen=True)
class _Chain:
    """Transition counts as arrays; state 0 is the start, columns past the states are the ends."""

    states: Sequence[State]
    rows: Ints
    columns: Ints
    counts: Ints

    @property
    def size(self) -> int:
        return len(self.states)

    def probabilities(self, counts: Floats) -> Floats:
        """Sets of counts (sets x transitions) as shares of what leaves the same state."""
        leaving = np.zeros((len(counts), self.size))
        for position, row in enumerate(self.rows):
            leaving[:, row] += counts[:, position]
        shares: Floats = counts / leaving[:, self.rows]
        return shares


def channel_effects(
    transitions: Mapping[Transition, int], order: int, draws: int, level: float, seed: int
) -> list[ChannelEffect]:
    """Removal effect, weight and bootstrap interval of every channel, by channel name.

    `transitions` counts steps of all journeys of one period, lost ones included; a state holds the
    last `order` channels, or all where there were fewer. The interval covers `level` (0..1) of
    `draws` Bayesian bootstrap draws (Rubin 1981, The Bayesian bootstrap, Annals of Statistics
    9(1)): each step out of a state is weighted anew, so that the shares follow Dirichlet(counts),
    and the chain is solved again. Drawing whole steps with replacement would now and then leave a
    state without a way out. The same `seed` gives the same interval.

    States that the counts never leave, alone or together, count as lost. A channel that states only
    remember, from a touch before the period, was not visited in it and has no effect on it. Raises
    `ValueError` for a count below 1.
    """
    chain = _chain(transitions, order)
    channels = sorted({state[-1] for state in chain.states if state})
    if not channels:
        return []
    members = [
        np.array([i for i, state in enumerate(chain.states) if channel in state])
        for channel in channels
    ]
    counts = chain.counts.astype(np.float64)
    effects = _removal_effects(chain, chain.probabilities(counts[None, :]), members)[0]
    lower, upper = effects, effects
    if draws:
        # Gamma variables of these shapes, as shares of their sum, are a Dirichlet draw.
        weighted = np.random.default_rng(seed).standard_gamma(counts, (draws, len(counts)))
        drawn = _removal_effects(chain, chain.probabilities(weighted), members)
        tail = (1 - level) / 2
        lower, upper = np.quantile(drawn, [tail, 1 - tail], axis=0)
    total = effects.sum()
    weights = effects / total if total > 0 else np.zeros(len(channels))
    return [
        ChannelEffect(
            channel=channel,
            removal_effect=float(effect),
            # The bounds are those of another set of draws: they always hold the estimate.
            lower=float(min(low, effect)),
            upper=float(max(high, effect)),
            weight=float(weight),
            weight_units=max(1, round(weight * WEIGHT_UNITS)) if effect > 0 else 0,
        )
        for channel, effect, low, high, weight in zip(
            channels, effects, lower, upper, weights, strict=True
        )
    ]


def _chain(transitions: Mapping[Transition, int], order: int) -> _Chain:
    """Numbers the states; a step leads to the state of the last `order` channels.

    The order is not read off the states: those of a month may all be shorter, where its journeys go
    on in the next. A state that is reached and never left, as at the end of a month, ends the
    journey; so does a circle of states without a way out, in which a journey would go round for
    ever.
    """
    states: list[State] = sorted({state for state, _ in transitions} | {()})
    number = {state: position for position, state in enumerate(states)}
    ends = {CONVERTED: len(states), LOST: len(states) + 1}
    rows, columns, counts = [], [], []
    for (state, following), count in sorted(transitions.items()):
        if count < 1:
            raise ValueError(f"{count} transitions from {state} to {following}: not a count.")
        target = (*state, following)[-order:]
        rows.append(number[state])
        columns.append(ends.get(following, number.get(target, ends[LOST])))
        counts.append(count)
    arrays = (np.array(values, dtype=np.int64) for values in (rows, columns, counts))
    chain = _Chain(states, *arrays)
    return _without_circles(chain, ends[LOST])


def _without_circles(chain: _Chain, lost: int) -> _Chain:
    """The chain with every step into states that lead to no end as a step into `lost`."""
    leads_out = np.append(np.zeros(chain.size, dtype=bool), [True, True])
    while (found := chain.rows[leads_out[chain.columns]])[~leads_out[found]].size:
        leads_out[found] = True
    stays = leads_out[chain.rows]
    columns = np.where(leads_out[chain.columns], chain.columns, lost)
    return _Chain(chain.states, chain.rows[stays], columns[stays], chain.counts[stays])


def _removal_effects(chain: _Chain, shares: Floats, members: Sequence[Ints]) -> Floats:
    """Removal effects (sets of shares x channels)."""
    if chain.size > _DENSE_STATES:
        return np.array([_sparse_effects(chain, one, members) for one in shares])
    batch = max(1, _BATCH_CELLS // chain.size**2)
    parts = [shares[first : first + batch] for first in range(0, len(shares), batch)]
    return np.concatenate([_dense_effects(chain, part, members) for part in parts])


def _dense_effects(chain: _Chain, shares: Floats, members: Sequence[Ints]) -> Floats:
    """Removal effects by one inverse per set of shares.

    N[i, j] are the expected visits of state j from i, h is P(converted) from each state. A journey
    enters a set S of states first at those of N[start, S] inv(N[S, S]), so that
    P(converted and visited S) = N[start, S] inv(N[S, S]) h[S].
    """
    inside = chain.columns < chain.size
    system = np.tile(np.eye(chain.size), (len(shares), 1, 1))
    system[:, chain.rows[inside], chain.columns[inside]] -= shares[:, inside]
    converting = chain.columns == chain.size
    to_conversion = np.zeros((len(shares), chain.size))
    to_conversion[:, chain.rows[converting]] = shares[:, converting]
    visits = np.linalg.inv(system)
    converted = np.einsum("dij,dj->di", visits, to_conversion)
    effects = np.zeros((len(shares), len(members)))
    for position, member in enumerate(members):
        among = visits[:, member[:, None], member[None, :]]
        through = np.linalg.solve(among, converted[:, member, None])[..., 0]
        effects[:, position] = np.einsum("di,di->d", visits[:, 0, member], through)
    return _as_shares(effects, converted[:, :1])


def _sparse_effects(chain: _Chain, shares: Floats, members: Sequence[Ints]) -> Floats:
    """The same for one set of shares, with all channels removed side by side, one a column.

    P(converted) is followed step by step until no step adds to it: long chains fill a direct solve
    with millions of cells, while journeys end within a few dozen steps.
    """
    inside = chain.columns < chain.size
    step = csr_array(
        (shares[inside], (chain.rows[inside], chain.columns[inside])),
        shape=(chain.size, chain.size),
    )
    kept = np.ones((chain.size, len(members) + 1))
    for position, member in enumerate(members):
        kept[member, position] = 0
    converting = chain.columns == chain.size
    added = np.zeros(kept.shape)
    added[chain.rows[converting]] = shares[converting, None]
    added *= kept
    converted = added.copy()
    for _ in range(_LONGEST_JOURNEY):
        if added.max() <= _NEGLIGIBLE:
            break
        added = step @ added * kept
        converted += added
    return _as_shares(converted[0, -1:] - converted[0, :-1], converted[0, -1:])


def _as_shares(lost: Floats, converted: Floats) -> Floats:
    """Lost conversions as a share of all, free of what rounding adds; 0 where none converted."""
    share: Floats = np.divide(lost, converted, out=np.zeros_like(lost), where=converted > 0)
    return np.clip(np.where(share < 1e-12, 0, share), 0, 1)
