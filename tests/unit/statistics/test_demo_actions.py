"""The demo company's planted action at full size, from the visits that it simulates."""

from datetime import date

import numpy as np
import pytest

from orchestration.demo import assumptions as a
from orchestration.demo.journeys import PURCHASE, Visits, create_visits
from orchestration.demo.people import create_people
from orchestration.demo.timeline import DAY, TIMEZONES, instant
from orchestration.lib.statistics.action_effects import Effect, Weeks, effect

Demo = tuple[Visits, np.ndarray]


@pytest.fixture(scope="module")
def demo() -> Demo:
    """The visits of the full company, and the country of each."""
    people = create_people(1.0)
    visits = create_visits(people)
    return visits, np.asarray(people.country[visits.person], dtype=object)


def followed(demo: Demo, begins: date, window: int, segment: str, control: str) -> Effect:
    """The action as the warehouse follows it up: conversion of visits by country and week."""
    visits, country = demo
    start = instant(begins, TIMEZONES[segment])
    week = (visits.start - start) // (7 * DAY)

    def weeks(name: str) -> Weeks:
        here = (country == name) & (week >= -window) & (week < window)
        bought = here & (visits.depth == PURCHASE)
        count = 2 * window
        return Weeks(
            np.bincount(week[bought] + window, minlength=count).astype(float),
            np.bincount(week[here] + window, minlength=count).astype(float),
        )

    found = effect(weeks(segment), weeks(control), None)
    assert found is not None
    return found


def test_the_free_shipping_banner_improved_conversion(demo: Demo) -> None:
    plan = a.ACTION
    found = followed(demo, plan.first_day, 26, plan.segment, plan.control_segment)
    assert found.found.lower > 0
    assert found.found.lower <= plan.factor - 1 <= found.found.upper
    assert not found.has_other_trend


def test_the_product_photos_are_not_called_an_improvement(demo: Demo) -> None:
    found = followed(demo, date(2025, 3, 3), 12, "FR", "GB")
    assert found.found.lower < 0 < found.found.upper
