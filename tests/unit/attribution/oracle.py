"""Attribution in plain Python with fractions, from the definitions in docs/attribution.md.

Nothing here knows the models' SQL: a conversion and the touches of its person go in, the share of
each touch under each rule comes out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction


@dataclass(frozen=True)
class Touch:
    """One touch: whose, when, by which channel."""

    key: int
    person: int
    at: datetime
    channel: str
    is_direct: bool


@dataclass(frozen=True)
class Conversion:
    """One order (`order`) or won deal (`opportunity`); `revenue` in ten thousandths."""

    key: int
    person: int | None
    kind: str
    at: datetime
    revenue: int
    session_at: datetime | None = None
    lead_at: datetime | None = None
    deal_at: datetime | None = None


@dataclass(frozen=True)
class Rules:
    """The vars."""

    lookback_days: int = 90
    half_life_days: int = 7
    reset: str = "never"
    counts_direct: bool = True
    counts_later_touches: bool = True
    position_parts: tuple[int, int, int] = (40, 20, 40)
    w_shaped_parts: tuple[int, int, int, int] = (30, 30, 30, 10)


EXACT = (
    "first_touch",
    "last_touch",
    "last_non_direct",
    "linear",
    "position_based",
    "w_shaped",
    "equal_channel",
    "markov",
)
MODELS = (*EXACT, "time_decay")


def path_of(
    conversion: Conversion,
    conversions: Sequence[Conversion],
    touches: Sequence[Touch],
    rules: Rules,
) -> list[Touch]:
    """The touches that may earn a conversion, in order."""
    if conversion.person is None:
        return []
    latest = conversion.at
    if not rules.counts_later_touches and conversion.session_at is not None:
        latest = conversion.session_at
    earlier = [
        other.at
        for other in conversions
        if other.person == conversion.person
        and other.at < conversion.at
        and (rules.reset == "any" or (rules.reset == "same_type" and other.kind == conversion.kind))
    ]
    found = [
        touch
        for touch in touches
        if touch.person == conversion.person
        and conversion.at - timedelta(days=rules.lookback_days) <= touch.at <= latest
        and all(touch.at > at for at in earlier)
        and (rules.counts_direct or not touch.is_direct)
    ]
    return sorted(found, key=lambda touch: (touch.at, touch.key))


def shares(
    model: str, conversion: Conversion, path: Sequence[Touch], rules: Rules
) -> list[Fraction]:
    """What each touch of a path earns, in path order; adds up to 1."""
    weights = _weights(model, conversion, path, rules)
    total = sum(weights)
    return [weight / total for weight in weights]


def _weights(
    model: str, conversion: Conversion, path: Sequence[Touch], rules: Rules
) -> list[Fraction]:
    places = range(len(path))
    last = len(path) - 1
    names = [touch.channel for touch in path]
    if model == "position_based":
        return _position_based(len(path), rules)
    if model == "w_shaped":
        return _w_shaped(conversion, path, rules)
    if model == "time_decay":
        half_life = rules.half_life_days * 86400
        ages = [(path[last].at - touch.at).total_seconds() for touch in path]
        return [Fraction(2 ** (-age / half_life)) for age in ages]
    by_place = {
        "first_touch": lambda place: Fraction(place == 0),
        "last_touch": lambda place: Fraction(place == last),
        "last_non_direct": lambda place: Fraction(
            place == max((p for p in places if not path[p].is_direct), default=last)
        ),
        "linear": lambda place: Fraction(1),
        "equal_channel": lambda place: Fraction(1, len(set(names)) * names.count(names[place])),
    }
    # Without weights of their own, channels weigh the same in the markov model.
    by_place["markov"] = by_place["equal_channel"]
    return [by_place[model](place) for place in places]


def _position_based(length: int, rules: Rules) -> list[Fraction]:
    first, middle, end = map(Fraction, rules.position_parts)
    if length == 1:
        return [Fraction(1)]
    return [first, *[middle / max(length - 2, 1)] * (length - 2), end]


def _w_shaped(conversion: Conversion, path: Sequence[Touch], rules: Rules) -> list[Fraction]:
    first, lead, deal, rest = rules.w_shaped_parts
    weights = [Fraction(0) for _ in path]
    weights[0] += first
    milestones = {0}
    left = Fraction(rest)
    for part, instant in ((lead, conversion.lead_at), (deal, conversion.deal_at)):
        before = [p for p in range(len(path)) if instant is not None and path[p].at <= instant]
        if before:
            weights[before[-1]] += part
            milestones.add(before[-1])
        else:
            left += part
    others = [place for place in range(len(path)) if place not in milestones]
    for place in others:
        weights[place] += left / len(others)
    return weights
