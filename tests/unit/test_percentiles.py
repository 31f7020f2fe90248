"""Quantiles of values, and told from how often each value occurs."""

from collections import Counter
from fractions import Fraction

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.macros import rendered

FILES = ("engine/percentile.sql",)
SHARES = ("0.5", "0.9", "0.25")
VALUES = st.one_of(st.none(), st.integers(0, 20).map(float), st.floats(0, 1e6))
RANKED = """
    with counted as (
        select kind, value, count(*) as rows, count(value) as known from given group by kind, value
    ),

    ranked as (
        select
            *,
            case
                when value is not null
                    then sum(known) over (partition by kind order by value nulls last)
            end as through,
            sum(known) over (partition by kind) as total
        from counted
    )

    select kind, {} from ranked group by kind order by kind
"""


@pytest.fixture(scope="module")
def statement() -> str:
    columns = (
        rendered("percentile_of_counts", "value", share, "through", "total", files=FILES)
        for share in SHARES
    )
    return RANKED.format(", ".join(columns))


def interpolated(values: list[float], share: Fraction) -> Fraction | None:
    """Hyndman and Fan's type 7, in fractions: the value at the rank `share * (n - 1)`."""
    if not values:
        return None
    ordered = sorted(map(Fraction, values))
    whole, rest = divmod(share * (len(ordered) - 1), 1)
    above = ordered[min(int(whole) + 1, len(ordered) - 1)]
    return ordered[int(whole)] + rest * (above - ordered[int(whole)])


@settings(deadline=None)
@given(groups=st.lists(st.lists(VALUES, min_size=1, max_size=30), min_size=1, max_size=4))
def test_counts_tell_what_the_values_tell(statement: str, groups: list[list[float | None]]) -> None:
    rows = [(kind, value) for kind, values in enumerate(groups) for value in values]
    with duckdb.connect() as connection:
        connection.execute("create table given (kind bigint, value double)")
        connection.executemany("insert into given values (?, ?)", rows)
        found = connection.execute(statement).fetchall()
    assert len(found) == len(groups)
    for (kind, *quantiles), values in zip(found, groups, strict=True):
        known = [value for value in values if value is not None]
        wanted = [interpolated(known, Fraction(share)) for share in SHARES]
        assert [value is None for value in quantiles] == [value is None for value in wanted], kind
        for quantile, value in zip(quantiles, wanted, strict=True):
            assert value is None or quantile == pytest.approx(float(value), rel=1e-12), kind


def test_a_rank_of_its_own_gives_the_value_itself(statement: str) -> None:
    """Of eleven values the one at 0.9 is the tenth: nothing is lost to rounding."""
    values = Counter(0.1 * number for number in range(11))
    with duckdb.connect() as connection:
        connection.execute("create table given (kind bigint, value double)")
        connection.executemany("insert into given values (1, ?)", [(value,) for value in values])
        ((_, median, ninetieth, _),) = connection.execute(statement).fetchall()
    assert (median, ninetieth) == (0.5, 0.9)


@settings(deadline=None)
@given(seconds=st.lists(st.sampled_from([0, 3, 6, 12, 7000]), min_size=1, max_size=5))
def test_no_quantile_lies_below_a_lower_one(seconds: list[int]) -> None:
    """Hours that are no binary fractions, many of them equal, as an automatic answer gives."""
    hours = [second / 3600 for second in seconds]
    median = rendered("duckdb__percentile", "hours", "0.5", "0.9", files=FILES)
    ninetieth = rendered("duckdb__percentile", "hours", "0.9", "0.5", files=FILES)
    with duckdb.connect() as connection:
        (found,) = connection.execute(
            f"select {median}, {ninetieth} from (select unnest(?::double[]) as hours)", [hours]
        ).fetchall()
    assert found[0] <= found[1]
    for quantile, share in zip(found, ("0.5", "0.9"), strict=True):
        wanted = interpolated(hours, Fraction(share))
        assert wanted is not None
        assert quantile == pytest.approx(float(wanted), rel=1e-12)
