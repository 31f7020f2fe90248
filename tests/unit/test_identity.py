"""People equal the connected components that a union-find in plain Python makes, in any order."""

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib import identity
from orchestration.lib.identity import LINK_COLUMNS, arrays, as_table, people_of, update_people

# One identifier, the other, and the day on which a record first named both.
Link = tuple[int, int, int]
Row = tuple[int, int, int | None]

IDENTIFIERS = st.integers(1, 14)
DAYS = st.integers(0, 6)
LINKS = st.lists(
    st.tuples(IDENTIFIERS, IDENTIFIERS, DAYS).filter(lambda link: link[0] < link[1]),
    max_size=20,
    unique_by=lambda link: link[:2],
)
# When each identifier was seen first, long before or after it was linked.
AGES = st.lists(st.integers(-5, 5), min_size=15, max_size=15)


def people_by_union_find(links: Iterable[Link], ages: list[int]) -> set[Row]:
    """The people and the days of their merges, one link after the other, as slowly as can be."""
    links = list(links)
    person = {end: end for link in links for end in link[:2]}
    merged_on: dict[int, int] = {}
    for one, other, day in sorted(links, key=lambda link: link[2]):
        first, second = sorted((person[one], person[other]), key=lambda key: (ages[key], key))
        if first == second:
            continue
        for end, owner in person.items():
            if owner == second:
                person[end] = first
        merged_on[second] = day
    return {(end, owner, merged_on.get(end)) for end, owner in person.items()}


def people(links: list[Link], ages: list[int]) -> set[Row]:
    one, other, day = (np.array(column, dtype=np.int64) for column in zip(*links, strict=True))
    seen = np.array(ages, dtype=np.int64)
    found = people_of(one, other, seen[one], seen[other], day)
    return {
        (identifier, person, None if merged_on < 0 else merged_on)
        for identifier, person, merged_on in zip(
            found.identifier.tolist(), found.person.tolist(), found.merged_on.tolist(), strict=True
        )
    }


@settings(deadline=None)
@given(LINKS.filter(bool), AGES, st.randoms())
def test_people_are_components_named_by_their_oldest_identifier(
    links: list[Link], ages: list[int], chance: random.Random
) -> None:
    expected = people_by_union_find(links, ages)
    assert people(links, ages) == expected
    chance.shuffle(links)
    assert people(links, ages) == expected
    turned = [(other, one, day) for one, other, day in links]
    assert people(turned, ages) == expected


def test_no_links_are_no_people() -> None:
    nothing = np.array([], dtype=np.int64)
    found = people_of(nothing, nothing, nothing, nothing, nothing)
    assert len(found.identifier) == len(found.person) == len(found.merged_on) == 0


def test_a_chain_keeps_the_key_of_its_oldest_however_late_it_joins() -> None:
    ages = [0, 9, 8, 7, 1, 2]
    assert people([(1, 2, 1), (2, 3, 2), (3, 4, 5)], ages) == {
        (1, 4, 1),
        (2, 4, 2),
        (3, 4, 5),
        (4, 4, None),
    }
    # The link between 1 and 4 came first: 2 and 3 joined them one after the other.
    assert people([(1, 2, 3), (2, 3, 4), (1, 4, 1)], ages) == {
        (1, 4, 1),
        (2, 4, 3),
        (3, 4, 4),
        (4, 4, None),
    }


DAY_ZERO = date(2026, 1, 1)
NOON = datetime(2026, 1, 1, 12)
TABLE = 'warehouse.derived."identity_people"'


def opened() -> duckdb.DuckDBPyConnection:
    """A connection as a driver step gets it, with an empty derived table."""
    connection = duckdb.connect(config={"threads": "1"})
    connection.execute("attach ':memory:' as warehouse")
    connection.execute("create schema warehouse.derived")
    connection.execute(
        f"create table {TABLE} (identifier_key bigint, person_key bigint, merged_on date)"
    )
    return connection


