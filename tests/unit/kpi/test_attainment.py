"""A value as a share of its target, as the macro reckons it."""

import duckdb
import pytest

from orchestration.lib.macros import rendered


def attainment(direction: str, value: float, target: float) -> float | None:
    files = ("kpi/ratio.sql", "kpi/attainment.sql")
    share_of = rendered("attainment", "direction", "value", "target", files=files)
    row = duckdb.execute(
        f"select {share_of} from (select ? as direction, ?::double as value, ?::double as target)",
        [direction, value, target],
    ).fetchone()
    assert row is not None
    share: float | None = row[0]
    return share


@pytest.mark.parametrize(
    ("value", "target", "share"),
    [
        (5, 0, "0.0"),
        (-5, 0, "0.0"),
        (0, 10, "0.0"),
        (0, 0, "None"),
        (8, 10, "0.8"),
        (20, 10, "0.5"),
    ],
)
def test_a_range_is_missed_on_both_sides_and_nothing_has_no_sign(
    value: float, target: float, share: str
) -> None:
    assert str(attainment("range", value, target)) == share
