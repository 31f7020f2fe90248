"""`make explain` on a release of two KPIs that is small enough to check by hand."""

from pathlib import Path

import duckdb
import pytest

from orchestration import settings
from orchestration.explain import ExplainError, explain
from orchestration.lib.publishing.reader import NothingPublishedError

RELEASE = """
create schema core;
create table core.dim_dates as
select
    day::date as date_day,
    date_trunc('month', day)::date as month_start,
    date_trunc('year', day)::date as year_start
from generate_series(date '2026-01-01', date '2026-06-30', interval 1 day) as t (day);
create schema kpi;
create table kpi.kpi_definitions as from (values
    ('revenue', 'Revenue', 'currency', 1.0, true),
    ('conversion', 'Conversion', 'ratio', 1.0, true),
    ('young', 'Young', 'count', 1.0, true),
    ('hours', 'Hours', 'hours', 1.0, false)
) as t (kpi_id, name_en, unit, scale, is_additive);
create table kpi.kpi_values as
select
    kpi_id,
    'month' as period_grain,
    period_start::date as period_start,
    dimension,
    segment,
    numerator::decimal(28, 4) as numerator,
    denominator::decimal(28, 4) as denominator,
    (numerator / coalesce(denominator, 1))::double as value,
    is_complete
from (values
    ('revenue', '2026-02-01', 'overall', 'all', 100, null, true),
    ('revenue', '2026-02-01', 'country', 'FR', 60, null, true),
    ('revenue', '2026-02-01', 'country', 'GB', 40, null, true),
    ('revenue', '2026-03-01', 'overall', 'all', 70, null, true),
    ('revenue', '2026-05-01', 'overall', 'all', 150, null, true),
    ('revenue', '2026-05-01', 'country', 'FR', 125, null, true),
    ('revenue', '2026-05-01', 'country', 'DE', 25, null, true),
    ('revenue', '2026-06-01', 'overall', 'all', 10, null, false),
    ('conversion', '2026-02-01', 'overall', 'all', 84, 1000, true),
    ('conversion', '2026-02-01', 'device', 'desktop', 80, 800, true),
    ('conversion', '2026-02-01', 'device', 'mobile', 4, 200, true),
    ('conversion', '2026-05-01', 'overall', 'all', 60, 1000, true),
    ('conversion', '2026-05-01', 'device', 'desktop', 45, 500, true),
    ('conversion', '2026-05-01', 'device', 'mobile', 15, 500, true),
    ('young', '2026-05-01', 'overall', 'all', 5, null, true),
    ('hours', '2026-04-01', 'overall', 'all', 5, null, true),
    ('hours', '2026-05-01', 'overall', 'all', 6, null, true)
) as t (kpi_id, period_start, dimension, segment, numerator, denominator, is_complete);
insert into kpi.kpi_values by name
select
    'hours' as kpi_id,
    'month' as period_grain,
    period_start,
    'team' as dimension,
    'T' || team as segment,
    team * factor as numerator,
    team * factor as value,
    true as is_complete
from (values (date '2026-04-01', 1), (date '2026-05-01', 2)) as months (period_start, factor)
cross join range(1, 9) as teams (team);
create table kpi.kpi_driver_tree as
select
    'revenue' as tree,
    'month' as period_grain,
    base::date as base_period_start,
    period::date as period_start,
    'overall' as dimension,
    'all' as segment,
    position,
    base_numerator::decimal(28, 4) as base_numerator,
    numerator::decimal(28, 4) as numerator
from (values
    ('2026-02-01', '2026-03-01', 1, 1000, 500),
    ('2026-02-01', '2026-03-01', 2, 10, 7),
    ('2026-02-01', '2026-03-01', 3, 100, 70),
    ('2026-02-01', '2026-03-01', 4, 0, 0),
    ('2026-04-01', '2026-05-01', 1, 1, 1000),
    ('2026-04-01', '2026-05-01', 2, 1, 20),
    ('2026-04-01', '2026-05-01', 3, 1, 200),
    ('2026-04-01', '2026-05-01', 4, 1, 50)
) as t (base, period, position, base_numerator, numerator);
"""