def hand_over(connection: duckdb.DuckDBPyConnection, links: list[Link], ages: list[int]) -> None:
    """Makes these the links of today."""
    rows = [
        {
            "identifier_key": one,
            "other_identifier_key": other,
            "first_seen_at": NOON + timedelta(days=ages[one]),
            "other_first_seen_at": NOON + timedelta(days=ages[other]),
            "linked_on": DAY_ZERO + timedelta(days=day),
        }
        for one, other, day in links
    ]
    instant, key = pa.timestamp("us"), pa.int64()
    schema = pa.schema(zip(LINK_COLUMNS, (key, key, instant, instant, pa.date32()), strict=True))
    connection.register("int_identity__merging_links", pa.Table.from_pylist(rows, schema=schema))


def update(connection: duckdb.DuckDBPyConnection) -> set[Row]:
    connection.begin()
    update_people(connection, TABLE)
    connection.commit()
    return {
        (identifier, person, None if merged_on is None else (merged_on - DAY_ZERO).days)
        for identifier, person, merged_on in connection.execute(f"from {TABLE}").fetchall()
    }


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(LINKS, AGES), min_size=1, max_size=4))
def test_after_any_history_an_update_equals_a_computation_of_everything(
    history: list[tuple[list[Link], list[int]]],
) -> None:
    with opened() as connection:
        for links, ages in history:
            hand_over(connection, links, ages)
            assert update(connection) == people_by_union_find(links, ages)
        assert update(connection) == people_by_union_find(*history[-1])


@settings(max_examples=30, deadline=None)
@given(LINKS, AGES, st.data())
def test_a_link_that_comes_goes_or_changes_reaches_all_whom_it_concerns(
    links: list[Link], ages: list[int], data: st.DataObject
) -> None:
    with opened() as connection:
        hand_over(connection, links, ages)
        update(connection)
        kept = [link for link in links if data.draw(st.booleans())]
        new = data.draw(LINKS.map(lambda drawn: drawn[:2]))
        links = list({link[:2]: link for link in [*kept, *new]}.values())
        ages = [age + data.draw(st.sampled_from([0, 0, 0, -3])) for age in ages]
        hand_over(connection, links, ages)
        assert update(connection) == people_by_union_find(links, ages)


def test_only_people_with_a_changed_link_are_computed_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    computed: list[set[int]] = []

    def spy(one: identity.Ints, other: identity.Ints, *rest: identity.Ints) -> identity.People:
        computed.append({*one.tolist(), *other.tolist()})
        return people_of(one, other, *rest)

    monkeypatch.setattr(identity, "people_of", spy)
    ages = [0] * 15
    links: list[Link] = [(1, 2, 0), (2, 3, 0), (4, 5, 0), (6, 7, 0), (8, 9, 0)]
    with opened() as connection:
        for changed in (links, links, [*links, (5, 6, 1)], links[1:]):
            hand_over(connection, changed, ages)
            assert update(connection) == people_by_union_find(changed, ages)
    assert computed == [{1, 2, 3, 4, 5, 6, 7, 8, 9}, set(), {4, 5, 6, 7}, {2, 3, 4, 5, 6, 7}]


def test_a_table_that_does_not_fit_the_kept_links_is_computed_as_a_whole() -> None:
    ages = [0] * 15
    links: list[Link] = [(1, 2, 0), (3, 4, 0)]
    with opened() as connection:
        hand_over(connection, links, ages)
        update(connection)
        connection.execute(f"delete from {TABLE} where identifier_key = 3")
        assert update(connection) == people_by_union_find(links, ages)
        connection.execute(f"drop table {identity.STATE}")
        assert update(connection) == people_by_union_find(links, ages)


def test_rows_are_what_the_arrays_say() -> None:
    with opened() as connection:
        hand_over(connection, [(1, 2, 3)], [0, 5, 4])
        links = connection.execute("from int_identity__merging_links").to_arrow_table()
    found = as_table(people_of(*arrays(links))).to_pylist()
    assert found == [
        {"identifier_key": 1, "person_key": 2, "merged_on": date(2026, 1, 4)},
        {"identifier_key": 2, "person_key": 2, "merged_on": None},
    ]
