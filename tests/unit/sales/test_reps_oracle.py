"""Reps and teams from the raw tables on, against a plain recomputation of what is documented.

The rules stand in docs/sales_and_service.md and docs/core.md: what a rep did counts for the team of
its day, a quota is split over teams by days, and teams are the sum of their reps.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from random import Random
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.model_sql import NO_EXTENTS, CompiledModels, Row

PARIS = ZoneInfo("Europe/Paris")
AS_OF = datetime(2026, 4, 15, 12)
TODAY, APRIL, ONE, SATURDAY = date(2026, 4, 15), date(2026, 4, 1), timedelta(days=1), 5
# Edges of weeks, months and quarters, the day on which clocks change, and the last days.
DAYS = [date(2026, 3, day) for day in (1, 2, 29, 31)]
DAYS += [date(2026, 4, day) for day in (1, 5, 6, 14, 15)]
REPS, TEAMS, UNKNOWN = ("R1", "R2", "R3"), ("North", "South"), "(unknown)"
MONEY = ("pipeline_created", "won_value", "revenue", "refunded", "attained", "attained_elapsed")
COUNTS = ["activities", "leads", "leads_worked", "opportunities", "won", "lost"]
WORKING_DAYS = ["working_days", "working_days_elapsed"]
INSTANTS = {"crm_leads": "created_at", "crm_opportunities": "created_at"}
INSTANTS |= {"crm_activities": "occurred_at", "shop_orders": "ordered_at"}
INSTANTS |= {"shop_refunds": "refunded_at"}


@pytest.fixture(scope="module")
def models() -> CompiledModels:
    variables = {"as_of": AS_OF.isoformat(), "business_timezone": PARIS.key, "home_country": ""}
    wanted = ["rep_performance", "team_performance"]
    return CompiledModels(wanted, variables | {"rep_quota_counts": ["orders", "deals"]})


def company(random: Random) -> dict[str, list[Row]]:
    """Three reps in two teams, and a few rows on a coarse grid of instants."""

    def at() -> datetime:
        clock = random.choice([time(0), time(9), time(23, 30)])
        local = datetime.combine(random.choice(DAYS), clock, PARIS)
        return min(local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None), AS_OF)

    def rows(name: str, most: int, **columns: list[Any]) -> list[Row]:
        return [
            {"_source": "crm", "_source_file": "f", "_row_number": n, "_batch_id": 1}
            | {"_loaded_at": AS_OF, name: str(n)}
            | {column: random.choice(values) for column, values in columns.items()}
            for n in range(random.randint(0, most))
        ]

    rep, amount, euro = [*REPS, *REPS, "R9", None], [10, 25, 40], ["EUR"]
    began = [date(2025, 1, 1), *DAYS, date(2026, 4, 20)]
    ended = [None, None, date(2026, 4, 10), date(2026, 4, 25)]
    seats = rows("n", 5, rep_id=[*REPS], team=[*TEAMS], valid_from=began, valid_to=ended)
    for row in seats:
        row["valid_to"] = max(row["valid_to"], row["valid_from"]) if row["valid_to"] else None
    deals = rows("opportunity_id", 4, stage=["any"], owner_rep_id=rep, amount=amount)
    for row in deals:
        closed = random.choice([None, AS_OF + ONE, at()])
        row["created_at"] = at()
        row["closed_at"] = max(closed, row["created_at"]) if closed else None
        # Won without a day, it would have closed when its row was loaded.
        row["is_won"] = random.choice([True, False]) if closed else None
    leads = rows("lead_id", 3, owner_rep_id=rep)
    calls = rows("activity_id", 5, rep_id=rep, activity_type=["call"], lead_id=["0", "1", None])
    status = ["completed", "completed", "cancelled"]
    orders = rows("order_id", 5, rep_id=rep, total=amount, status=status, currency=euro)
    refunds = rows("refund_id", 2, amount=[5], order_id=["0", "1", "2"], currency=euro)
    given = {"crm_opportunities": deals, "crm_leads": leads, "crm_activities": calls}
    given |= {"shop_orders": orders, "shop_refunds": refunds}
    for table, column in INSTANTS.items():
        for row in given[table]:
            row.setdefault(column, at())
    targets = rows(
        "n", 5, kpi_id=["revenue"], segment=[*rep[:6], *TEAMS], target_value=[0, 50, 100]
    )
    for row in targets:
        row["dimension"] = "rep" if row["segment"] in REPS else "team"
        row |= {"period_grain": random.choice(["month", "month", "quarter"]), "currency": "EUR"}
        row |= {
            "period_start": APRIL,
            "set_on": random.choice([date(2026, 1, 1), TODAY, TODAY + ONE]),
        }
    versions = {(row["segment"], row["period_grain"], row["set_on"]): row for row in targets}
    periods = {(row["rep_id"], row["valid_from"]): row for row in seats}
    return given | {"crm_reps": list(periods.values()), "kpi_targets": list(versions.values())}


def day_of(instant: datetime) -> date:
    return instant.replace(tzinfo=ZoneInfo("UTC")).astimezone(PARIS).date()


def start_of(grain: str, day: date) -> date:
    return {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
        "year": date(day.year, 1, 1),
    }[grain]


def days_of(grain: str, start: date) -> list[date]:
    after = (start + timedelta(days=n) for n in range(367))
    return [day for day in after if start_of(grain, day) == start]


def team_on(seats: list[Row], rep: str, day: date) -> str | None:
    """The team of the period that began last, unless that one is over."""
    begun = [seat for seat in seats if seat["rep_id"] == rep and seat["valid_from"] <= day]
    seat = max(begun, key=lambda seat: seat["valid_from"], default=None)
    return seat["team"] if seat and (seat["valid_to"] or date.max) >= day else None


def facts(given: dict[str, list[Row]]) -> Iterator[tuple[str, date, dict[str, Any]]]:
    """What each row of a source is to its rep, on its day."""
    for call in given["crm_activities"]:
        yield call["rep_id"] or UNKNOWN, day_of(call["occurred_at"]), {"activities": 1}
    for lead in given["crm_leads"]:
        since = [
            (call["occurred_at"] - lead["created_at"]) / timedelta(hours=1)
            for call in given["crm_activities"]
            if (call["lead_id"], call["rep_id"]) == (lead["lead_id"], lead["owner_rep_id"] or "")
        ]
        hours = sorted(hour for hour in since if hour >= 0)[:1]
        counted = {"leads": 1, "leads_worked": len(hours), "hours": hours}
        yield lead["owner_rep_id"] or UNKNOWN, day_of(lead["created_at"]), counted
    for deal in given["crm_opportunities"]:
        owner, amount = deal["owner_rep_id"] or UNKNOWN, deal["amount"]
        created = {"opportunities": 1, "pipeline_created": amount}
        yield owner, day_of(deal["created_at"]), created
        if deal["closed_at"] and deal["closed_at"] <= AS_OF:
            won = {"won": 1, "won_value": amount, "attained": amount}
            yield owner, day_of(deal["closed_at"]), won if deal["is_won"] else {"lost": 1}
    sales = (row for row in given["shop_orders"] if row["rep_id"] and row["status"] == "completed")
    sold = {order["order_id"]: order for order in sales}
    for order in sold.values():
        counted = {"revenue": order["total"], "attained": order["total"]}
        yield order["rep_id"], day_of(order["ordered_at"]), counted
    for refund in given["shop_refunds"]:
        if refund["order_id"] in sold:
            counted = {"refunded": refund["amount"], "attained": -refund["amount"]}
            yield sold[refund["order_id"]]["rep_id"], day_of(refund["refunded_at"]), counted


def quotas_in_force(given: dict[str, list[Row]]) -> dict[tuple[str, str], int]:
    """By grain and segment; all are of the period that began on 1 April."""
    set_by_now = [row for row in given["kpi_targets"] if row["set_on"] <= TODAY]
    set_by_now.sort(key=lambda row: row["set_on"])
    return {(row["period_grain"], row["segment"]): row["target_value"] for row in set_by_now}


def expected(given: dict[str, list[Row]], grain: str) -> Iterator[tuple[date, str, str, Row]]:
    """Period, team, rep and figures; the rep `all` is the team, and the team `all` everybody."""
    found, quotas = list(facts(given)), quotas_in_force(given)
    dated = [day_of(row[column]) for name, column in INSTANTS.items() for row in given[name]]
    first = min(dated, default=TODAY)
    is_known = is_paced = False
    for start in sorted(
        {start_of(grain, first + n * ONE) for n in range((TODAY - first).days + 1)}
    ):
        days = days_of(grain, start)
        cells: dict[tuple[str, str], Row] = defaultdict(lambda: defaultdict(int) | {"hours": []})
        for rep in REPS:
            for day in days:
                if team := team_on(given["crm_reps"], rep, day):
                    cell, is_working = cells[team, rep], day.weekday() < SATURDAY
                    cell["days"] += 1
                    cell["working_days"] += is_working
                    cell["working_days_elapsed"] += is_working and day < TODAY
        for rep, day, fact in found:
            if start <= day <= days[-1]:
                cell = cells[team_on(given["crm_reps"], rep, day) or UNKNOWN, rep]
                for name, value in fact.items():
                    cell[name] += value
                cell["attained_elapsed"] += fact.get("attained", 0) if day < TODAY else 0
        is_known |= any(cell["attained"] for cell in cells.values())
        is_paced |= any(cell["attained_elapsed"] for cell in cells.values())
        set_here = quotas if start == APRIL else {}
        shares_time = days[-1] >= APRIL and start < date(2026, 7, 1)
        others = {
            name for other, name in quotas if shares_time and (other != grain or not set_here)
        }
        rep_days: dict[str, int] = defaultdict(int)
        for (_, rep), cell in cells.items():
            rep_days[rep] += cell["days"]
        for (_, rep), cell in cells.items():
            stated = set_here.get((grain, rep))
            is_split = stated is not None and cell["days"]
            cell["quota"] = Fraction(stated * cell["days"], rep_days[rep]) if is_split else None
            cell["sold"] = abs(cell["attained"]) if stated is None or not rep_days.get(rep) else 0
            cell["is_elsewhere"] = cell["days"] > 0 and stated is None and rep in others
            # What of the rep's quota falls on the days that are over.
            days_of_quota = cell["working_days"] if cell["quota"] else 0
            cell["weighed"] = cell["quota"] if days_of_quota else 0
            elapsed = cell["weighed"] * cell["working_days_elapsed"]
            cell["weighed_elapsed"] = elapsed / days_of_quota if elapsed else 0
        teams = {}
        for team in {team for team, _ in cells}:
            own = [cell for (name, _), cell in cells.items() if name == team]
            teams[team] = together(own, "sold", "is_elsewhere")
            if (grain, team) in set_here:
                teams[team]["quota"] = set_here[grain, team]
            teams[team]["is_elsewhere"] += team in others
        everybody = together(teams.values(), "sold", "is_elsewhere")
        whole = {
            (team, "all"): cell for team, cell in (teams | {"all": everybody}).items() if cells
        }
        for (team, rep), cell in (cells | whole).items():
            quota, attained = cell["quota"], cell["attained"]
            total, over = ("weighed", "weighed_elapsed") if cell["weighed"] else WORKING_DAYS
            due, paced = (quota or 0) * cell[over], cell["attained_elapsed"] * cell[total]
            cell["attainment"] = Fraction(attained, 1) / quota if quota and is_known else None
            cell["pace"] = Fraction(paced, 1) / due if due and is_paced else None
            cell["is_complete"] = first <= start and days[-1] < TODAY
            yield start, team, rep, cell


def together(cells: Collection[Row], *lacking: str) -> Row:
    """The sum; without a quota where somebody who lacks one sold, or has one of another grain."""
    total: Row = {
        name: sum(cell[name] for cell in cells) for name in (*COUNTS, *WORKING_DAYS, *MONEY, "days")
    }
    total["hours"] = [hours for cell in cells for hours in cell["hours"]]
    for name in (*lacking, "weighed", "weighed_elapsed"):
        total[name] = sum(cell[name] for cell in cells)
    stated = [cell["quota"] for cell in cells if cell["quota"] is not None]
    is_missing = any(cell["quota"] is None and any(cell[n] for n in lacking) for cell in cells)
    total["quota"] = sum(stated) if stated and not is_missing else None
    return total


@pytest.mark.parametrize("seed", range(6))
def test_reps_and_teams_are_counted_as_plain_python_counts_them(
    models: CompiledModels, seed: int
) -> None:
    rows = company(Random(seed))
    tables = models.run({**rows, "int_kpi__component_extents": NO_EXTENTS})
    shown = {
        (row["period_grain"], row["period_start"], row["team"], row["rep"]): row
        for row in tables["rep_performance"]
    } | {
        (row["period_grain"], row["period_start"], row["segment"], "all"): row
        for row in tables["team_performance"]
    }
    wanted = {
        (grain, start, team, rep): row
        for grain in ("day", "week", "month", "quarter", "year")
        for start, team, rep, row in expected(rows, grain)
    }
    assert set(shown) == set(wanted)
    for key, row in wanted.items():
        values = shown[key]
        names = COUNTS + (WORKING_DAYS if row["days"] else [])
        assert {n: values[n] for n in names} == {n: row[n] for n in names}, key
        assert {n: values[n] for n in MONEY} == {n: row[n] for n in MONEY}, key
        assert values["is_complete"] is row["is_complete"], key
        hours = median(row["hours"]) if row["hours"] else None
        assert values["median_response_hours"] == pytest.approx(hours), key
        for name in ("quota", "attainment", "pace"):
            # A part of a quota is cut to four decimals.
            both = [None if cell[name] is None else float(cell[name]) for cell in (values, row)]
            assert both[0] == pytest.approx(both[1], abs=1e-4), (key, name)
