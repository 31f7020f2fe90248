"""`kpi.service_performance` as docs/sales_and_service.md says it, in plain Python.

Two help desks around the night in which Paris puts its clocks forward. Instants lie on a coarse
grid: ties, midnights, opening times and promises that are met to the second are common.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.model_sql import NO_EXTENTS, CompiledModels, Row

PARIS, DAY, HOUR = ZoneInfo("Europe/Paris"), timedelta(days=1), timedelta(hours=1)
FIRST, NOW = date(2026, 3, 27), datetime(2026, 4, 2, 10)
HOME, UNKNOWN = "FR", "(unknown)"
SLAS = ("first_response_sla", "resolution_sla", "sla")
Span = tuple[date, date]


def pick(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def rows(size: int, **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    return st.lists(st.fixed_dictionaries(columns), min_size=size // 2, max_size=size)


days = st.integers(0, 5).map(lambda number: FIRST + number * DAY)
hours = pick(-2, -1, 0, 5, 6, 7, 7.5, 12, 15, 16, 22)
instants = st.builds(lambda day, hour: datetime.combine(day, time()) + hour * HOUR, days, hours)
waits = pick(None, None, -30, -1, 0, 0.5, 1, 4, 8, 9, 24, 48)
week = range(1, 8)
companies = st.fixed_dictionaries(
    {
        "tickets": rows(
            40,
            _source=pick("desk", "phone"),
            created_at=instants,
            replied_after=waits,
            solved_after=waits,
            customer_id=pick(None, "at home", "in Germany", "in Italy"),
            channel=pick(None, "mail"),
            priority=pick("High", "low", None),
            topic=pick(None, "delivery"),
            reopened_count=pick(None, 0, 2),
            assignee_id=pick(None, "R1", "R2"),
        ),
        "surveys": rows(
            12,
            survey=pick("csat", "nps", "source"),
            sent_at=pick(None) | instants,
            answered_at=instants,
            ticket_id=st.integers(0, 25),
            score=pick(None, 0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 75, 90),
            scale=pick((None, None), (1, 5), (0, 10), (1, 10), (0, 100), (5, 5)),
        ),
        "reps": st.lists(st.tuples(pick("R1", "R2"), days, pick(0, 2, 30), pick(None, "A", "B"))),
        "hours": pick(
            [(weekday, 9, 17) for weekday in week if weekday < 6],
            [(weekday, 0, 24) for weekday in week],
            [(weekday, *both) for weekday in week for both in ((0, 7), (12, 24))],
        ),
        "holidays": st.sets(st.tuples(pick("FR", "DE"), days), min_size=2, max_size=6),
        "promises": pick({"high": (1, 8), "low": (None, 9)}, {"high": (0.5, None), "low": (4, 8)}),
    }
)


def business_day(instant: datetime) -> date:
    return instant.replace(tzinfo=UTC).astimezone(PARIS).date()


def midnight(day: date, hour: int) -> datetime:
    """The instant at which a clock in Paris shows an hour of a day, to 24."""
    wall = datetime.combine(day + hour // 24 * DAY, time(hour % 24), PARIS)
    return wall.astimezone(UTC).replace(tzinfo=None)


def open_hours(company: Row, country: str | None, start: datetime, end: datetime) -> Fraction:
    """The parts of opening intervals that lie between two instants."""
    holidays = company["holidays"]
    closing = country if any(country == one for one, _ in holidays) else HOME
    passed = timedelta()
    for day in (FIRST + number * DAY for number in range(-1, 8)):
        for weekday, opens, closes in company["hours"]:
            if weekday == day.isoweekday() and (closing, day) not in holidays:
                first, last = midnight(day, opens), midnight(day, closes)
                passed += max(min(last, end) - max(first, start), timedelta())
    return Fraction(passed // timedelta(seconds=1), 3600)


def team(company: Row, rep: str | None, day: date) -> str:
    """The team of the period that began last, if it holds the day."""
    begun = [one for one in company["reps"] if one[0] == rep and one[1] <= day]
    _, start, lasts, name = max(begun, key=lambda one: one[1], default=(rep, day, 0, None))
    return name if name and day <= start + lasts * DAY else UNKNOWN


def told_until(tickets: list[Row]) -> datetime:
    """The instant as far as the desks are known of: a day's end, once nothing came for three."""
    waits = (
        (ticket["created_at"], wait)
        for ticket in tickets
        for wait in (0, ticket["replied_after"], ticket["solved_after"])
    )
    signs = [created + wait * HOUR for created, wait in waits if wait is not None]
    last = max((sign for sign in signs if sign <= NOW), default=NOW)
    if last >= NOW - 3 * DAY:
        return NOW
    return midnight(business_day(last) + DAY, 0)


