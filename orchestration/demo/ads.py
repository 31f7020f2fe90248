"""What the four platforms report: impressions, clicks and cost per day, campaign and ad."""

from dataclasses import dataclass

import numpy as np

from orchestration.demo import assumptions as a
from orchestration.demo.journeys import PURCHASE, Visits
from orchestration.demo.timeline import (
    DAYS,
    START,
    TIMEZONES,
    Bools,
    Ints,
    Texts,
    day_in,
    day_number,
    stream,
)

CLICKS_PER_VISIT = 1.15
"""Platforms count more clicks than the site counts visits."""
ADS = 2
CORRECTED_DAYS = 3
"""The last days of a quarter are delivered again, corrected, with the next quarter's file."""


@dataclass(frozen=True)
class Spend:
    """One element per day, campaign and ad; `cost` in cents of the account's currency.

    `day` is the account's day (Paris for every account). `first_*` is what the platform said
    before it corrected the last days of a quarter.
    """

    day: Ints
    campaign: Ints
    ad: Ints
    impressions: Ints
    clicks: Ints
    cost: Ints
    conversions: Ints
    conversion_value: Ints
    first_clicks: Ints
    first_cost: Ints

    @property
    def platform(self) -> Texts:
        """The platform of each row."""
        return np.array([plan.platform for plan in a.CAMPAIGNS], dtype=object)[self.campaign]

    @property
    def currency(self) -> Texts:
        """The currency of each row."""
        return np.array([plan.currency for plan in a.CAMPAIGNS], dtype=object)[self.campaign]


def create_spend(visits: Visits) -> Spend:
    """Every campaign runs every day; clicks follow the visits that came through it."""
    rng = stream("ads")
    paid = visits.campaign >= 0
    day = np.clip(day_in(visits.start, TIMEZONES["FR"]), 0, DAYS - 1)
    cell = (day * len(a.CAMPAIGNS) + visits.campaign) * ADS + visits.ad
    size = DAYS * len(a.CAMPAIGNS) * ADS
    visited = np.bincount(cell[paid], minlength=size)
    bought = np.bincount(cell[paid & (visits.depth == PURCHASE)], minlength=size)
    number = np.arange(size)
    ad, campaign = number % ADS, number // ADS % len(a.CAMPAIGNS)
    day = number // ADS // len(a.CAMPAIGNS)
    clicks = visited + rng.poisson(visited * (CLICKS_PER_VISIT - 1))
    rate = np.array([plan.click_rate for plan in a.CAMPAIGNS])[campaign]
    impressions = clicks + rng.poisson((clicks + 0.4) / rate)
    price = _click_price(day, campaign)
    # The price of a click varies from day to day by up to 15 % around the campaign's.
    cost = clicks * price * rng.integers(85, 116, size) // 100
    claimed = bought + rng.binomial(np.minimum(clicks, 60), 0.012)
    value = claimed * rng.integers(5_500, 9_500, size)
    first_clicks = np.where(_is_corrected(day), clicks - clicks // 5, clicks)
    first_cost = np.where(_is_corrected(day), cost - cost // 6, cost)
    return Spend(
        day, campaign, ad, impressions, clicks, cost, claimed, value, first_clicks, first_cost
    )


def _click_price(day: Ints, campaign: Ints) -> Ints:
    """Cents per click: dearer before Christmas, and for one platform from a day on."""
    base = np.array([plan.click_price for plan in a.CAMPAIGNS])[campaign]
    month = (np.datetime64(START) + day).astype("datetime64[M]").astype(np.int64) % 12
    season = np.where(month >= 10, 112, 100)
    platform = np.array([plan.platform for plan in a.CAMPAIGNS], dtype=object)[campaign]
    risen = (platform == a.COST_RISE.platform) & (day >= day_number(a.COST_RISE.first_day))
    return base * season // 100 * np.where(risen, a.COST_RISE.factor, 1)


def _is_corrected(day: Ints) -> Bools:
    """Days so near the end of a quarter that the first report was incomplete."""
    dates = np.datetime64(START) + day
    later = (dates + CORRECTED_DAYS).astype("datetime64[M]").astype(np.int64) // 3
    this = dates.astype("datetime64[M]").astype(np.int64) // 3
    in_time = day < DAYS - CORRECTED_DAYS
    return np.asarray((later != this) & in_time, dtype=bool)
