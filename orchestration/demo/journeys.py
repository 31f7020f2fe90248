"""Visits to the two shops: when, from which channel, on which browser, and how far they got."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np

from orchestration.demo import assumptions as a
from orchestration.demo.people import DEVICES, People
from orchestration.demo.timeline import (
    AS_OF_S,
    DAY,
    DAYS,
    HOUR,
    TIMEZONES,
    Bools,
    Floats,
    Ints,
    day_in,
    instant,
    stream,
    to_utc,
)

LONGEST_VISIT_S = 42 * 60
"""No visit lasts longer, so visits that start `APART_S` apart are always two sessions."""
APART_S = LONGEST_VISIT_S + 33 * 60
PURCHASE = a.DEPTH["purchase"]
CART = a.DEPTH["add_to_cart"]
# Evenings and lunch breaks; the 25th hour runs past midnight. Nobody shops when clocks change.
_HOURS = np.arange(6, 25)
_HOUR_WEIGHTS = np.array([1, 2, 3, 4, 5, 5, 7, 6, 5, 5, 5, 6, 7, 8, 10, 10, 8, 5, 2], dtype=float)
_FIRM_WEIGHTS = np.array([0, 1, 6, 9, 10, 9, 5, 7, 9, 9, 8, 5, 2, 1, 1, 1, 0, 0, 0], dtype=float)


@dataclass(frozen=True)
class Visits:
    """One element per visit in every array, ordered by start.

    `start` is an instant; `browser` numbers the anonymous id; `campaign` indexes
    `assumptions.CAMPAIGNS` (-1: none), `ad` its ads; `depth` counts the funnel steps passed
    (`assumptions.DEPTH`); `resumed` visits come back to a cart that was left.
    """

    person: Ints
    start: Ints
    channel: Ints
    device: Ints
    browser: Ints
    campaign: Ints
    ad: Ints
    resumed: Bools
    depth: Ints

    def __len__(self) -> int:
        return len(self.person)

    def take(self, rows: Ints | Bools) -> "Visits":
        """The chosen visits."""
        return Visits(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def create_visits(people: People) -> Visits:
    """First visits and returns, then what buyers and people with a full cart do afterwards."""
    first = _with_outcome(_first_round(people), people, "first", intent=_familiarity)
    again = _second_round(first, people)
    again = _with_outcome(again, people, "again", intent=_keen)
    both = Visits(
        **{
            field.name: np.concatenate([getattr(first, field.name), getattr(again, field.name)])
            for field in fields(Visits)
        }
    )
    is_second = np.arange(len(both)) >= len(first)
    kept = both.take(~_too_close(both, is_second))
    return kept.take(np.lexsort((kept.browser, kept.start)))


def _first_round(people: People) -> Visits:
    rng = stream("visits.first")
    returns = rng.negative_binomial(1, 0.42, len(people))
    person = np.repeat(np.arange(len(people)), 1 + returns)
    is_first = np.r_[True, person[1:] != person[:-1]]
    gap = np.where(is_first, 0, 1 + rng.exponential(9.0, len(person)).astype(np.int64))
    total = np.cumsum(gap)
    since_first = total - np.maximum.accumulate(np.where(is_first, total, 0))
    day = people.first_day[person] + since_first
    channel = _first_channels(people, rng)[person]
    other = _return_channels(len(person), rng)
    channel = np.where(is_first | (rng.random(len(person)) < 0.35), channel, other)
    visits = _on_browser(person, day, channel, people, rng=rng, part="first")
    spaced = visits.take(np.lexsort((visits.start, visits.browser)))
    return spaced.take(~_too_close(spaced, np.ones(len(spaced), dtype=bool)))


def _first_channels(people: People, rng: np.random.Generator) -> Ints:
    """The acquisition channel of each person; shares drift towards `Channel.trend`."""
    progress = np.clip(people.first_day, 0, DAYS) / DAYS
    trend = np.array([channel.trend for channel in a.CHANNELS])
    drift = trend[None, :] ** progress[:, None]
    consumer = np.array([channel.consumer_share for channel in a.CHANNELS])
    firm = np.array([channel.firm_share for channel in a.CHANNELS])
    weights = np.where(people.is_firm[:, None], firm, consumer) * drift
    upto = np.cumsum(weights, axis=1)
    passed = rng.random((len(people), 1)) * upto[:, -1:] > upto
    return np.asarray(passed.sum(axis=1), dtype=np.int64)


def _return_channels(n: int, rng: np.random.Generator) -> Ints:
    weights = np.array([channel.return_share for channel in a.CHANNELS])
    return rng.choice(len(a.CHANNELS), n, p=weights / weights.sum())


def _on_browser(
    person: Ints,
    day: Ints,
    channel: Ints,
    people: People,
    *,
    rng: np.random.Generator,
    part: str,
) -> Visits:
    """Gives visits a time of day, a browser and a campaign; drops those outside the period."""
    n = len(person)
    firm = people.is_firm[person]
    hour = np.where(firm, _hours(_FIRM_WEIGHTS, n, rng), _hours(_HOUR_WEIGHTS, n, rng))
    second = np.where(hour == 24, rng.integers(0, 55 * 60, n), rng.integers(0, HOUR, n))
    clock = np.where(hour == 24, day + 1, day), np.where(hour == 24, 0, hour * HOUR) + second
    start = np.zeros(n, dtype=np.int64)
    for country, timezone in TIMEZONES.items():
        here = people.country[person] == country
        start[here] = to_utc(clock[0][here], clock[1][here], timezone)
    on_second = (people.second_device[person] >= 0) & (rng.random(n) < 0.4)
    browser = _browsers(person, on_second, day, people)
    visits = Visits(
        person=person,
        start=start,
        channel=channel,
        device=np.where(on_second, people.second_device[person], people.device[person]),
        browser=browser,
        campaign=np.full(n, -1),
        ad=np.zeros(n, dtype=np.int64),
        resumed=np.zeros(n, dtype=bool),
        depth=np.zeros(n, dtype=np.int64),
    )
    inside = (day >= 0) & (day < DAYS) & (start < AS_OF_S - HOUR)
    return _in_campaign(visits.take(inside), people, part)


def _hours(weights: Floats, n: int, rng: np.random.Generator) -> Ints:
    return rng.choice(_HOURS, n, p=weights / weights.sum())


def _browsers(person: Ints, on_second: Bools, day: Ints, people: People) -> Ints:
    """Browser number: owner, device slot, and whether its cookie was reset by then."""
    owner = np.where(
        (people.borrows_from[person] >= 0) & ~on_second, people.borrows_from[person], person
    )
    is_reset = day >= people.cookie_reset_day[owner]
    return np.asarray(owner * 4 + on_second * 2 + is_reset, dtype=np.int64)


def _in_campaign(visits: Visits, people: People, part: str) -> Visits:
    rng = stream(f"visits.{part}.campaign")
    campaign, ad = visits.campaign.copy(), rng.integers(0, 2, len(visits))
    draw = rng.random(len(visits))
    for name, number in a.CHANNEL_INDEX.items():
        for country in a.SITES:
            options = [
                (index, plan.share)
                for index, plan in enumerate(a.CAMPAIGNS)
                if plan.channel == name and plan.country == country
            ]
            if not options:
                continue
            here = (visits.channel == number) & (people.country[visits.person] == country)
            upto = np.cumsum([share for _, share in options])
            which = np.minimum(np.searchsorted(upto, draw[here]), len(options) - 1)
            campaign[here] = np.array([index for index, _ in options])[which]
    return replace(visits, campaign=campaign, ad=np.where(campaign >= 0, ad, 0))


def _too_close(visits: Visits, removable: Bools) -> Bools:
    """Removable visits that start too near another one of the same browser."""
    order = np.lexsort((visits.start, visits.browser))
    browser, start = visits.browser[order], visits.start[order]
    near = (browser[1:] == browser[:-1]) & (start[1:] - start[:-1] < APART_S)
    close = np.r_[False, near] | np.r_[near, False]
    result = np.zeros(len(visits), dtype=bool)
    result[order] = close
    return np.asarray(result & removable, dtype=bool)


def _familiarity(visits: Visits) -> Floats:
    """People rarely buy on the first visit: intent by number of the visit."""
    order = np.lexsort((visits.start, visits.person))
    person = visits.person[order]
    begins = np.flatnonzero(np.r_[True, person[1:] != person[:-1]])
    rank = np.arange(len(person)) - np.repeat(begins, np.diff(np.r_[begins, len(person)]))
    intent = np.empty(len(visits))
    intent[order] = np.select([rank == 0, rank == 1], [0.72, 1.2], 1.5)
    return intent


def _keen(visits: Visits) -> Floats:
    """Customers who come back know what they want."""
    return np.full(len(visits), 1.55)


def _with_outcome(
    visits: Visits, people: People, part: str, *, intent: Callable[[Visits], Floats]
) -> Visits:
    """Walks every visit down the funnel; the planted effects act here and nowhere else."""
    rng = stream(f"visits.{part}.outcome")
    quality = np.array([channel.quality for channel in a.CHANNELS])[visits.channel]
    push = intent(visits)
    alive = np.ones(len(visits), dtype=bool)
    depth = np.zeros(len(visits), dtype=np.int64)
    firm = people.is_firm[visits.person]
    for name, chance in a.FUNNEL:
        pass_rate = np.full(len(visits), chance)
        if name == "add_to_cart":
            pass_rate = np.where(firm, 0.0, np.clip(chance * quality * push, 0, 0.95))
        if name == "begin_checkout":
            pass_rate = np.where(_action_applies(visits, people), chance * a.ACTION.factor, chance)
        if name == a.BROKEN_STEP.step:
            pass_rate = np.where(
                _step_is_broken(visits, people), a.BROKEN_STEP.broken_pass_rate, chance
            )
        goes_on = rng.random(len(visits)) < pass_rate
        alive &= goes_on | (visits.resumed & (a.DEPTH[name] <= CART))
        depth += alive
    return replace(visits, depth=depth)


def _action_applies(visits: Visits, people: People) -> Bools:
    begins = instant(a.ACTION.first_day, TIMEZONES[a.ACTION.segment])
    applies = (people.country[visits.person] == a.ACTION.segment) & (visits.start >= begins)
    return np.asarray(applies, dtype=bool)


def _step_is_broken(visits: Visits, people: People) -> Bools:
    """The fault begins and ends with the business day of Paris, in both shops."""
    begins = instant(a.BROKEN_STEP.first_day, TIMEZONES["FR"])
    ends = instant(a.BROKEN_STEP.last_day, TIMEZONES["FR"]) + DAY
    on_device = DEVICES[visits.device] == a.BROKEN_STEP.device
    return np.asarray(on_device & (visits.start >= begins) & (visits.start < ends), dtype=bool)


def _second_round(first: Visits, people: People) -> Visits:
    """Returns of buyers over the following months, and of people reminded of a full cart."""
    rng = stream("visits.again")
    bought = np.flatnonzero(first.depth == PURCHASE)
    loyal = rng.gamma(0.8, 1 / 0.8, len(bought))
    returns = np.repeat(bought, rng.poisson(2.6 * loyal))
    wait = 3 + rng.exponential(95.0, len(returns)).astype(np.int64)
    left = np.flatnonzero((first.depth >= CART) & (first.depth < PURCHASE))
    left = left[rng.random(len(left)) < 0.22]
    origin = np.concatenate([returns, left])
    wait = np.concatenate([wait, rng.integers(1, 4, len(left))])
    channel = _return_channels(len(origin), rng)
    channel[len(returns) :] = a.CHANNEL_INDEX["cart_reminder"]
    day = day_in(first.start[origin], "UTC") + wait
    visits = _on_browser(first.person[origin], day, channel, people, rng=rng, part="again")
    return replace(visits, resumed=visits.channel == a.CHANNEL_INDEX["cart_reminder"])