def measured(company: Row, ticket: Row, tells_replies: bool) -> Row:
    """A ticket with its segments, hours, and promises kept (True), broken (False) or neither."""
    country = {"in Germany": "DE", "in Italy": "IT"}.get(ticket["customer_id"])
    country = "FR" if ticket["customer_id"] == "at home" else country
    created, day = ticket["created_at"], business_day(ticket["created_at"])
    t: Row = {
        "date": day,
        "reopened": bool(ticket["reopened_count"]),
        "country": country or UNKNOWN,
    }
    t |= {name: ticket[name] or UNKNOWN for name in ("channel", "priority", "topic")}
    t |= {"assignee": ticket["assignee_id"] or UNKNOWN, "overall": "all"}
    t["team"] = team(company, ticket["assignee_id"], day)
    early = {}
    for name, column in (("first_response", "replied_after"), ("resolution", "solved_after")):
        wait = ticket[column]
        early[name] = wait is not None and wait < 0
        is_told = wait is not None and wait >= 0 and created + wait * HOUR <= NOW
        t[f"{name}_hours"] = Fraction(wait) if is_told else None
        t[f"{name}_business_hours"] = (
            open_hours(company, country, created, created + wait * HOUR) if is_told else None
        )
    t["solved_on"] = day if early["resolution"] else None
    if t["resolution_hours"] is not None:
        t["solved_on"] = business_day(created + ticket["solved_after"] * HOUR)
    reply, solution = (t[f"{name}_business_hours"] for name in ("first_response", "resolution"))
    so_far = open_hours(company, country, created, told_until(company["tickets"]))

    def verdict(promised: float, took: Fraction | None, is_early: bool) -> bool | None:
        if is_early and (took is None or took > promised):
            return None
        return took <= promised if took is not None else False if so_far > promised else None

    promises = company["promises"].get((ticket["priority"] or "").lower(), (None, None))
    verdicts: dict[str, bool | None] = {}
    if promises[0] is not None and tells_replies:
        # Who solved a ticket had replied by then.
        by, is_early = (solution, any(early.values())) if reply is None else (reply, False)
        is_early = is_early and (by is None or early["first_response"])
        verdicts["first_response_sla"] = verdict(promises[0], by, is_early)
    if promises[1] is not None:
        verdicts["resolution_sla"] = verdict(promises[1], solution, early["resolution"])
    said = set(verdicts.values())
    return t | verdicts | {"sla": False if False in said else True if said == {True} else None}


