"""The effects behind a KPI's change, against the formulas in exact fractions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.explanation import change_effects_sql

BASE, NOW = date(2026, 5, 1), date(2026, 6, 1)
BILLIONTH = Fraction(1, 10**9)
# What doubles may lose beside nine decimals, relative to the largest number that occurs.
DOUBLE = Fraction(1, 10**12)

# A segment's numerator and denominator; the denominator of a sum is None. Absent is None.
Cell = tuple[Decimal, Decimal | None] | None
Segments = Mapping[str, tuple[Cell, Cell]]


@dataclass(frozen=True)
class Case:
    """One KPI in two periods, whose segments partition the whole."""

    segments: Segments
    is_ratio: bool = True
    scale: int = 1

    def total(self, period: int) -> tuple[Fraction, Fraction]:
        cells = [cells[period] for cells in self.segments.values()]
        known = [(Fraction(c[0]), Fraction(c[1] or 0)) for c in cells if c is not None]
        return sum((n for n, _ in known), Fraction(0)), sum((d for _, d in known), Fraction(0))

    def value(self, numerator: Fraction, denominator: Fraction) -> Fraction | None:
        if not self.is_ratio:
            return numerator * self.scale
        return numerator / denominator * self.scale if denominator else None

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows of kpi_values."""
        for period, start in enumerate((BASE, NOW)):
            whole = self.total(period)
            cells: list[tuple[str, str, Any, Any]] = [("overall", "all", *whole)]
            for name, both in self.segments.items():
                if (cell := both[period]) is not None:
                    cells.append(("channel", name, *cell))
            for dimension, segment, numerator, denominator in cells:
                value = self.value(Fraction(numerator), Fraction(denominator or 0))
                yield (
                    start,
                    dimension,
                    segment,
                    _decimal(numerator),
                    _decimal(denominator) if self.is_ratio else None,
                    None if value is None else float(value),
                )


def _decimal(number: Fraction | Decimal) -> Decimal:
    exact = Fraction(number)
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def exact_effects(case: Case) -> dict[tuple[str, str], Fraction]:
    """Kitagawa's split in fractions, by segment and kind; the whole is known in both periods."""
    (base_n, base_d), (now_n, now_d) = case.total(0), case.total(1)
    effects: dict[tuple[str, str], Fraction] = {}
    for name, (before, after) in case.segments.items():
        n0, d0 = (Fraction(x or 0) for x in before or (0, 0))
        n1, d1 = (Fraction(x or 0) for x in after or (0, 0))
        if not case.is_ratio:
            effects[name, "contribution"] = (n1 - n0) * case.scale
            continue
        rates = [n / d for n, d in ((n0, d0), (n1, d1)) if d]
        own = sum(rates, Fraction(0)) / max(len(rates), 1)
        everybody = (base_n / base_d + now_n / now_d) / 2
        gained = d1 / now_d - d0 / base_d
        effects[name, "mix"] = (own - everybody) * gained * case.scale
        effects[name, "rate"] = (n1 / now_d - n0 / base_d - own * gained) * case.scale
    return effects


class Engine:
    """The rule on tables that each case fills."""

    def __init__(self, is_additive: bool = True) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(
            "create table kpi_values (kpi_id varchar, period_grain varchar, period_start date,"
            " dimension varchar, segment varchar, numerator decimal(28, 4),"
            " denominator decimal(28, 4), value double)"
        )
        self.is_additive = is_additive

    def effects(self, case: Case) -> list[dict[str, Any]]:
        self.connection.execute("delete from kpi_values")
        self.connection.executemany(
            "insert into kpi_values values ('kpi', 'month', ?, ?, ?, ?, ?, ?)", list(case.rows())
        )
        rows: list[dict[str, Any]] = self.connection.execute(
            f"""
            with pairs as (
                select
                    'kpi' as kpi_id,
                    'month' as period_grain,
                    date '{NOW}' as period_start,
                    'previous_period' as compared_with,
                    date '{BASE}' as base_period_start,
                    cast({case.scale} as double) as scale,
                    {self.is_additive} as is_additive
            ),
            {change_effects_sql("pairs", "kpi_values")}
            select * from change_effects order by rank
            """
        ).to_arrow_table().to_pylist()  # fmt: skip
        return rows


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


amounts = st.decimals(min_value=-10_000, max_value=1_000_000, places=4, allow_nan=False)
counts = st.integers(min_value=0, max_value=1_000_000).map(Decimal)
few = st.integers(min_value=0, max_value=3).map(Decimal)


