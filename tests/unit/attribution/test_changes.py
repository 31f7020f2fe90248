"""Paths brought up to date by what changed equal paths made anew, after any history."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from jinja2 import Environment

from orchestration.settings import DBT_PROJECT_DIR
from tests import model_sql
from tests.unit.reliability import figures

STATE = "int_attribution__person_months"
PATHS = "int_attribution__path_touches"
MODELS = (STATE, PATHS)
KEYS = {STATE: ["person_key", "month_start"], PATHS: ["conversion_key", "converted_month"]}
DAYS = 60
START = datetime(2026, 1, 1)
LOOKBACK_DAYS = 20
VARIABLES = {"attribution_lookback_days": LOOKBACK_DAYS}
TABLES = """
    create table warehouse.intermediate.int_attribution__touches (
        touch_key bigint, person_key bigint, touched_month date, touched_at timestamp,
        traffic_source_key bigint, is_direct boolean
    );
    create table orders (conversion_key bigint, person_key bigint, converted_at timestamp);
"""
# Each order looks back on its own, not past the one before; people without a key have no path.
CONVERSIONS = f"""
    create or replace table warehouse.intermediate.int_attribution__conversions as
    select
        conversion_key,
        person_key,
        date_trunc('month', converted_at)::date as converted_month,
        converted_at - interval {LOOKBACK_DAYS} day as touches_from,
        max(converted_at) over (
            partition by person_key order by converted_at
            range between unbounded preceding and interval 1 microsecond preceding
        ) as touches_after,
        converted_at as touches_through
    from orders
"""


class House:
    """The two models over tables that a test changes day by day."""

    def __init__(self, whole: dict[str, str], changes: dict[str, str]) -> None:
        self.whole, self.changes = whole, changes
        self.sql: Any = model_sql.memory_warehouse()
        self.sql.execute(TABLES)
        self.keys = 0

    def build_whole(self) -> None:
        """A first build."""
        self.sql.execute(CONVERSIONS)
        model_sql.build(self.sql, self.whole)

    def update(self, model: str) -> int:
        """What dbt does on a later build of one model; gives the number of new rows."""
        self.sql.execute(f"create or replace temp table new_rows as {self.changes[model]}")
        target = f"warehouse.intermediate.{model}"
        columns = self.sql.execute(f"select column_name from (describe {target})").fetchall()
        self.sql.execute("begin")
        self.sql.execute(replace_sql(target, "new_rows", KEYS[model], [c for (c,) in columns]))
        self.sql.execute("commit")
        ((number,),) = self.sql.execute("select count(change_number) from new_rows").fetchall()
        return int(number)

    def differences(self) -> list[tuple[Any, ...]]:
        """Rows that only one of the kept and the newly made paths hold."""
        fresh = self.whole[PATHS]
        kept = f"select * exclude (change_number) from warehouse.intermediate.{PATHS}"
        made = f"select * exclude (change_number) from ({fresh})"
        rows: list[tuple[Any, ...]] = self.sql.execute(
            f"({kept} except all {made}) union all ({made} except all {kept})"
        ).fetchall()
        return rows

    def touch(self, at: datetime, person: int) -> None:
        self.keys += 1
        self.sql.execute(
            "insert into warehouse.intermediate.int_attribution__touches values "
            "(?, ?, date_trunc('month', ?), ?, ?, ?)",
            [self.keys, person, at, at, self.keys % 7, self.keys % 4 == 0],
        )

    def order(self, at: datetime, person: int | None) -> None:
        self.keys += 1
        self.sql.execute("insert into orders values (?, ?, ?)", [self.keys, person, at])


def replace_sql(target: str, source: str, keys: list[str], columns: list[str]) -> str:
    """The statements of the strategy `replace`, from the project's own macro."""
    macros = (DBT_PROJECT_DIR / "macros" / "engine" / "changes_only.sql").read_text()
    # SQL, not a page: nothing is escaped.
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701
    module: Any = environment.from_string(macros).module
    return str(
        module.get_incremental_replace_sql(
            {
                "target_relation": target,
                "temp_relation": source,
                "unique_key": keys,
                "dest_columns": [{"quoted": f'"{column}"'} for column in columns],
            }
        )
    )


@pytest.fixture(scope="session")
def both() -> tuple[dict[str, str], dict[str, str]]:
    """The models as dbt compiles them for a first build, and for a later one."""
    return (
        model_sql.compile_models(MODELS, VARIABLES),
        model_sql.compile_models(MODELS, VARIABLES, built=MODELS),
    )


@pytest.fixture
def house(both: tuple[dict[str, str], dict[str, str]]) -> House:
    return House(*both)


