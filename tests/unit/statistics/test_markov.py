"""Removal effects against rational arithmetic, published examples and laws."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.statistics import markov
from orchestration.lib.statistics.markov import CONVERTED, LOST, State, Transition, channel_effects

Journeys = Mapping[tuple[State, bool], int]

CHANNELS = ("Direct", "Email", "Search", "Social")
journeys = st.dictionaries(
    st.tuples(
        st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=5).map(tuple), st.booleans()
    ),
    st.integers(1, 9),
    min_size=1,
    max_size=8,
)
orders = st.sampled_from([1, 2, 3])


def transitions_of(journeys: Journeys, order: int) -> dict[Transition, int]:
    """Transition counts of whole journeys, as the warehouse's SQL counts them."""
    counts: dict[Transition, int] = {}
    for (channels, is_converted), number in journeys.items():
        steps = (*channels, CONVERTED if is_converted else LOST)
        for position, following in enumerate(steps):
            step = (channels[max(0, position - order) : position], following)
            counts[step] = counts.get(step, 0) + number
    return counts


def effects(journeys: Journeys, order: int = 1) -> dict[str, float]:
    return {
        effect.channel: effect.removal_effect
        for effect in channel_effects(transitions_of(journeys, order), order, 0, 0.9, 1)
    }


def exact_conversion(journeys: Journeys, order: int, removed: str) -> Fraction:
    """P(converted) without a channel, by Gauss-Jordan elimination in fractions."""
    leaving: dict[State, dict[State | str, int]] = {}
    for (channels, is_converted), number in journeys.items():
        state: State = ()
        for channel in channels:
            reached = (*state, channel)[-order:]
            row = leaving.setdefault(state, {})
            row[reached] = row.get(reached, 0) + number
            state = reached
        end = CONVERTED if is_converted else LOST
        row = leaving.setdefault(state, {})
        row[end] = row.get(end, 0) + number
    states = [state for state in leaving if removed not in state]
    system: list[list[Fraction]] = []
    for state in states:
        total = sum(leaving[state].values())
        share = {target: Fraction(n, total) for target, n in leaving[state].items()}
        equation = [Fraction(state == other) - share.get(other, 0) for other in states]
        system.append([*equation, share.get(CONVERTED, Fraction(0))])
    for pivot in range(len(states)):
        chosen = next(i for i in range(pivot, len(states)) if system[i][pivot] != 0)
        system[pivot], system[chosen] = system[chosen], system[pivot]
        system[pivot] = [cell / system[pivot][pivot] for cell in system[pivot]]
        for other in range(len(states)):
            if other != pivot:
                factor = system[other][pivot]
                system[other] = [
                    cell - factor * above
                    for cell, above in zip(system[other], system[pivot], strict=True)
                ]
    return system[states.index(())][-1]


def exact_effects(journeys: Journeys, order: int) -> dict[str, Fraction]:
    channels = {channel for path, _ in journeys for channel in path}
    whole = exact_conversion(journeys, order, "")
    return {
        channel: 1 - exact_conversion(journeys, order, channel) / whole if whole else Fraction(0)
        for channel in channels
    }


@given(journeys, orders)
@settings(max_examples=120, deadline=None)
def test_the_solve_equals_rational_arithmetic(some: Journeys, order: int) -> None:
    expected = {channel: float(effect) for channel, effect in exact_effects(some, order).items()}
    assert effects(some, order) == pytest.approx(expected, abs=1e-9)


@given(journeys, orders)
@settings(max_examples=60, deadline=None)
def test_many_states_give_what_few_states_give(some: Journeys, order: int) -> None:
    with mock.patch.object(markov, "_DENSE_STATES", 0):
        sparse = effects(some, order)
    assert sparse == pytest.approx(effects(some, order), abs=1e-9)


def walks(share: Mapping[str, Mapping[str, Fraction]], at: str) -> Iterator[tuple[str, ...]]:
    for following in share[at]:
        if following in share:
            yield from ((at, *walk) for walk in walks(share, following))
        else:
            yield (at, following)


def test_removal_loses_the_walks_that_visit_the_channel() -> None:
    """Brute force: a graph without loops has few walks, and each has a product of shares."""
    some = {
        (("Email", "Search"), True): 3,
        (("Email",), False): 2,
        (("Search", "Social"), True): 1,
        (("Search",), False): 4,
        (("Social",), True): 2,
    }
    share: dict[str, dict[str, Fraction]] = {}
    for (state, following), count in transitions_of(some, 1).items():
        share.setdefault("".join(state) or "start", {})[following] = Fraction(count)
    for row in share.values():
        total = sum(row.values())
        row.update({following: count / total for following, count in row.items()})
    converting: dict[tuple[str, ...], Fraction] = {}
    for walk in walks(share, "start"):
        if walk[-1] == CONVERTED:
            chance = Fraction(1)
            for here, there in pairwise(walk):
                chance *= share[here][there]
            converting[walk] = chance
    whole = sum(converting.values())
    expected = {
        channel: float(sum(c for walk, c in converting.items() if channel in walk) / whole)
        for channel in ("Email", "Search", "Social")
    }
    assert effects(some) == pytest.approx(expected, abs=1e-12)