def scored(survey: Row, tickets: dict[str, Row]) -> Row:
    """A survey with the day it was sent, what it says, and its ticket's segments."""
    ticket = tickets.get(f"T{survey['ticket_id']}", {})
    low, high = survey["scale"] if survey["scale"][0] is not None else (1, 5)
    if survey["survey"] == "nps" and survey["scale"][0] is None:
        low, high = 0, 10
    score, says = survey["score"], None
    if score is not None and low <= score <= high and low < high:
        from_zero = 0 if survey["survey"] == "nps" and (low, high) == (1, 10) else low
        place = Fraction(score - from_zero, high - from_zero)
        limits = {
            "csat": (Fraction(3, 4), Fraction(1, 2)),
            "nps": (Fraction(9, 10), Fraction(7, 10)),
        }
        best, middle = limits.get(survey["survey"], (0, 0))
        says = "good" if place >= best else "middling" if place >= middle else "bad"
    names = ("channel", "priority", "topic", "assignee", "team", "country")
    segments = {name: ticket.get(name, UNKNOWN) for name in names} | {"overall": "all"}
    day = business_day(survey["sent_at"] or survey["answered_at"])
    return segments | {"survey": survey["survey"], "date": day, "says": says}


def quantile(values: list[Fraction], share: Fraction) -> Fraction:
    """Hyndman and Fan's type 7."""
    whole, rest = divmod(share * (len(values) - 1), 1)
    low, high = sorted(values)[int(whole)], sorted(values)[min(int(whole) + 1, len(values) - 1)]
    return low + rest * (high - low)


def rate(part: int, whole: int, is_known: bool = True) -> Fraction | None:
    return Fraction(part, whole) if whole and is_known else None


def figures(every: list[Row], of: list[Row], asked: list[Row], span: Span) -> Iterator[Any]:
    """Columns and their values: of a segment's tickets, and its surveys of the days of `span`."""
    came = [t for t in of if span[0] <= t["date"] < span[1]]
    solved = [t for t in came if t["solved_on"]]
    reopened = sum(t["reopened"] for t in came)
    ever_solved = sum(bool(t["solved_on"]) or t["reopened"] for t in came)
    yield from (("tickets", len(came)), ("solved", len(solved)), ("reopened", reopened))
    yield "ever_solved", ever_solved
    yield "reopened_rate", rate(reopened, ever_solved, any(t["reopened"] for t in every))
    yield "replied", sum(t["first_response_hours"] is not None for t in came)
    for name in ("first_response", "resolution"):
        for measure in (f"{name}_hours", f"{name}_business_hours"):
            values = [t[measure] for t in came if t[measure] is not None]
            yield f"median_{measure}", quantile(values, Fraction(1, 2)) if values else None
            yield f"p90_{measure}", quantile(values, Fraction(9, 10)) if values else None
            yield f"mean_{measure}", sum(values) / len(values) if values else None
    for sla in SLAS:
        verdicts = [t.get(sla) for t in came]
        met, decided = verdicts.count(True), verdicts.count(True) + verdicts.count(False)
        yield from ((f"{sla}_met", met), (f"{sla}_decided", decided))
        yield f"{sla}_met_rate", rate(met, decided, any(t.get(sla) for t in every))
    yield (
        "solved_in_period",
        sum(bool(t["solved_on"]) and span[0] <= t["solved_on"] < span[1] for t in of),
    )
    waiting = [t for t in of if t["date"] < span[1]]
    yield "backlog", sum(not t["solved_on"] or t["solved_on"] >= span[1] for t in waiting)
    for survey, good, bad in (
        ("csat", "csat_satisfied", ""),
        ("nps", "nps_promoters", "nps_detractors"),
    ):
        said = [s["says"] for s in asked if s["survey"] == survey]
        answers = len(said) - said.count(None)
        yield from ((f"{survey}_surveys", len(said)), (f"{survey}_answers", answers))
        yield f"{survey}_response_rate", rate(answers, len(said))
        yield good, said.count("good")
        if bad:
            yield bad, said.count("bad")
            yield "nps", rate(100 * (said.count("good") - said.count("bad")), answers)
        else:
            yield "csat_rate", rate(said.count("good"), answers)


