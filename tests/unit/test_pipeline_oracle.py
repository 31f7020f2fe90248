"""The pipeline's tables against a plain computation from the raw tables, on made-up companies.

The rules are those of docs/core.md and docs/sales_and_service.md. A run of the models takes as long
for a hundred companies as for one: each has names of its own, and a seed makes them.
"""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from tests.keys import key
from tests.model_sql import CompiledModels, Row

AS_OF = datetime(2026, 4, 15, 22, 30)  # Half past midnight in Paris.
UNKNOWN, FOREVER = "(unknown)", date(9999, 12, 31)
Deal = tuple[str, str]


def day(at: datetime) -> date:
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/Paris")).date()


TODAY = day(AS_OF)


class Meaning(NamedTuple):
    """What a stage is to a deal; `place` is null in another pipeline than its own."""

    position: int | None = None
    place: int | None = None
    probability: str | None = None
    is_closed: bool = False
    is_won: bool = False
    is_open: bool = False


def told_at(row: Row) -> datetime:
    told: datetime = row["updated_at"] or row["_loaded_at"]
    return told


def by_age(row: Row) -> tuple[Any, ...]:
    updated_at = row.get("updated_at") or datetime.min
    return updated_at, row["_source_file"], row["_batch_id"], row["_row_number"]


def versions(rows: Sequence[Row], *names: str) -> dict[Any, list[Row]]:
    found = defaultdict(list)
    for row in sorted(rows, key=by_age):
        found[row["_source"], *(row[name] for name in names)].append(row)
    return {name: rows for name, rows in found.items() if not rows[-1].get("is_deleted")}


