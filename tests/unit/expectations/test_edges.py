"""Where rules that compare a release with its past begin to hold: just inside and just outside."""

from typing import Any

import duckdb
import pytest

from expectations.suites import all_suites

SUITES = {suite.name: suite for suite in all_suites()}

Edges = dict[str, dict[tuple[float, ...], bool]]

# Rows before and now, and their amounts.
DAYS: Edges = {
    "no closed day doubles": {
        (4, 8): True,
        (4, 7): False,
        (10, 18): True,
        (10, 17): False,
        (3, 30): False,
    },
    "no closed day is lost": {
        (4, 2): True,
        (4, 3): False,
        (100, 50): True,
        (100, 51): False,
        (3, 0): False,
    },
    "no closed day is worth something else": {
        (10, 10, 100, 150): True,
        (10, 10, 100, 149): False,
        (10, 9, 100, 50): True,
        (10, 11, 100, 51): False,
        (10, 11, -100, -150): True,
        (20, 17, 100, 150): False,
        (20, 23, 100, 150): False,
        (9, 9, 100, 150): False,
        (10, 10, 0, 150): False,
    },
    "no closed month moves much": {
        (20, 22, 100, 109): False,
        (20, 18, 100, 91): False,
        (20, 23): True,
        (20, 17): True,
        (10, 10, 100, 110): True,
        (10, 10, 100, 90): True,
        (9, 20): False,
    },
}

# Rows and those in a currency never used before; what a rate did.
SOURCES: Edges = {
    "no source changes its currency": {
        (20, 5, 5): True,
        (19, 5, 5): False,
        (20, 4, 4): False,
        (20, 5, 4): False,
    },
    "no source has a new currency": {(20, 9, 1): True, (19, 9, 1): False, (20, 9, 0): False},
}
RATES: Edges = {
    "no rate jumps": {(9, 1.26, 0, 0): True, (9, 1.25, 0, 0): False},
    "no rate stands still": {
        (5, 1, 10, 4): True,
        (5, 1, 10, 5): False,
        (5, 1, 9, 1): False,
        (4, 1, 10, 4): False,
    },
}


def is_broken(suite: str, name: str, row: dict[str, Any]) -> bool:
    """Whether a row of what the suite looks at breaks its rule."""
    [rule] = [one for one in SUITES[suite].expectations if one.name == name]
    columns = ", ".join(f"{value!r} as {column}" for column, value in row.items())
    [(broken,)] = duckdb.sql(f"select {rule.condition} from (select {columns})").fetchall()
    return bool(broken)


def cases(*edges: Edges) -> list[Any]:
    """Each rule with one case and whether it breaks the rule."""
    return [
        (name, values, broken)
        for rules in edges
        for name, known in rules.items()
        for values, broken in known.items()
    ]


@pytest.mark.parametrize(("name", "values", "broken"), cases(DAYS))
def test_a_past_day_or_month_may_change_so_much(
    name: str, values: tuple[int, ...], broken: bool
) -> None:
    columns = ("rows_before", "rows_now", "amount_before", "amount_now")
    row = {
        "grain": "month",
        "small_days_halved": 0,
        "amount_before": 0,
        "amount_now": 0,
        **dict(zip(columns, values, strict=False)),
    }
    assert is_broken("audits.closed_days_stay", name, row) is broken
    # Of a day less is told than of a month.
    if name == "no closed month moves much":
        assert not is_broken("audits.closed_days_stay", name, {**row, "grain": "day"})


@pytest.mark.parametrize(
    ("rows_before", "rows_now", "such_days", "blocks", "warns"),
    [
        (4, 2, 1, False, True),
        (9, 4, 2, False, True),
        (4, 3, 1, False, False),
        # All of a day, several days and larger days are lost.
        (4, 0, 0, True, False),
        (4, 2, 3, True, False),
        (10, 5, 0, True, False),
    ],
)
def test_of_a_small_day_half_may_be_deleted(
    rows_before: int, rows_now: int, such_days: int, *, blocks: bool, warns: bool
) -> None:
    row = {"grain": "day", "rows_before": rows_before, "rows_now": rows_now}
    row |= {"small_days_halved": such_days}
    assert is_broken("audits.closed_days_stay", "no closed day is lost", row) is blocks
    assert is_broken("audits.closed_days_stay", "no small day loses half", row) is warns


@pytest.mark.parametrize(("name", "values", "broken"), cases(SOURCES, RATES))
def test_a_currency_or_a_rate_may_change_so_much(
    name: str, values: tuple[float, ...], broken: bool
) -> None:
    columns = (
        ("old_rows", "new_rows", "unknown")
        if name in SOURCES
        else ("old_rows", "jump", "days_unchanged", "longest_unchanged")
    )
    row = {
        "what": "source" if name in SOURCES else "currency",
        **dict(zip(columns, values, strict=True)),
    }
    assert is_broken("audits.currencies_and_rates_stay", name, row) is broken


@pytest.mark.parametrize(
    ("visits", "odd", "usually_odd", "broken"),
    [
        (20, 1, 0.5, True),
        (19, 0, 0.5, False),
        (40, 2, 0.5, True),
        (40, 3, 0.5, False),
        # One of 14 such days has so few by chance: visits of two events are the rule there.
        (20, 1, 0.2, False),
        (100, 5, 0.2, False),
        (150, 7, 0.2, True),
        (400, 0, 0.19, False),
    ],
)
def test_no_visit_with_an_odd_number_of_events_must_be_no_chance(
    visits: int, odd: int, usually_odd: float, *, broken: bool
) -> None:
    row = {"row_count": visits, "odd": odd, "usually_odd": usually_odd}
    assert is_broken("audits.no_day_is_a_copy", "no day's events come twice", row) is broken