def one_day(house: House, chance: random.Random, now: datetime) -> None:
    """What a day brings: visits and orders, and every kind of change to what is there."""
    people = range(1, 40)
    for _ in range(12):
        house.touch(now + timedelta(seconds=chance.randrange(86400)), chance.choice(people))
    for _ in range(4):
        person = chance.choice([*people, None])
        house.order(now + timedelta(seconds=chance.randrange(86400)), person)
    touches = "warehouse.intermediate.int_attribution__touches"
    one_of = "(select {key} from {table} where {key} % 31 = ? order by {key} limit 2)"
    a_touch = one_of.format(key="touch_key", table=touches)
    an_order = one_of.format(key="conversion_key", table="orders")
    happenings: dict[str, Callable[[], object]] = {
        "a late visit": lambda: house.touch(
            now - timedelta(days=chance.randrange(1, 50)), chance.choice(people)
        ),
        "a late order": lambda: house.order(
            now - timedelta(days=chance.randrange(1, 50)), chance.choice(people)
        ),
        "a visitor is someone else": lambda: house.sql.execute(
            f"update {touches} set person_key = ? where person_key = ?",
            chance.sample(people, 2),
        ),
        "an order is someone else's": lambda: house.sql.execute(
            f"update orders set person_key = ? where conversion_key in {an_order}",
            [chance.choice([*people, None]), chance.randrange(31)],
        ),
        "visits are gone": lambda: house.sql.execute(
            f"delete from {touches} where touch_key in {a_touch}", [chance.randrange(31)]
        ),
        "a person is erased": lambda: house.sql.execute(
            f"delete from {touches} where person_key = ?", [chance.choice(people)]
        ),
        "an order no longer counts": lambda: house.sql.execute(
            f"delete from orders where conversion_key in {an_order}", [chance.randrange(31)]
        ),
        "an order has another time": lambda: house.sql.execute(
            f"update orders set converted_at = converted_at - interval 31 day "
            f"where conversion_key in {an_order}",
            [chance.randrange(31)],
        ),
        "a visit has another source": lambda: house.sql.execute(
            f"update {touches} set traffic_source_key = 99 where touch_key in {a_touch}",
            [chance.randrange(31)],
        ),
        "nothing else": lambda: None,
    }
    for happening in chance.sample(list(happenings), 4):
        happenings[happening]()


@pytest.mark.parametrize("seed", [1, 2])
def test_sixty_days_of_changes_leave_what_a_full_build_makes(house: House, seed: int) -> None:
    chance = random.Random(seed)
    house.build_whole()
    killed = 0
    for day in range(DAYS):
        one_day(house, chance, START + timedelta(days=day))
        house.sql.execute(CONVERSIONS)
        house.update(STATE)
        if chance.random() < 0.2:
            killed += 1
            continue
        house.update(PATHS)
        assert house.differences() == [], f"day {day}"
    assert 0 < killed < DAYS / 2
    ((paths,),) = house.sql.execute(
        f"select count(*) from warehouse.intermediate.{PATHS}"
    ).fetchall()
    assert paths > DAYS
    figures.note(
        "Simulated days of changing touches and orders, one build in five killed",
        f"{DAYS}, in two histories: the paths are those of a full build",
    )


def test_a_change_that_is_taken_back_after_a_kill_leaves_no_trace(house: House) -> None:
    house.touch(START, 1)
    house.order(START + timedelta(days=1), 1)
    house.build_whole()
    house.sql.execute("update orders set converted_at = converted_at + interval 1 day")
    house.sql.execute(CONVERSIONS)
    house.update(STATE)
    house.update(PATHS)
    house.sql.execute("update orders set converted_at = converted_at - interval 1 day")
    house.sql.execute(CONVERSIONS)
    house.update(STATE)
    # Killed here; the next refresh brings the change once more and is killed too.
    house.sql.execute("update orders set converted_at = converted_at + interval 1 day")
    house.sql.execute(CONVERSIONS)
    house.update(STATE)
    house.update(PATHS)
    assert house.differences() == []


def test_what_went_before_a_kill_goes_after_it_though_its_month_changed_again(
    house: House,
) -> None:
    house.touch(START, 1)
    house.order(START + timedelta(days=1), 1)
    house.order(START + timedelta(days=40), 1)
    house.build_whole()
    house.sql.execute("delete from orders where converted_at < ?", [START + timedelta(days=2)])
    house.sql.execute(CONVERSIONS)
    house.update(STATE)
    # Killed here; the month of the order that is gone gets a touch before the next refresh.
    house.touch(START + timedelta(days=2), 1)
    house.update(STATE)
    house.update(PATHS)
    assert house.differences() == []


def test_nothing_new_writes_nothing(house: House) -> None:
    for day in range(5):
        house.touch(START + timedelta(days=day), day)
        house.order(START + timedelta(days=day + 1), day)
    house.build_whole()
    assert house.update(STATE) == 0
    assert house.update(PATHS) == 0
    assert house.differences() == []


def test_one_changed_touch_rewrites_the_paths_of_its_person_only(house: House) -> None:
    for person in range(100):
        house.touch(START, person)
        house.order(START + timedelta(days=1), person)
    house.build_whole()
    house.touch(START + timedelta(hours=1), 7)
    assert house.update(STATE) == 1
    assert house.update(PATHS) == 2
    assert house.differences() == []


def test_the_last_conversion_of_a_month_goes_without_a_row_in_its_place(house: House) -> None:
    house.touch(START, 1)
    house.order(START + timedelta(days=1), 1)
    house.build_whole()
    house.sql.execute("delete from orders")
    house.sql.execute(CONVERSIONS)
    house.update(STATE)
    assert house.update(PATHS) == 0
    assert house.differences() == []


def test_other_rules_make_every_path_anew(house: House) -> None:
    for person in range(10):
        house.touch(START, person)
        house.touch(START + timedelta(hours=1), person)
        house.order(START + timedelta(days=1), person)
    house.build_whole()
    rules = {**VARIABLES, "attribution_counts_direct": False}
    house.changes = model_sql.compile_models(MODELS, rules, built=MODELS)
    assert house.update(STATE) == 10
    house.update(PATHS)
    ((direct,),) = house.sql.execute(
        f"select count(*) from warehouse.intermediate.{PATHS} "
        "inner join warehouse.intermediate.int_attribution__touches using (touch_key) "
        "where is_direct"
    ).fetchall()
    assert direct == 0