class Company:
    def __init__(self, raw: Mapping[str, Sequence[Row]]) -> None:
        self.versions = versions(raw["crm_opportunities"], "opportunity_id")
        self.stages: dict[str, list[Row]] = defaultdict(list)
        for stages in versions(raw["crm_stages"], "pipeline", "stage").values():
            self.stages[stages[-1]["_source"]].append(stages[-1])
        self.histories: dict[Deal, list[tuple[str, datetime]]] = defaultdict(list)
        entries = versions(raw["crm_opportunity_stages"], "opportunity_id", "stage", "entered_at")
        for source, deal, stage, entered_at in entries:
            self.histories[source, deal].append((stage, entered_at))
        self.teams: dict[Deal, list[list[Any]]] = defaultdict(list)
        for (source, rep, first), rows in sorted(
            versions(raw["crm_reps"], "rep_id", "valid_from").items()
        ):
            self.teams[source, rep].append([first, rows[-1]["valid_to"] or FOREVER, rows[-1]])
        for periods in self.teams.values():
            for earlier, later in pairwise(periods):
                earlier[1] = min(earlier[1], later[0] - timedelta(days=1))
        self.pipelines = {deal: self.pipeline(deal) for deal in self.versions}

    def rep(self, source: str, rep_id: str | None) -> Deal | None:
        if rep_id is None:
            return None
        others = [rep for rep in self.teams if rep[1] == rep_id]
        is_known_elsewhere = (source, rep_id) not in self.teams and len(others) == 1
        return others[0] if is_known_elsewhere else (source, rep_id)

    def team(self, rep: Deal | None, on: date) -> str:
        periods = self.teams.get(rep or ("", ""), [])
        return next((row["team"] for a, b, row in periods if a <= on <= b), None) or UNKNOWN

    def told(self, deal: Deal) -> list[Row]:
        """Versions by when they were told, of one instant that of the later file."""
        by_instant = {}
        for row in sorted(self.versions[deal], key=lambda row: by_age({**row, "updated_at": None})):
            by_instant[told_at(row)] = row
        return [row for _, row in sorted(by_instant.items()) if not row["is_deleted"]]

    def pipeline(self, deal: Deal) -> str | None:
        was_in = {row["stage"] for row in self.told(deal)} | {s for s, _ in self.histories[deal]}
        counts: dict[str, int] = defaultdict(int)
        for row in self.stages[deal[0]]:
            counts[row["pipeline"]] += row["stage"] in was_in
        found = {name: number for name, number in counts.items() if number}
        return min(found, key=lambda name: (-found[name], name), default=None)

    def meaning(self, deal: Deal, stage: str) -> Meaning:
        rows = [row for row in self.stages[deal[0]] if row["stage"] == stage]
        own = [row for row in rows if row["pipeline"] == self.pipelines[deal]]
        rows = own or rows
        is_closed = any(row["is_closed"] for row in rows)
        one = rows[0] if len(rows) == 1 else {}
        return Meaning(
            one.get("position"),
            one.get("position") if own else None,
            one.get("probability"),
            is_closed,
            any(row["is_won"] for row in rows),
            bool(rows) and not is_closed,
        )

    def verdict(self, deal: Deal, row: Row) -> bool | None:
        """Whether one version says that the deal is won or lost; null where it says neither."""
        stage = self.meaning(deal, row["stage"])
        if row["is_won"] or stage.is_open:
            return row["is_won"] or None
        if stage.is_closed:
            return bool(stage.is_won if row["is_won"] is None else row["is_won"])
        return False if row["closed_at"] else None

    def entries(self, deal: Deal) -> list[tuple[str, datetime]]:
        """The CRM's history of stages, and what versions say of the time before it."""
        begins = min((at for _, at in self.histories[deal]), default=datetime.max)
        found = list(self.histories[deal])
        before = None
        for row in self.told(deal):
            if told_at(row) >= begins or row["stage"] == before:
                continue
            is_first, before = before is None, row["stage"]
            is_over = self.verdict(deal, row) is not None
            closing = (row["closed_at"] or told_at(row)) if is_over else datetime.max
            is_closed = self.meaning(deal, row["stage"]).is_closed
            if is_closed and closing >= begins:
                continue
            if closing <= AS_OF and closing < begins:
                found.append((row["stage"], closing))
            elif is_first:
                found.append((row["stage"], row["created_at"]))
            else:
                found.append((row["stage"], closing if is_closed else told_at(row)))
        # Of one instant in the order of the pipeline; a stage repeated at once is one entry.
        ordered = sorted(
            found,
            key=lambda e: (e[1], self.meaning(deal, e[0]).position or FOREVER.toordinal(), e[0]),
        )
        return [next(same) for _, same in groupby(ordered, key=lambda entry: entry[0])]

    def is_seen_late(self, deal: Deal) -> bool:
        seen = [told_at(row) for row in self.told(deal)] + [at for _, at in self.histories[deal]]
        return day(min(seen)) - day(self.versions[deal][-1]["created_at"]) > timedelta(days=1)

    def closing(self, deal: Deal) -> tuple[bool, datetime | None]:
        """Whether it is won, and when it closes, be that still to come."""
        latest = self.versions[deal][-1]
        won = self.verdict(deal, latest)
        if won is None or latest["closed_at"]:
            return bool(won), latest["closed_at"] if won is not None else None
        stage, entered_at = self.entries(deal)[-1]
        if (stage, entered_at) in self.histories[deal] and self.meaning(deal, stage).is_closed:
            return won, entered_at
        runs = [
            list(r) for so, r in groupby(self.told(deal), lambda r: self.says(deal, r, won)) if so
        ]
        return won, told_at(runs[-1][0])

    def says(self, deal: Deal, row: Row, won: bool) -> bool:
        is_over = row["is_won"] or self.meaning(deal, row["stage"]).is_closed
        return bool(is_over) and self.verdict(deal, row) == won

    def fact(self, deal: Deal) -> Row:
        row = self.versions[deal][-1]
        won, closed_at = self.closing(deal)
        if closed_at and closed_at > AS_OF:
            closed_at = None
        created, closed = day(row["created_at"]), closed_at and day(closed_at)
        rep = self.rep(deal[0], row["owner_rep_id"])
        return {
            "opportunity_key": key(*deal),
            "owner_rep_key": rep and key(*rep),
            "team_at_creation": self.team(rep, created),
            "team": self.team(rep, closed or TODAY),
            "created_date": created,
            "stage": row["stage"],
            "is_closed": closed_at is not None,
            "is_won": won and closed_at is not None,
            "closed_at": closed_at,
            "closed_date": closed,
        }

    def visits(self, deal: Deal) -> list[Row]:
        fact, (_, closes) = self.fact(deal), self.closing(deal)
        entries = [(stage, at, self.meaning(deal, stage)) for stage, at in self.entries(deal)]
        last_open = max(
            (n for n, entry in enumerate(entries) if not entry[2].is_closed), default=-1
        )
        # What closes a deal at last is the run of stages of one outcome that ends its history.
        before = max(
            (n for n, entry in enumerate(entries) if entry[2].is_won != entries[-1][2].is_won),
            default=-1,
        )
        entered = []
        for number, (stage, at, meaning) in enumerate(entries):
            if closes and closes > AS_OF and last_open < 0 and number == 0:
                # All that is known is the stage that it is to close in.
                entered.append((stage, at, meaning._replace(is_closed=False)))
            elif closes and number > max(last_open, before):
                entered.append((stage, closes, meaning))
            else:
                entered.append((stage, min(at, closes or at), meaning))
        entered = [entry for entry in entered if entry[1] <= AS_OF]
        return [self.visit(deal, fact, entered, number) for number in range(len(entered))]

    def visit(
        self, deal: Deal, fact: Row, entered: list[tuple[str, datetime, Meaning]], number: int
    ) -> Row:
        stage, at, here = entered[number]
        before = [meaning for _, _, meaning in entered[:number]]
        been = {name for name, _, _ in entered[:number]}
        came_from = before[-1] if before else Meaning()
        following = entered[number + 1] if number + 1 < len(entered) else None
        exited = following[1] if following else None if here.is_closed else fact["closed_at"]
        passed = [one.place for one in before if one.place and not one.is_closed]
        first, last = (passed or [0])[-1], here.place or 0
        if came_from.is_closed or (here.is_closed and not here.is_won):
            last = 0
        skipped = [
            row
            for row in self.stages[deal[0]]
            if row["pipeline"] == self.pipelines[deal]
            and not row["is_closed"]
            and row["stage"] not in been
            and first < row["position"] < last
        ]
        # Of a deal first seen long after its creation nobody knows where it had been by then.
        is_unknown = bool(skipped) and not passed and self.is_seen_late(deal)
        after = following[2] if following else here
        if after.is_closed or (following is None and fact["is_closed"]):
            outcome = "won" if (after.is_won if after.is_closed else fact["is_won"]) else "lost"
        elif following is None:
            outcome = "open"
        elif here.is_closed:
            outcome = "reopened"
        else:
            is_back = (after.place or FOREVER.toordinal()) < (here.place or 0)
            outcome = "moved_back" if is_back else "advanced"
        return {
            "opportunity_key": fact["opportunity_key"],
            "visit_number": number + 1,
            "pipeline": self.pipelines[deal] or UNKNOWN,
            "stage": stage,
            "position": here.position,
            "probability": here.probability and float(here.probability),
            "stage_visit_number": 1 + sum(name == stage for name, _, _ in entered[:number]),
            "is_closed_stage": here.is_closed,
            "is_won_stage": here.is_won,
            "team": self.team(self.rep(deal[0], self.versions[deal][-1]["owner_rep_id"]), day(at)),
            "entered_at": at,
            "exited_at": exited,
            "exited_date": exited and day(exited),
            "skipped_stages": None if is_unknown else len(skipped),
            "is_skip": None if is_unknown else bool(skipped),
            "is_reopen": came_from.is_closed and not here.is_closed,
            "is_backward": not came_from.is_closed
            and not here.is_closed
            and (here.place or FOREVER.toordinal()) < (came_from.place or 0),
            "outcome": outcome,
        }