def raw_tables(company: Row) -> dict[str, Any]:
    """The company's rows as its systems deliver them."""
    added = {"_source_file": "f", "_loaded_at": NOW, "_batch_id": 1, "_row_number": 1}
    shop = {**added, "_source": "shop"}

    def after(ticket: Row, wait: float | None) -> datetime | None:
        return None if wait is None else ticket["created_at"] + wait * HOUR

    countries = {"at home": "FR", "in Germany": "DE", "in Italy": "IT"}
    return {
        "support_tickets": [
            {**added, **t, "ticket_id": f"T{number}"}
            | {"first_replied_at": after(t, t["replied_after"])}
            | {"solved_at": after(t, t["solved_after"])}
            for number, t in enumerate(company["tickets"])
        ],
        "survey_responses": [
            {**shop, **s, "response_id": number, "ticket_id": f"T{s['ticket_id']}"}
            | dict(zip(("scale_min", "scale_max"), s["scale"], strict=True))
            for number, s in enumerate(company["surveys"])
        ],
        "shop_customers": [
            {**shop, "customer_id": name, "country": country} for name, country in countries.items()
        ],
        "crm_reps": [
            {**shop, "rep_id": rep, "valid_from": start, "team": name}
            | {"valid_to": start + lasts * DAY}
            for rep, start, lasts, name in company["reps"]
        ],
        "business_hours": [
            {"weekday": weekday, "opens_at": f"{opens:02}:00", "closes_at": f"{closes:02}:00"}
            for weekday, opens, closes in company["hours"]
        ],
        "holidays": [{"country": one, "holiday_date": day} for one, day in company["holidays"]],
        "sla_targets": [
            {"priority": name, "first_response_hours": reply, "resolution_hours": solution}
            for name, (reply, solution) in company["promises"].items()
        ],
        "int_kpi__component_extents": NO_EXTENTS,
    }


@pytest.fixture(scope="module")
def models() -> CompiledModels:
    variables = {"business_timezone": "Europe/Paris", "home_country": HOME}
    return CompiledModels(["service_performance"], variables | {"as_of": NOW.isoformat()})


@settings(max_examples=6, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(company=companies)
def test_service_is_what_plain_python_finds(models: CompiledModels, company: Row) -> None:
    # The one list of agents has both: desks without one would mean different people by an id.
    listed = [("R1", FIRST - 60 * DAY, 0, None), ("R2", FIRST - 60 * DAY, 0, None)]
    company["reps"] = listed + list({one[:2]: one for one in company["reps"]}.values())
    tells = {
        t["_source"]
        for t in company["tickets"]
        if t["replied_after"] is not None
        and 0 <= t["replied_after"] <= (NOW - t["created_at"]) / HOUR
    }
    tickets = {
        f"T{number}": measured(company, t, t["_source"] in tells)
        for number, t in enumerate(company["tickets"])
    }
    surveys = [scored(survey, tickets) for survey in company["surveys"]]
    begins = min(row["date"] for row in [*tickets.values(), *surveys])
    found = models.run(raw_tables(company))["service_performance"]
    for row in found:
        length = {"day": 1, "week": 7}.get(row["period_grain"])
        if length is None:
            continue
        span = row["period_start"], row["period_start"] + length * DAY
        name, segment = row["dimension"], row["segment"]
        of = [t for t in tickets.values() if t[name] == segment]
        asked = [s for s in surveys if s[name] == segment and span[0] <= s["date"] < span[1]]
        wanted = dict(figures(list(tickets.values()), of, asked, span))
        wanted = {n: float(v) if isinstance(v, Fraction) else v for n, v in wanted.items()}
        wanted["is_complete"] = begins <= span[0] and span[1] <= business_day(NOW)
        assert {n: row[n] for n in wanted} == pytest.approx(wanted, abs=1e-9), (span, name, segment)
    # Nothing that came is missing.
    shown = {
        (row["period_start"], row["dimension"], row["segment"]): row
        for row in found
        if row["period_grain"] == "day"
    }
    for row in [*tickets.values(), *(s for s in surveys if s["survey"] != "source")]:
        for name in ("overall", "channel", "priority", "team", "assignee", "topic", "country"):
            assert (row["date"], name, row[name]) in shown