# Sources: Bryl (2016), AnalyzeCore, "Attribution model with R, part 1: Markov chains concept";
# Puzyrov (2019), "Markov chain attribution: simple explanation of removal effect".
PUBLISHED = [
    (
        {(("C1", "C2", "C3"), True): 1, (("C1",), False): 1, (("C2", "C3"), False): 1},
        {"C1": 0.5, "C2": 1.0, "C3": 1.0},
        {"C1": 0.2, "C2": 0.4, "C3": 0.4},
    ),
    (
        {
            (("Google Ads",), True): 2,
            (("Mailing",), True): 1,
            (("Google Ads", "Mailing"), True): 1,
            (("Google Ads",), False): 1,
        },
        {"Google Ads": 0.75, "Mailing": 0.5},
        {"Google Ads": 0.6, "Mailing": 0.4},
    ),
]


@pytest.mark.parametrize(("some", "removal", "weights"), PUBLISHED)
def test_published_examples(
    some: Journeys, removal: dict[str, float], weights: dict[str, float]
) -> None:
    found = channel_effects(transitions_of(some, 1), 1, 0, 0.9, 1)
    assert {e.channel: e.removal_effect for e in found} == pytest.approx(removal)
    assert {e.channel: e.weight for e in found} == pytest.approx(weights)


@given(journeys, orders, st.permutations(CHANNELS))
@settings(max_examples=60, deadline=None)
def test_renaming_channels_permutes_the_effects(
    some: Journeys, order: int, names: list[str]
) -> None:
    new = dict(zip(CHANNELS, names, strict=True))
    renamed = {(tuple(new[c] for c in path), end): n for (path, end), n in some.items()}
    expected = {new[channel]: effect for channel, effect in effects(some, order).items()}
    assert effects(renamed, order) == pytest.approx(expected, abs=1e-12)


@given(journeys, orders)
@settings(max_examples=60, deadline=None)
def test_effects_are_shares_and_weights_add_up_to_one(some: Journeys, order: int) -> None:
    found = channel_effects(transitions_of(some, order), order, 20, 0.9, 1)
    assert all(0 <= e.lower <= e.removal_effect <= e.upper <= 1 for e in found)
    converts = any(is_converted for _, is_converted in some)
    assert sum(e.weight for e in found) == pytest.approx(1 if converts else 0)
    on_converting = {channel for path, is_converted in some if is_converted for channel in path}
    for effect in found:
        assert effect.channel not in on_converting or effect.weight_units >= 1


@given(journeys)
@settings(max_examples=60, deadline=None)
def test_a_channel_that_only_ends_lost_journeys_earns_nothing(some: Journeys) -> None:
    """Order 1 joins halves of journeys, but nothing follows this channel in any of them."""
    found = effects({**some, (("Banner",), False): 3, (("Email", "Banner"), False): 2})
    assert found["Banner"] == 0


@given(st.integers(1, 50), st.integers(0, 50), orders)
def test_a_single_channel_has_all_the_effect(converted: int, lost: int, order: int) -> None:
    some = {(("Email",), True): converted, (("Email", "Email"), True): 1}
    if lost:
        some[(("Email",), False)] = lost
    (effect,) = channel_effects(transitions_of(some, order), order, 10, 0.9, 1)
    assert effect.removal_effect == pytest.approx(1)
    assert effect.weight == 1


def test_without_conversions_nothing_has_an_effect() -> None:
    (effect,) = channel_effects(transitions_of({(("Email",), False): 5}, 1), 1, 10, 0.9, 1)
    assert (effect.removal_effect, effect.weight, effect.weight_units) == (0, 0, 0)


def test_without_journeys_there_is_no_channel() -> None:
    assert channel_effects({}, 1, 10, 0.9, 1) == []