def release(home: Path, *changes: str) -> settings.Settings:
    """A home whose release is the one above, after further statements."""
    (home / "current").mkdir()
    with duckdb.connect(str(home / "current" / "published.duckdb")) as connection:
        for statement in (RELEASE, *changes):
            connection.execute(statement)
    with settings.environment({"WAREHOUSE_HOME": str(home)}):
        return settings.load()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> settings.Settings:
    return release(tmp_path_factory.mktemp("home"))


def test_a_segment_commands_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = release(tmp_path, r"update kpi.kpi_values set segment = e'\x1b[2J' where segment = 'DE'")
    assert explain(home, "revenue", "month", "2026-02-01", "2026-05-01") == 0
    assert "  \\x1b[2J (none -> 25.00), 50% of it" in capsys.readouterr().out


def test_two_periods_that_do_not_follow_each_other(
    published: settings.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Orders doubled at equal sessions and value: 100 more, of which refunds took 50 back."""
    assert explain(published, "revenue", "month", "2026-02-01", "2026-05-01") == 0
    assert capsys.readouterr().out.splitlines() == [
        "Revenue, month from 2026-05-01 against the one from 2026-02-01",
        "  100.00 -> 150.00 (+50.00, +50.0%)",
        "",
        "By country",
        "          +65.00  FR (60.00 -> 125.00), 130% of it",
        "          -40.00  GB (40.00 -> none), -80% of it",
        "          +25.00  DE (none -> 25.00), 50% of it",
        "",
        "Driver tree",
        "            0.00  sessions (1,000.00 -> 1,000.00)",
        "         +100.00  conversion (0.0100 -> 0.0200)",
        "            0.00  order_value (10.00 -> 10.00)",
        "          -50.00  refunds (0.0000 -> 50.00)",
    ]


def test_a_dimension_of_which_nothing_is_known_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = release(
        tmp_path,
        "update kpi.kpi_values set segment = '(unknown)' where segment = 'FR'",
        "delete from kpi.kpi_values where segment in ('DE', 'GB')",
    )
    assert explain(home, "revenue", "month", "2026-02-01", "2026-05-01") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "No dimension divides it." in lines
    assert not [line for line in lines if line.startswith("By ")]


def test_a_driver_tree_that_is_no_kpi_tells_its_drivers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten leads, two deals, 100 euros; then twenty leads, four deals, 200 euros."""
    home = release(
        tmp_path,
        """
        insert into kpi.kpi_driver_tree by name
        select
            'won_revenue' as tree,
            'month' as period_grain,
            date '2026-02-01' as base_period_start,
            date '2026-03-01' as period_start,
            'overall' as dimension,
            'all' as segment,
            position,
            base_numerator,
            2 * base_numerator as numerator
        from (values (1, 10), (2, 2), (3, 100)) as t (position, base_numerator)
        """,
    )
    assert explain(home, "won_revenue", "", "", "") == 0
    assert capsys.readouterr().out.splitlines() == [
        "won_revenue, month from 2026-03-01 against the one from 2026-02-01",
        "  100.00 -> 200.00 (+100.00, +100.0%)",
        "",
        "Driver tree",
        "         +100.00  leads (10.00 -> 20.00)",
        "            0.00  win_rate (0.2000 -> 0.2000)",
        "            0.00  deal_size (50.00 -> 50.00)",
    ]


def test_a_driver_tree_of_two_periods_without_an_amount_has_not_moved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = "(values ('2026-01-01', '2026-02-01', 0, 9), ('2026-03-01', '2026-04-01', 9, 0))"
    home = release(
        tmp_path,
        f"""
        insert into kpi.kpi_driver_tree by name
        select
            'won_revenue' as tree,
            'month' as period_grain,
            base_on::date as base_period_start,
            period_on::date as period_start,
            'overall' as dimension,
            'all' as segment,
            position,
            base_numerator,
            numerator
        from {pairs} as t (base_on, period_on, base_numerator, numerator)
        cross join (values (1), (2), (3)) as places (position)
        """,
    )
    assert explain(home, "won_revenue", "", "2026-01-01", "2026-04-01") == 0
    assert capsys.readouterr().out.splitlines() == [
        "won_revenue, month from 2026-04-01 against the one from 2026-01-01",
        "  0.00 -> 0.00 (0.00)",
    ]


def test_sessions_that_nobody_counted_are_not_called_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In February there was no order, and the web had not begun."""
    of_february = "base_period_start = date '2026-02-01'"
    home = release(
        tmp_path,
        f"delete from kpi.kpi_driver_tree where {of_february} and position = 1",
        f"update kpi.kpi_driver_tree set base_numerator = 0 where {of_february}",
    )
    assert explain(home, "revenue", "month", "2026-02-01", "2026-05-01") == 0
    assert "         +200.00  orders (0.0000 -> 20.00)" in capsys.readouterr().out.splitlines()


def test_a_ratio_is_told_by_rate_and_share(
    published: settings.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    explain(published, "conversion", "", "", "")
    assert capsys.readouterr().out.splitlines()[:6] == [
        "Conversion, month from 2026-05-01 against the one from 2026-02-01",
        "  8.40% -> 6.00% (-2.40 points, -28.6%)",
        "",
        "By device",
        "    -1.41 points  mobile, its share (20.00% -> 50.00%), 59% of it",
        "    -0.69 points  desktop, its share (80.00% -> 50.00%), 29% of it",
    ]


def test_a_cost_without_cases_is_unknown_and_not_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = release(
        tmp_path,
        "insert into kpi.kpi_values values ('conversion', 'month', date '2026-02-01', 'device', "
        "'tablet', 7, 0, null, true)",
    )
    explain(home, "conversion", "", "", "")
    assert "tablet, its rate (- -> none)" in capsys.readouterr().out


def test_what_does_not_add_up_is_not_added_up(
    published: settings.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    explain(published, "hours", "", "", "")
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "           +4.00  T4, its own change (4.00 -> 8.00)",
        "           +3.00  T3, its own change (3.00 -> 6.00)",
        "                  2 smaller changes",
    ]


def test_a_period_that_runs_is_said_to_run(
    published: settings.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    explain(published, "revenue", "", "2026-05-20", "2026-06-30")
    printed = capsys.readouterr().out
    assert "! The month from 2026-06-01 is not complete" in printed
    assert "No dimension divides it." not in printed


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (
            ("revenu", "", "", ""),
            "KPI='revenu' is no KPI and no driver tree; did you mean 'revenue'? There are: conv",
        ),
        (
            ("revenue", "fortnight", "", ""),
            "GRAIN='fortnight' is no kind of period; use one of day",
        ),
        (("revenue", "week", "", ""), "revenue is known in fewer than two periods of grain week."),
        (("young", "", "", ""), "young is known in fewer than two periods of grain month."),
        (("revenue", "", "May", ""), "FROM='May' is no date; write one like 2026-06-01."),
        (
            ("revenue", "", "2026-02-01", "2027-01-15"),
            "TO=2027-01-15: the month of that day has no value; those from 2026-02-01 to"
            " 2026-06-01 have, 4 of them.",
        ),
        (
            ("revenue", "", "2026-05-02", "2026-05-30"),
            "FROM and TO lie in the same month, from 2026-05-01; give two.",
        ),
        (
            ("revenue", "", "", "2026-02-10"),
            "revenue is not known before 2026-02-01; give FROM and",
        ),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_can(
    published: settings.Settings, asked: tuple[str, str, str, str], says: str
) -> None:
    with pytest.raises(ExplainError) as raised:
        explain(published, *asked)
    assert str(raised.value).startswith(says)


def test_nothing_is_explained_before_the_first_release(tmp_path: Path) -> None:
    with (
        settings.environment({"WAREHOUSE_HOME": str(tmp_path)}),
        pytest.raises(NothingPublishedError),
    ):
        explain(settings.load(), "revenue", "", "", "")
