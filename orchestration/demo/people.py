"""Visitors: consumers and firms, their country, devices, cookies and consent."""

from dataclasses import dataclass

import numpy as np

from orchestration.demo import assumptions as a
from orchestration.demo.timeline import DAYS, Bools, Ints, Texts, demand, stream

LEAD_IN_DAYS = 45
DEVICES = np.array(["mobile", "desktop", "tablet"], dtype=object)
HOUSEHOLDS = 40
_MASK = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True)
class People:
    """One element per visitor in every array.

    `first_day` may lie before the period: such people are known from a later visit only.
    `device` and `second_device` index `DEVICES` (-1: none). From `cookie_reset_day` on, a
    person's browsers carry a new anonymous id. `consent` is granted, denied or empty (unknown).
    `borrows_from` is the person whose browser is shared, or -1.
    """

    country: Texts
    is_firm: Bools
    first_day: Ints
    device: Ints
    second_device: Ints
    cookie_reset_day: Ints
    consent: Texts
    borrows_from: Ints
    first_name: Texts
    last_name: Texts
    email: Texts

    def __len__(self) -> int:
        return len(self.country)


def create_people(scale: float) -> People:
    """`scale` times `assumptions.PEOPLE` visitors."""
    rng = stream("people")
    n = max(200, round(a.PEOPLE * scale))
    country = np.where(rng.random(n) < 0.6, "FR", "GB").astype(object)
    is_firm = rng.random(n) < 0.115
    window = np.arange(-LEAD_IN_DAYS, DAYS)
    consumer_day = rng.choice(window, n, p=demand(-LEAD_IN_DAYS, office=False))
    firm_day = rng.choice(window, n, p=demand(-LEAD_IN_DAYS, office=True))
    draw = rng.random(n)
    consumer_device = np.select([draw < 0.56, draw < 0.93], [0, 1], 2)
    firm_device = np.select([draw < 0.22, draw < 0.97], [0, 1], 2)
    device = np.where(is_firm, firm_device, consumer_device)
    has_second = rng.random(n) < 0.3
    second = np.where(has_second, np.where(device == 1, 0, 1), -1)
    reset = np.where(rng.random(n) < 0.2, rng.integers(0, DAYS, n), DAYS + 1)
    draw = rng.random(n)
    consent = np.select([draw < 0.86, draw < 0.98], ["granted", "denied"], "").astype(object)
    first = np.array(a.FIRST_NAMES, dtype=object)[rng.integers(0, len(a.FIRST_NAMES), n)]
    last = np.array(a.LAST_NAMES, dtype=object)[rng.integers(0, len(a.LAST_NAMES), n)]
    return People(
        country=country,
        is_firm=is_firm,
        first_day=np.where(is_firm, firm_day, consumer_day),
        device=device,
        second_device=second,
        cookie_reset_day=reset,
        consent=consent,
        borrows_from=_households(country, is_firm, consent, scale),
        first_name=first,
        last_name=last,
        email=_emails(first, last, is_firm),
    )


def _households(country: Texts, is_firm: Bools, consent: Texts, scale: float) -> Ints:
    """Pairs of consumers of one country who share the first browser of the first of them."""
    rng = stream("households")
    borrows = np.full(len(country), -1)
    candidates = np.flatnonzero(~is_firm & (consent == "granted") & (country == "FR"))
    count = max(2, round(HOUSEHOLDS * scale))
    chosen = rng.permutation(candidates)[: 2 * count]
    borrows[chosen[1::2]] = chosen[: 2 * (len(chosen) // 2) : 2]
    return borrows


def _emails(first: Texts, last: Texts, is_firm: Bools) -> Texts:
    endings = ("com", "org", "net")
    return np.array(
        [
            f"{f}.{n}@firm{number:05d}.example.com".lower()
            if firm
            else f"{f}.{n}{number}@example.{endings[number % 3]}".lower()
            for number, (f, n, firm) in enumerate(zip(first, last, is_firm, strict=True))
        ],
        dtype=object,
    )


def scramble(numbers: Ints, salt: int) -> list[str]:
    """Each number as 16 hex digits that do not show it (splitmix64, so without collisions)."""
    with np.errstate(over="ignore"):
        z = numbers.astype(np.uint64) + np.uint64(salt) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = (z ^ (z >> np.uint64(31))) & _MASK
    return [f"{value:016x}" for value in z.tolist()]