def test_a_higher_order_sees_what_only_a_pair_of_channels_does() -> None:
    """Search converts after Email only: taking Email away takes all, which order 1 cannot see."""
    some = {
        (("Email", "Search"), True): 50,
        (("Social", "Search"), False): 50,
        (("Social",), False): 10,
    }
    assert effects(some, 1)["Social"] > 0.4
    assert effects(some, 2)["Social"] == 0
    assert effects(some, 2)["Email"] == 1


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """400 journeys from a known chain, 200 times: an interval of 90 % holds the truth 90 % of them.

    The bound is three standard errors of 200 tries below 90 %.
    """
    rng = np.random.default_rng(7)
    # From the start, Email and Search: shares of Email, Search, converted, lost.
    table = np.array([[0.6, 0.4, 0, 0], [0, 0.5, 0.1, 0.4], [0.2, 0, 0.3, 0.5]])
    names = ("Email", "Search", CONVERTED, LOST)
    states: tuple[State, ...] = ((), ("Email",), ("Search",))

    def conversion(allowed: list[int]) -> float:
        kept = table[np.ix_([0, *[i + 1 for i in allowed]], allowed)]
        step = np.hstack([np.zeros((len(kept), 1)), kept])
        ends = table[[0, *[i + 1 for i in allowed]], 2]
        return float(np.linalg.solve(np.eye(len(kept)) - step, ends)[0])

    truth = 1 - conversion([1]) / conversion([0, 1])
    held = 0
    for trial in range(200):
        counts: dict[Transition, int] = {}
        waiting = np.array([400, 0, 0])
        while waiting.sum():
            arriving = np.zeros(3, dtype=int)
            for row in range(3):
                if waiting[row] == 0:
                    continue
                drawn = rng.multinomial(waiting[row], table[row])
                for target in np.flatnonzero(drawn):
                    step = (states[row], names[target])
                    counts[step] = counts.get(step, 0) + int(drawn[target])
                arriving[1:] += drawn[:2]
            waiting = arriving
        email = channel_effects(counts, 1, 200, 0.9, trial)[0]
        held += email.lower <= truth <= email.upper
    assert held / 200 >= 0.9 - 3 * (0.9 * 0.1 / 200) ** 0.5


def test_the_same_seed_gives_the_same_interval_and_more_journeys_a_narrower_one() -> None:
    some = {(("Email", "Search"), True): 20, (("Search",), True): 10, (("Email",), False): 70}
    more = {journey: number * 100 for journey, number in some.items()}
    one, again = (channel_effects(transitions_of(some, 1), 1, 100, 0.9, 5) for _ in range(2))
    many = channel_effects(transitions_of(more, 1), 1, 100, 0.9, 5)
    assert one == again
    assert one[0].upper - one[0].lower > 3 * (many[0].upper - many[0].lower)


def test_a_state_that_is_never_left_ends_the_journey() -> None:
    """Of two Email touches one goes on to Search in the next month: it is lost to this one."""
    counts: dict[Transition, int] = {
        ((), "Email"): 2,
        (("Email",), "Search"): 1,
        (("Email",), CONVERTED): 1,
    }
    (email,) = channel_effects(counts, 1, 0, 0.9, 1)
    assert email.removal_effect == 1
    counts[(("Search",), CONVERTED)] = 1
    assert [e.removal_effect for e in channel_effects(counts, 1, 0, 0.9, 1)] == [1, 0.5]


def test_a_state_longer_than_any_that_is_left_ends_the_journey_too() -> None:
    """Order 2: the journey through Email goes on after Search in the next month, lost to this one.

    Journeys that began with Search have not been through Email; nor does it matter to Email that
    other channels were touched twice.
    """
    counts: dict[Transition, int] = {
        ((), "Email"): 1,
        (("Email",), "Search"): 1,
        ((), "Search"): 1,
        (("Search",), CONVERTED): 1,
    }
    alone = channel_effects(counts, 2, 0, 0.9, 1)
    assert {one.channel: one.removal_effect for one in alone} == {"Email": 0, "Search": 1}
    counts |= {((), "Social"): 1, (("Social",), "Social"): 1, (("Social", "Social"), LOST): 1}
    assert channel_effects(counts, 2, 0, 0.9, 1)[:2] == alone


@pytest.mark.parametrize("dense_states", [markov._DENSE_STATES, 0])
def test_states_that_only_lead_to_each_other_end_the_journey(dense_states: int) -> None:
    """By the end of a month, the journeys through A and B may not have gone on."""
    steps: dict[Transition, int] = {
        ((), "A"): 2,
        (("A",), "B"): 2,
        (("B",), "A"): 1,
        ((), "C"): 2,
        (("C",), "A"): 1,
        (("C",), CONVERTED): 1,
    }
    with mock.patch.object(markov, "_DENSE_STATES", dense_states):
        found = channel_effects(steps, 1, 20, 0.9, 1)
    assert {one.channel: one.removal_effect for one in found} == {"A": 0, "B": 0, "C": 1}
    assert {one.channel: one.weight_units for one in found} == {"A": 0, "B": 0, "C": 1_000_000}
    circle: dict[Transition, int] = {((), "A"): 1, (("A",), "A"): 3}
    assert [one.removal_effect for one in channel_effects(circle, 1, 20, 0.9, 1)] == [0]


def test_a_count_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="0 transitions"):
        channel_effects({((), "Email"): 0}, 1, 0, 0.9, 1)