@st.composite
def ratios(draw: st.DrawFn) -> Case:
    """Ratios of amounts and of counts; segments appear, vanish, and have nothing to divide by."""
    cells = st.none() | st.tuples(draw(st.sampled_from([amounts, counts, few])), counts | few)
    names = draw(st.lists(st.sampled_from("abcdefg"), min_size=1, unique=True))
    segments = {name: (draw(cells), draw(cells)) for name in names}
    return Case(segments, scale=draw(st.sampled_from([1, 100])))


@st.composite
def sums(draw: st.DrawFn) -> Case:
    cells = st.none() | st.tuples(amounts, st.none())
    names = draw(st.lists(st.sampled_from("abcdefg"), min_size=1, unique=True))
    return Case({name: (draw(cells), draw(cells)) for name in names}, is_ratio=False)


@settings(max_examples=150, deadline=None)
@given(case=ratios() | sums())
def test_effects_add_up_exactly_and_are_those_of_the_formula(engine: Engine, case: Case) -> None:
    rows = engine.effects(case)
    before, after = (case.value(*case.total(period)) for period in (0, 1))
    known = {n for n, cells in case.segments.items() if any(c is not None for c in cells)}
    if before is None or after is None or not known:
        assert rows == []
        return
    change = rows[0]["change"]
    assert sum(row["effect"] for row in rows) == change
    largest = max([abs(before), abs(after), *map(abs, exact_effects(case).values())])
    tolerance = (len(rows) + 1) * BILLIONTH + largest * DOUBLE
    assert abs(Fraction(change) - (after - before)) <= tolerance
    assert {(row["segment"], row["effect_kind"]) for row in rows} == {
        key for key in exact_effects(case) if key[0] in known
    }
    for row in rows:
        exact = exact_effects(case)[row["segment"], row["effect_kind"]]
        assert abs(Fraction(row["effect"]) - exact) <= tolerance, row
    assert "-0.0" not in [str(number) for row in rows for number in row.values()]
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    sizes = [abs(row["effect"]) for row in rows]
    assert sizes == sorted(sizes, reverse=True)


def test_a_worked_example_of_rate_and_mix(engine: Engine) -> None:
    """Desktop 10 % of 800, mobile 2 % of 200; then 9 % of 500 and 3 % of 500.

    The whole falls from 8.4 % to 6.0 %. Desktop's rate: mean weight 0.65 x -1 point; mobile's 0.35
    x +1 point. Mix: the mean whole is 7.2 %; desktop lost 0.3 of weight at 9.5 - 7.2 points, mobile
    gained it at 2.5 - 7.2.
    """
    one = Case(
        {
            "desktop": ((Decimal(80), Decimal(800)), (Decimal(45), Decimal(500))),
            "mobile": ((Decimal(4), Decimal(200)), (Decimal(15), Decimal(500))),
        }
    )
    assert _shown(engine.effects(one)) == [
        ("mobile", "mix", "-0.014100000", 1),
        ("desktop", "mix", "-0.006900000", 2),
        ("desktop", "rate", "-0.006500000", 3),
        ("mobile", "rate", "0.003500000", 4),
    ]


def test_a_new_segment_is_all_mix_and_a_numerator_alone_is_all_rate(engine: Engine) -> None:
    """Cost per customer: 100/10 and 20/0 is 12; then 100/10, 30/2 and nothing is 130/12.

    The new segment weighs 2/12 at 15, against a mean whole of 137/12: 1/6 x 43/12. The old one
    falls to 10/12 at 10: -1/6 x -17/12. The cost that won nobody was 20/10.
    """
    one = Case(
        {
            "old": ((Decimal(100), Decimal(10)), (Decimal(100), Decimal(10))),
            "new": (None, (Decimal(30), Decimal(2))),
            "idle": ((Decimal(20), Decimal(0)), None),
        }
    )
    assert _shown(engine.effects(one)) == [
        ("idle", "rate", "-2.000000000", 1),
        ("new", "mix", "0.597222222", 2),
        ("old", "mix", "0.236111111", 3),
        ("idle", "mix", "0.000000000", 4),
        ("new", "rate", "0.000000000", 5),
        ("old", "rate", "0.000000000", 6),
    ]


def test_a_kpi_that_does_not_add_up_shows_each_segments_own_change() -> None:
    one = Case(
        {
            "kept": ((Decimal(3), Decimal(1)), (Decimal(5), Decimal(1))),
            "new": (None, (Decimal(9), Decimal(1))),
        }
    )
    rows = Engine(is_additive=False).effects(one)
    assert _shown(rows) == [("kept", "difference", "2.000000000", 1)]
    assert rows[0]["explained_share"] is None


def _shown(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str, int]]:
    return [(r["segment"], r["effect_kind"], f"{r['effect']:.9f}", r["rank"]) for r in rows]
