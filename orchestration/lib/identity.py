"""Who is who: people as connected components of the links between their identifiers.

A person is a set of identifiers that links connect, and is named by the oldest of them, so that a
person who is merged keeps the older key. Links are taken day by day, which also says when each key
ceased to be a person's own.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.int64]

LINK_COLUMNS = (
    "identifier_key",
    "other_identifier_key",
    "first_seen_at",
    "other_first_seen_at",
    "linked_on",
)
# The number rises with each change of what is computed: people of an earlier way are computed anew.
STATE = "warehouse.steps.identity_links_1"
_NEVER = -1


@dataclass(frozen=True)
class People:
    """One element per linked identifier in each array, by identifier.

    `person` is the oldest identifier of the person; `merged_on` counts days like the links', and is
    -1 where the identifier names the person.
    """

    identifier: Ints
    person: Ints
    merged_on: Ints


def people_of(one: Ints, other: Ints, one_seen: Ints, other_seen: Ints, day: Ints) -> People:
    """The people that these links make: an element per link in every array.

    `one` and `other` are identifiers, `one_seen` and `other_seen` when each was seen first (any
    unit), `day` when the link was seen first. The order of the links does not matter; of
    identifiers that were seen at the same time the smaller key is the older.
    """
    identifiers, ends = np.unique(np.concatenate([one, other]), return_inverse=True)
    seen = np.empty(len(identifiers), dtype=np.int64)
    seen[ends] = np.concatenate([one_seen, other_seen])
    by_age = np.lexsort((identifiers, seen))
    age = np.empty_like(by_age)
    age[by_age] = np.arange(len(by_age))
    left, right = age[ends[: len(one)]], age[ends[len(one) :]]
    # From here on an identifier is its age: the oldest of a component is its smallest number.
    parent = np.arange(len(identifiers), dtype=np.int64)
    merged_on = np.full(len(identifiers), _NEVER, dtype=np.int64)
    order = np.argsort(day, kind="stable")
    days, starts = np.unique(day[order], return_index=True)
    for today, links in zip(days.tolist(), np.split(order, starts[1:]), strict=False):
        _merge(parent, merged_on, left[links], right[links], today)
    root = _roots(parent, np.arange(len(parent)))
    return People(identifiers, identifiers[by_age[root[age]]], merged_on[age])


def _merge(parent: Ints, merged_on: Ints, left: Ints, right: Ints, day: int) -> None:
    """Joins the people that one day's links connect; the oldest of each new person is its root."""
    from_root, to_root = _roots(parent, left), _roots(parent, right)
    apart = from_root != to_root
    if not apart.any():
        return
    touched, ends = np.unique(
        np.concatenate([from_root[apart], to_root[apart]]), return_inverse=True
    )
    half = len(ends) // 2
    graph = coo_array(
        (np.ones(half, dtype=np.int8), (ends[:half], ends[half:])), shape=(len(touched),) * 2
    )
    _, component = connected_components(graph, directed=False)
    _, oldest = np.unique(component, return_index=True)
    parent[touched] = touched[oldest[component]]
    merged_on[touched[parent[touched] != touched]] = day


def _roots(parent: Ints, of: Ints) -> Ints:
    """The root of each; what lies between is shortened on the way."""
    root = parent[of]
    while not np.array_equal(root, further := parent[root]):
        root = further
    parent[of] = root
    return root


def update_people(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Brings `table` (identifier_key, person_key, merged_on) in step with the links of today.

    The links of the last time are kept beside it. Only people with a link that came, went or
    changed are computed anew, so the result equals that of a computation of everything, whatever
    happened before. A table that does not fit the kept links is computed as a whole.
    """
    _compare(connection, table)
    connection.execute(
        f"""
        create or replace temp table links_again as
        select {", ".join(LINK_COLUMNS)}
        from int_identity__merging_links
        where identifier_key in (from identifiers_again)
        """
    )
    links = connection.execute("from links_again").to_arrow_table()
    connection.register("people_again", as_table(people_of(*arrays(links))))
    connection.execute(f"delete from {table} where identifier_key in (from identifiers_again)")
    connection.execute(f"insert into {table} select * from people_again")
    connection.execute(f"delete from {STATE} where linked_on in (from days_changed)")
    connection.execute(
        f"insert into {STATE} select {', '.join(LINK_COLUMNS)} from int_identity__merging_links"
        " where linked_on in (from days_changed)"
    )


def _compare(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Finds the days whose links changed, and the identifiers of all people that this concerns."""
    columns = ", ".join(LINK_COLUMNS)
    connection.execute("create schema if not exists warehouse.steps")
    connection.execute(
        f"create table if not exists {STATE} as select {columns} from int_identity__merging_links"
        " limit 0"
    )
    fits = connection.execute(
        f"""
        select
            (select count(*) from {table}) = count(*)
        from (
            select identifier_key from {STATE}
            union
            select other_identifier_key from {STATE}
        )
        """
    ).fetchone()
    if not fits or not fits[0]:
        connection.execute(f"delete from {table}")
        connection.execute(f"delete from {STATE}")
    # Most of what comes is new, and old days seldom change: comparing a sum for each day is a
    # fraction of comparing all links.
    connection.execute(
        f"""
        create or replace temp table days_changed as
        with today as (
            select linked_on, count(*) as links, sum(hash({columns})::hugeint) as content
            from int_identity__merging_links group by linked_on
        ),
        before as (
            select linked_on, count(*) as links, sum(hash({columns})::hugeint) as content
            from {STATE} group by linked_on
        )
        select coalesce(today.linked_on, before.linked_on) as linked_on
        from today full join before on today.linked_on = before.linked_on
        where (today.links, today.content) is distinct from (before.links, before.content)
        """
    )
    today = f"select {columns} from int_identity__merging_links"
    before = f"select {columns} from {STATE}"
    changed = "where linked_on in (from days_changed)"
    connection.execute(
        f"""
        create or replace temp table identifiers_again as
        with changes as (
            ({today} {changed} except {before} {changed})
            union all
            ({before} {changed} except {today} {changed})
        ),
        touched as (
            select identifier_key from changes
            union
            select other_identifier_key from changes
        )
        select identifier_key from touched
        union
        select identifier_key from {table} where person_key in (
            select person_key from {table} where identifier_key in (from touched)
        )
        """
    )


def arrays(links: pa.Table) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """The columns of the links as `people_of` takes them: microseconds, and days since 1970."""
    one, other, one_seen, other_seen, day = (links[name] for name in LINK_COLUMNS)
    return (
        one.to_numpy(),
        other.to_numpy(),
        one_seen.cast(pa.timestamp("us")).cast(pa.int64()).to_numpy(),
        other_seen.cast(pa.timestamp("us")).cast(pa.int64()).to_numpy(),
        day.cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64),
    )


def as_table(people: People) -> pa.Table:
    """The people as rows: identifier, person, and the day of the merge or nothing."""
    merged_on = pa.array(people.merged_on.astype(np.int32), mask=people.merged_on == _NEVER)
    return pa.table(
        {
            "identifier_key": people.identifier,
            "person_key": people.person,
            "merged_on": merged_on.cast(pa.date32()),
        }
    )