INSTANTS = [
    *map(datetime.fromisoformat, ("2026-02-28 22:59:59", "2026-03-28 23:00:00")),
    *map(datetime.fromisoformat, ("2026-03-31 21:59:59", "2026-03-31 22:00:00")),
    *map(datetime.fromisoformat, ("2026-04-06 12:00:00", "2026-04-14 22:00:00")),
    *map(datetime.fromisoformat, ("2026-04-15 12:00:00", "2026-04-15 22:30:00")),
]
FUTURE = [datetime(2026, 4, 16, 12), datetime(2026, 4, 16, 22)]
DAYS = [date(2026, 1, 1), date(2026, 4, 1), date(2026, 4, 6), date(2026, 4, 15), date(2026, 4, 16)]
STAGES = ["demo", "offer", "talks", "won", "lost", "odd"]
LOADS = [datetime(2026, 3, 30), datetime(2026, 4, 6), datetime(2026, 4, 15)]


def company(name: int, draw: random.Random) -> dict[str, list[Row]]:
    """A few deals of one or two CRMs, with all that the contract lets be missing or contradict."""
    made: dict[str, list[Row]] = defaultdict(list)

    def add(table: str, source: str, **row: Any) -> None:
        batch = draw.randrange(3)
        loaded_at = max(LOADS[batch], row.get("created_at", LOADS[batch]))
        made[table].append(
            {"_source": f"{name}.{source}", "_source_file": f"{draw.randrange(3)}.csv"}
            | {"_batch_id": batch, "_loaded_at": loaded_at, "_row_number": len(made[table])}
            | row
        )

    for source in ["crm", "other"][: draw.choice([1, 1, 2])]:
        for pipeline in draw.sample(["main", "partner", "alt"], draw.choice([0, 1, 1, 2, 3])):
            for position, stage in enumerate(draw.sample(STAGES, draw.randint(1, 6)), start=1):
                is_closed = stage in ("won", "lost") or draw.random() < 0.1
                add("crm_stages", source, pipeline=pipeline, stage=stage, position=position,
                    probability=draw.choice([None, "0.1", "0.5"]), is_closed=is_closed,
                    is_won=is_closed and stage != "lost")  # fmt: skip
        for rep in draw.sample(["r1", "r2"], draw.randint(0, 2)):
            for first in draw.sample(DAYS, draw.randint(1, 3)):
                last = draw.choice([None, None, *(on for on in DAYS if on >= first)])
                add("crm_reps", source, rep_id=f"{name}.{rep}", team=draw.choice(["A", "B", None]),
                    valid_from=first, valid_to=last)  # fmt: skip
        for deal in range(draw.randint(1, 4)):
            created_at = draw.choice(INSTANTS)
            since = [at for at in INSTANTS if at >= created_at]
            is_dated = draw.random() < 0.7
            for _ in range(draw.choice([1, 1, 2, 3, 4])):
                add("crm_opportunities", source, opportunity_id=f"d{deal}", created_at=created_at,
                    owner_rep_id=draw.choice([None, *(f"{name}.r{n}" for n in (1, 2, 3))]),
                    stage=draw.choice(STAGES),
                    closed_at=draw.choice([None, None, None, *since, draw.choice(FUTURE)]),
                    is_won=draw.choice([None, None, True, False]),
                    updated_at=draw.choice(since) if is_dated else None,
                    is_deleted=draw.random() < 0.05)  # fmt: skip
            for _ in range(draw.choice([0, 0, 1, 2, 4])):
                add("crm_opportunity_stages", source, opportunity_id=f"d{deal}",
                    stage=draw.choice(STAGES), entered_at=draw.choice(since))  # fmt: skip
    return made


