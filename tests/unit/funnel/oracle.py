"""What the funnel's models promise, in plain Python: docs/funnels.md read literally.

Instants are hours since the first midnight, so that ties and window edges come up often.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

Hours = int
DAY = 24


@dataclass(frozen=True)
class Occurrence:
    """A person takes a step, in a visit or (None) without one."""

    person: int
    step: int
    visit: int | None
    at: Hours


@dataclass(frozen=True)
class Reached:
    """One step of one entry."""

    entry_day: int
    person: int
    step: int
    at: Hours
    state: str
    skipped: bool
    hours_from_previous: float | None


def entries(occurrences: list[Occurrence]) -> Iterator[tuple[int, int, Hours]]:
    """Person, day and instant of each day's first entry."""
    first: dict[tuple[int, int], Hours] = {}
    for one in occurrences:
        if one.step == 1:
            key = (one.person, one.at // DAY)
            first[key] = min(one.at, first.get(key, one.at))
    for (person, day), at in first.items():
        yield person, day, at


def progress(
    occurrences: list[Occurrence], last: int, window_days: int, now: Hours
) -> Iterator[Reached]:
    """How far each entry came."""
    for person, day, entered in entries(occurrences):
        own: dict[int, Hours] = {}
        for one in occurrences:
            if one.person == person and entered <= one.at <= entered + window_days * DAY:
                own[one.step] = min(one.at, own.get(one.step, one.at))
        reached = {
            step: min(at for later, at in own.items() if later >= step)
            for step in range(1, max(own) + 1)
        }
        skipped = {step: own.get(step) != at for step, at in reached.items()}
        for step, at in reached.items():
            if step + 1 in reached or step == last:
                state = "converted"
            else:
                state = "dropped" if now - entered > window_days * DAY else "open"
            known = step > 1 and not skipped[step] and not skipped[step - 1]
            hours = float(at - reached[step - 1]) if known else None
            yield Reached(day, person, step, at, state, skipped[step], hours)


@dataclass
class Cohort:
    """The figures of one step of one cohort."""

    entered: int = 0
    converted: int = 0
    open: int = 0
    dropped: int = 0
    skipped: int = 0
    median_hours: float | None = None


def cohorts(
    occurrences: list[Occurrence], last: int, window_days: int, now: Hours, days: int
) -> dict[tuple[int, int], Cohort]:
    """Figures by first day of the cohort's period, of `days` days, and step."""
    first_day: dict[tuple[int, int], int] = {}
    for person, day, _ in entries(occurrences):
        key = (person, day // days)
        first_day[key] = min(day, first_day.get(key, day))
    found: dict[tuple[int, int], Cohort] = defaultdict(Cohort)
    hours: dict[tuple[int, int], list[float]] = defaultdict(list)
    for one in progress(occurrences, last, window_days, now):
        period = one.entry_day // days
        if first_day[one.person, period] != one.entry_day:
            continue
        cohort = found[period * days, one.step]
        cohort.entered += 1
        cohort.converted += one.state == "converted"
        cohort.open += one.state == "open"
        cohort.dropped += one.state == "dropped"
        cohort.skipped += one.skipped
        if one.hours_from_previous is not None:
            hours[period * days, one.step].append(one.hours_from_previous)
    for key, values in hours.items():
        found[key].median_hours = median(values)
    return dict(found)


@dataclass(frozen=True)
class Try:
    """A person reached a step, perhaps again and again, and went on or did not."""

    person: int
    step: int
    at: Hours
    is_passed: bool
    is_settled: bool


def tries(occurrences: list[Occurrence], last: int, try_days: int, now: Hours) -> list[Try]:
    """Every try of every person."""
    occasions: dict[tuple[int, int | None, Hours | None], dict[int, Hours]] = defaultdict(dict)
    for one in occurrences:
        alone = one.at if one.visit is None else None
        taken = occasions[one.person, one.visit, alone]
        taken[one.step] = min(one.at, taken.get(one.step, one.at))
    reaches: dict[tuple[int, int], list[Hours]] = defaultdict(list)
    attempts: dict[tuple[int, int], list[Hours]] = defaultdict(list)
    for (person, visit, _), taken in occasions.items():
        for step in range(1, max(taken) + 1):
            at = min(t for later, t in taken.items() if later >= step)
            reaches[person, step].append(at)
            if visit is not None and step < last:
                attempts[person, step].append(at)
    found = []
    for (person, step), instants in attempts.items():
        following = reaches[person, step + 1]

        def passed(at: Hours, following: list[Hours] = following) -> Hours | None:
            return min((t for t in following if at <= t <= at + try_days * DAY), default=None)

        instants.sort()
        runs: list[list[Hours]] = []
        for at in instants:
            previous = runs[-1][-1] if runs else None
            continues = previous is not None and at - previous <= try_days * DAY
            if continues and previous is not None:
                end = passed(previous)
                continues = end is None or end >= at
            if continues:
                runs[-1].append(at)
            else:
                runs.append([at])
        for run in runs:
            is_passed = any(passed(at) is not None for at in run)
            found.append(Try(person, step, run[0], is_passed, now - run[-1] > try_days * DAY))
    return found
