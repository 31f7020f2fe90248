"""A value as a share of its target, as the macro reckons it."""

import duckdb
import jinja2
import pytest

from orchestration.settings import DBT_PROJECT_DIR


def attainment(direction: str, value: float, target: float) -> float | None:
    files = (DBT_PROJECT_DIR / "macros" / "kpi" / f"{name}.sql" for name in ("ratio", "attainment"))
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    # SQL, not a page: nothing is escaped.
    environment = jinja2.Environment(autoescape=False)  # noqa: S701
    macro = environment.from_string(source + "{{ attainment('direction', 'value', 'target') }}")
    row = duckdb.execute(
        f"select {macro.render()} from (select ? as direction, ?::double as value, "
        "?::double as target)",
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