@pytest.fixture(scope="module")
def models() -> CompiledModels:
    variables = {"as_of": AS_OF.isoformat(), "business_timezone": "Europe/Paris"}
    return CompiledModels(
        ("fct_opportunities", "pipeline_stages"),
        variables,
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_deals_and_their_stages_are_those_of_the_rules(models: CompiledModels, seed: int) -> None:
    draw = random.Random(seed)
    raw: dict[str, list[Row]] = defaultdict(list)
    for name in range(150):
        for table, rows in company(name, draw).items():
            raw[table] += rows
    found = models.run(raw)
    expected = Company(raw)
    facts = {row["opportunity_key"]: row for row in found["fct_opportunities"]}
    visits = {
        name: list(rows)
        for name, rows in groupby(
            sorted(
                found["pipeline_stages"], key=lambda r: (r["opportunity_key"], r["visit_number"])
            ),
            key=lambda row: row["opportunity_key"],
        )
    }
    assert set(facts) == set(visits) == {key(*deal) for deal in expected.versions}
    for deal in expected.versions:
        fact, ways = expected.fact(deal), expected.visits(deal)
        told = [row for rows in raw.values() for row in rows if row.get("_source") == deal[0]]
        assert {name: facts[key(*deal)][name] for name in fact} == fact, told
        shown = [{name: row[name] for name in ways[0]} for row in visits[key(*deal)]]
        assert shown == ways, told
