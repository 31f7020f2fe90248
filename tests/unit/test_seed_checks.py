"""Every check of the seeds is made to fail once, on a copy of the shipped seeds."""

import csv
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from orchestration.lib.periods import Calendar
from orchestration.lib.seed_checks import check_seeds
from orchestration.lib.seed_checks.values import pattern_problem
from orchestration.lib.seed_checks.web import MAX_CHANNELS

SHIPPED = Path(__file__).resolve().parents[2] / "seeds"

TARGET = "revenue,overall,all,2026-02-01,month,2025-12-15,100000,EUR"
ACTION = (
    "a1,session_conversion_rate,device,mobile,desktop,2026-02-01,2026-02-28,2026-04-01,"
    "Head of Digital,Shorter checkout,,0.005,1200,EUR"
)


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    return shutil.copytree(SHIPPED, tmp_path / "seeds")


def append(seeds: Path, file: str, *rows: str) -> None:
    with (seeds / file).open("a", encoding="utf-8") as handle:
        handle.writelines(f"{row}\n" for row in rows)


def replace(seeds: Path, file: str, old: str, new: str) -> None:
    path = seeds / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def change(seeds: Path, file: str, line: int, **cells: str) -> None:
    """Overwrites cells of one line of a CSV."""
    path = seeds / file
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    for column, value in cells.items():
        rows[line - 1][rows[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)


def only(problems: list[str]) -> str:
    assert len(problems) == 1, problems
    return problems[0]


def test_a_number_written_in_two_ways_is_one_key(seeds: Path) -> None:
    rule = (seeds / "channels/channel_rules.csv").read_text(encoding="utf-8").splitlines()[-1]
    append(seeds, "channels/channel_rules.csv", "0" + rule)
    assert "repeats priority '0610' of line" in check_seeds(seeds)[0]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["nl-weekly,nlw", "NL-Weekly,other"], "line 3, column raw_campaign: 'NL-Weekly' means"),
        (["nl_weekly,nl-weekly", "NL-weekly,nlw"], "line 2, column campaign: 'nl-weekly' is an"),
        (["NL-Weekly,nl-weekly", "nlw,nl-weekly", "nl-weekly,nl-weekly"], ""),
    ],
)
def test_campaign_aliases(seeds: Path, rows: list[str], expected: str) -> None:
    append(seeds, "channels/campaign_aliases.csv", *rows)
    assert expected in "".join(check_seeds(seeds))
    assert bool(expected) == bool(check_seeds(seeds))


@pytest.mark.parametrize(
    ("kpi", "grains", "expected"),
    [
        (
            "session_conversion_rate",
            "month|quarter|year",
            "'session_conversion_rate' has no days and no weeks, by which an action is judged;"
            " add day and week to its grains in kpi_catalogue.csv or name another KPI.",
        ),
        (
            "session_conversion_rate",
            "week|month",
            "'session_conversion_rate' has no days, by which an action is judged; add day to its",
        ),
        (
            "retention_rate",
            "month|quarter|year",
            "'retention_rate' has no days and no weeks, by which an action is judged; name another",
        ),
    ],
)
def test_an_action_needs_days_and_weeks(seeds: Path, kpi: str, grains: str, expected: str) -> None:
    action = ACTION.replace("session_conversion_rate,device,mobile,desktop", f"{kpi},overall,all,")
    append(seeds, "kpis/corrective_actions.csv", action)
    row = next(
        number
        for number, line in enumerate((seeds / "kpis/kpi_catalogue.csv").open(), 1)
        if line.startswith(f"{kpi},")
    )
    change(seeds, "kpis/kpi_catalogue.csv", row, grains=grains)
    assert expected in only(check_seeds(seeds))


def test_the_shipped_seeds_are_clean() -> None:
    assert check_seeds(SHIPPED) == []


def test_properties_may_lie_in_another_tree(seeds: Path) -> None:
    for path in seeds.rglob("*.yml"):
        path.unlink()
    assert check_seeds(seeds, SHIPPED) == []
    append(seeds, "calendar/holidays.csv", "FR,2026-13-01,Nothing")
    assert "line 2, column holiday_date" in only(check_seeds(seeds, SHIPPED))


def test_valid_company_rows_pass(seeds: Path) -> None:
    append(seeds, "kpis/kpi_targets.csv", TARGET)
    append(seeds, "kpis/kpi_targets.csv", TARGET.replace("2025-12-15", "2026-02-14"))
    append(seeds, "kpis/kpi_targets.csv", "revenue,rep,R-01,2026-01-01,quarter,2025-12-15,5,EUR")
    append(seeds, "kpis/kpi_benchmarks.csv", "refund_rate,Acme,all,2025-01-01,0.03,Report,close")
    append(seeds, "kpis/market_size.csv", "all,2025-01-01,year,1000000,EUR,Report")
    append(seeds, "kpis/corrective_actions.csv", ACTION)
    append(seeds, "finance/fx_rates.csv", "2026-01-01,GBP,EUR,1.15")
    append(seeds, "calendar/holidays.csv", '"FR",2026-05-01,"Fête du Travail, chômée"')
    append(seeds, "calendar/business_hours.csv", "6,09:00,12:00", "6,13:30,24:00")
    append(seeds, "channels/campaign_aliases.csv", "sumer_sale,summer_sale")
    append(seeds, "service/sla_targets.csv", "urgent,0.5,8", "high,4,4", "low,,")
    assert check_seeds(seeds) == []


def test_byte_order_mark_and_blank_lines_are_accepted(seeds: Path) -> None:
    path = seeds / "calendar/holidays.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\nFR,2026-05-01,May Day\n\n")
    assert check_seeds(seeds) == []


def test_message_names_file_line_column_value_and_remedy(seeds: Path) -> None:
    rows = [TARGET.replace("2026-02-01", f"2026-0{month}-01") for month in (1, 2, 3, 4, 5)]
    append(seeds, "kpis/kpi_targets.csv", *rows, TARGET.replace("2026-02-01", "2026-02-03"))
    assert check_seeds(seeds) == [
        "kpis/kpi_targets.csv, line 7, column period_start: "
        "'2026-02-03' is not the first day of a month; write 2026-02-01."
    ]


def test_line_numbers_count_lines_inside_quotes(seeds: Path) -> None:
    append(seeds, "kpis/corrective_actions.csv", ACTION.replace(",,0.005", ',"a\nb",0.005'))
    append(seeds, "kpis/corrective_actions.csv", ACTION.replace("a1,", "a2,").replace("1200", "x"))
    assert "corrective_actions.csv, line 4, column cost" in only(check_seeds(seeds))


def test_missing_file(seeds: Path) -> None:
    (seeds / "finance/fx_rates.csv").unlink()
    assert only(check_seeds(seeds)).startswith("finance/fx_rates.csv: the file is missing;")


def test_unknown_file(seeds: Path) -> None:
    (seeds / "kpis/targets.csv").write_text("a\n")
    assert only(check_seeds(seeds)).startswith("kpis/targets.csv: no seed has this name;")


def test_file_that_is_not_utf8(seeds: Path) -> None:
    with (seeds / "calendar/holidays.csv").open("ab") as handle:
        handle.write("FR,2026-05-01,Fête\n".encode("latin-1"))
    assert "calendar/holidays.csv: byte 42 is not UTF-8;" in only(check_seeds(seeds))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("country;holiday_date;name", "separated by ';'; save the file with commas."),
        ("country,date,name", "missing holiday_date; unknown 'date'."),
        ("country,name,holiday_date", "wrong order."),
        ("", "missing country, holiday_date, name."),
    ],
)
def test_header(seeds: Path, header: str, expected: str) -> None:
    (seeds / "calendar/holidays.csv").write_text(header + "\n")
    message = only(check_seeds(seeds))
    assert message.startswith("calendar/holidays.csv, line 1: ")
    assert expected in message


def test_ragged_row(seeds: Path) -> None:
    append(seeds, "calendar/holidays.csv", "FR,2026-05-01,Fête, chômée")
    assert only(check_seeds(seeds)) == (
        "calendar/holidays.csv, line 2: 4 cells where the header has 3; "
        "put cells that hold a comma in double quotes."
    )


def test_an_emptied_row_of_a_spreadsheet(seeds: Path) -> None:
    append(seeds, "calendar/holidays.csv", "FR,2026-05-01,May Day", ", ,")
    assert only(check_seeds(seeds)) == (
        "calendar/holidays.csv, line 3: every cell is empty; remove the line."
    )


def test_a_file_that_cannot_be_read_is_not_blamed_on_those_that_name_it(seeds: Path) -> None:
    append(seeds, "kpis/kpi_targets.csv", TARGET)
    file = seeds / "kpis/kpi_catalogue.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    assert "line 1: cells are separated by ';'" in only(check_seeds(seeds))


@pytest.mark.parametrize("day", ["9999-12-01", "0001-01-01"])
def test_a_day_that_means_never(seeds: Path, day: str) -> None:
    append(seeds, "kpis/kpi_targets.csv", TARGET.replace("2026-02-01", day))
    assert "column period_start: " in only(check_seeds(seeds))


def test_unclosed_quote(seeds: Path) -> None:
    append(seeds, "calendar/holidays.csv", 'FR,2026-05-01,"May Day')
    assert "calendar/holidays.csv, line 2: cannot be read as CSV" in only(check_seeds(seeds))


@pytest.mark.parametrize(
    ("file", "row", "expected"),
    [
        ("calendar/business_hours.csv", "6.5,09:00,12:00", "'6.5' is not bigint;"),
        ("calendar/holidays.csv", "FR,01/05/2026,May Day", "'01/05/2026' is not date;"),
        ("calendar/holidays.csv", "FR,2026-02-30,Never", "'2026-02-30' is not date;"),
        ("finance/fx_rates.csv", '2026-01-01,GBP,EUR,"1,15"', "'1,15' is not decimal(18,8);"),
        ("kpis/market_size.csv", "all,2025-01-01,year,1.00001,EUR,R", "at most 4 decimals"),
        ("kpis/market_size.csv", "all,2025-01-01,year,NaN,EUR,R", "'NaN' is not decimal(18,4);"),
        ("calendar/holidays.csv", "FR,2026-05-01,", "column name: is empty; fill it in."),
        ("calendar/holidays.csv", "FR,2026-05-01,May Day ", "spaces at its ends; remove them."),
        ("finance/fx_rates.csv", "2026-01-01,GBP,Euro,1.15", "'Euro' is not an ISO 4217 code;"),
        ("finance/fx_rates.csv", "2026-01-01,GBP,EUR,0", "column rate: '0' is not above 0;"),
        ("finance/fx_rates.csv", "2026-01-01,EUR,EUR,1", "is from_currency itself;"),
        ("kpis/market_size.csv", "all,2025-01-01,year,-1,EUR,R", "'-1' is not above 0;"),
    ],
)
def test_cell(seeds: Path, file: str, row: str, expected: str) -> None:
    append(seeds, file, row)
    message = only(check_seeds(seeds))
    assert message.startswith(f"{file}, line ")
    assert expected in message


def test_boolean(seeds: Path) -> None:
    change(seeds, "kpis/kpi_catalogue.csv", 2, is_selected="yes")
    assert "column is_selected: 'yes' is not boolean; write true or false." in only(
        check_seeds(seeds)
    )


def test_timestamp_and_double(tmp_path: Path) -> None:
    (tmp_path / "_any__seeds.yml").write_text(
        "seeds: [{name: any, config: {column_types: {at: timestamp, share: double},"
        " meta: {key: [at]}}}]"
    )
    (tmp_path / "any.csv").write_text("at,share\n2026-01-01 08:00:00,0.5\n2026-01-01T08:00Z,half\n")
    assert check_seeds(tmp_path) == [
        "any.csv, line 3, column at: '2026-01-01T08:00Z' is not timestamp; "
        "write a UTC instant like 2026-01-31 08:00:00.",
        "any.csv, line 3, column share: 'half' is not double; write a number like 0.5.",
    ]


def test_closed_list(seeds: Path) -> None:
    change(seeds, "kpis/kpi_catalogue.csv", 2, direction="higher")
    assert "column direction: 'higher' is not one of up, down, range." in only(check_seeds(seeds))


def test_repeated_key(seeds: Path) -> None:
    append(seeds, "kpis/kpi_targets.csv", TARGET, TARGET.replace("100000", "120000"))
    message = only(check_seeds(seeds))
    assert message.startswith("kpis/kpi_targets.csv, line 3: repeats kpi_id 'revenue'")
    assert "set_on '2025-12-15' of line 2; keep one of the two." in message


def test_reference(seeds: Path) -> None:
    change(seeds, "kpis/kpi_catalogue.csv", 2, objective_id="world_peace")
    message = only(check_seeds(seeds))
    assert "column objective_id: 'world_peace' is not in kpis/objectives.csv;" in message


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("(open", "is not a regular expression"),
        ("(?=a)a", "look-around"),
        ("(?<!a)b", "look-around"),
        (r"(a)\1", r"back-reference \1"),
        ("(?P<n>a)", "a named or an atomic group"),
        ("(?>a)", "a named or an atomic group"),
        ("(?i:a)", "an inline flag"),
        ("a++", "a possessive quantifier"),
        (r"a\Z", r"escape \Z"),
        ("[a&&b]", "a set operation"),
    ],
)
def test_pattern_outside_what_both_engines_read(pattern: str, expected: str) -> None:
    assert expected in (pattern_problem(pattern) or "")


@pytest.mark.parametrize("pattern", [r"\(none\)", "(?:a|b)+", "[^a-c]x", r"\d{2}\.html?", "[+*]"])
def test_pattern_that_both_engines_read(pattern: str) -> None:
    assert pattern_problem(pattern) is None


def test_a_wildcard_is_no_regular_expression(seeds: Path) -> None:
    change(seeds, "channels/channel_rules.csv", 20, medium_pattern="*cpm*")
    assert r"; any text is .* there, and a bracket \(." in only(check_seeds(seeds))


def test_pattern_in_a_file(seeds: Path) -> None:
    change(seeds, "channels/channel_rules.csv", 20, medium_pattern="(?!cpm)cp.*")
    message = only(check_seeds(seeds))
    assert message.startswith("channels/channel_rules.csv, line 20, column medium_pattern: ")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Paid Video,Paid,true", "Paid Video,Organic,true", "but line 25 says 'Organic'"),
        ("Paid Video,Paid,true", "Paid Video,Paid,false", "column is_paid: "),
        ("Paid Video,Paid,true", "Paid video,Paid,true", "written 'Paid video' in line"),
        ("Audio,Paid", "all,Paid", "column channel: 'all' is what reports call the whole or"),
        ("Audio,Paid", "(unknown),Paid", "'(unknown)' is what reports call the whole or the"),
        (",,affiliates?,", ",,audio,", "has the conditions of line"),
        (",Other,false,,,,,", ",Other,false,x,,,,", "end with one that has none"),
        (",,email,,,\n", ",,,,,\n", "a rule without conditions hides every rule after it"),
        (",,gclid\n", ",,GCLID\n", "'GCLID' has capitals; write it in lower case."),
    ],
)
def test_channel_rules(seeds: Path, old: str, new: str, expected: str) -> None:
    if "email" in old:
        append(seeds, "channels/channel_rules.csv", "605,Unassigned,Other,false,,,,,")
    else:
        replace(seeds, "channels/channel_rules.csv", old, new)
    assert any(expected in message for message in check_seeds(seeds))


def test_more_channels_than_a_path_can_hold(seeds: Path) -> None:
    file = seeds / "channels" / "channel_rules.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    known = {row["channel"] for row in csv.DictReader(lines)}
    more = [
        f"{1000 + number},Partner {number},Other,false,partner{number},,,,"
        for number in range(MAX_CHANNELS - len(known))
    ]
    last = lines[-1].replace("610,", "9999,")
    file.write_text("\n".join([*lines[:-1], *more, last]) + "\n", encoding="utf-8")
    assert check_seeds(seeds) == []
    append(seeds, "channels/channel_rules.csv", "9000,One more,Other,false,more,,,,")
    assert "'One more' is one channel more than 59" in only(check_seeds(seeds))


@pytest.mark.parametrize("source", ["Example.com", "www.example.com", "https://example.com/a"])
def test_source_that_no_visit_has(seeds: Path, source: str) -> None:
    append(seeds, "channels/source_categories.csv", f"{source},social")
    assert only(check_seeds(seeds)).endswith("is never compared with; write example.com.")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("purchase,9,extra,extra,,30", "'9' where 'purchase' comes to step 8;"),
        ("trial,2,start,start,,10", "'2' where 'trial' comes to step 1;"),
        ("purchase,8,extra,extra,,60", "'60' where step 1 of 'purchase' has 30; write 30."),
        ("trial,1,start,start,,0", "'0' leaves no time; write at least 1."),
        ("purchase,8,again,Purchase,,30", "'Purchase' is step 7 of 'purchase' already,"),
        ("purchase,8,Cart,extra,,30", "'Cart' is the step of line 4, too; give each its own name."),
        ("Purchase,1,start,start,,10", "'Purchase' is written 'purchase' in line 2, and would be"),
        ("trial,1,start,Lead,.*/demo,30", "'.*/demo', but the stage 'Lead' has no page; leave it"),
    ],
)
def test_funnel_steps(seeds: Path, row: str, expected: str) -> None:
    append(seeds, "funnels/funnel_steps.csv", row)
    assert expected in only(check_seeds(seeds))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("blog/.*", "'blog/.*' matches no path, which begins with a slash; write /blog/.*."),
        ("https://a.example/x", "which begins with a slash; write /... as after the host."),
        ("/blog/", "'/blog/' matches no path, which ends without a slash; write /blog."),
        (r"/blog\?page=.*", "which ends before the question mark; leave out what follows it."),
    ],
)
def test_a_page_rule_that_no_path_matches(seeds: Path, pattern: str, expected: str) -> None:
    append(seeds, "funnels/page_rules.csv", f"900,{pattern},/blog")
    assert expected in only(check_seeds(seeds))


def test_a_bot_that_its_pattern_misses(seeds: Path) -> None:
    append(seeds, "sessions/bot_user_agents.csv", "acmebot,crawler,AcmeBot/1.0")
    assert "'AcmeBot/1.0' is not matched by 'acmebot' as a whole;" in only(check_seeds(seeds))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"name_fr": ""}, "column name_fr: is empty; fill it in."),
        ({"description_en": ""}, "column description_en: is empty; fill it in."),
        ({"numerator": ""}, "column numerator: is empty; fill it in."),
        ({"numerator": "sales"}, "column numerator: 'sales' is not a component;"),
        ({"denominator": "people"}, "column denominator: 'people' is not a component;"),
        ({"numerator": "net_revenu"}, "is not a component; did you mean 'net_revenue'?"),
        ({"unit": "ratio"}, "column denominator: is empty; a ratio needs a denominator."),
        ({"grains": "day|hour"}, "column grains: 'hour' is not one of day, week, month,"),
        ({"grains": "day|day"}, "column grains: 'day|day' names one twice;"),
        ({"dimensions": "overall|shop"}, "column dimensions: 'shop' is not one of overall,"),
        ({"dimensions": "channel"}, "column dimensions: lacks overall; add it."),
        ({"dimensions": "overall|device"}, "'device' is not known for the component 'net_revenue'"),
        (
            {"denominator": "sessions", "dimensions": "overall|device"},
            "'device' is not known for the component 'net_revenue'; "
            "write only overall|country|channel|campaign.",
        ),
        (
            {
                "numerator": "retained_customers",
                "unit": "count",
                "grains": "month|day",
                "dimensions": "overall",
            },
            "'day' is not known for the component 'retained_customers'; write only month|quarter|",
        ),
        ({"direction": ""}, "column direction: is empty; fill it in."),
        ({"alert_at": "0.99"}, "column alert_at: '0.99' with warn_at '0.95';"),
        ({"alert_at": "85"}, "column alert_at: '85' is not a share of the target, above 0 and up"),
        ({"warn_at": "95"}, "write 0.95 for 95 %."),
        ({"warn_at": "0"}, "column warn_at: '0' is not a share of the target,"),
        ({"alert_at": "-0.1"}, "column alert_at: '-0.1' is not a share of the target,"),
        ({"min_sample": "-1"}, "column min_sample: '-1' is below 0; write 0 where"),
        ({"scale": "0"}, "column scale: '0' is not above 0;"),
        (
            {"unit": "hours"},
            "column unit: 'hours' is not what net_revenue (currency) is measured in",
        ),
        (
            {"denominator": "orders", "unit": "ratio", "dimensions": "overall"},
            "'ratio' is not what net_revenue (currency) / orders (count) is measured in; write",
        ),
        (
            {"denominator": "order_revenue", "unit": "ratio", "scale": "100"},
            "'ratio' is not what 100 x net_revenue (currency) / order_revenue (currency) is measur",
        ),
        (
            {"denominator": "order_revenue", "unit": "currency"},
            "'currency' is not what net_revenue (currency) / order_revenue (currency) is",
        ),
        (
            {"denominator": "net_revenue", "unit": "ratio"},
            "column denominator: 'net_revenue' is the numerator as well: the quotient is always 1;",
        ),
    ],
)
def test_kpi_catalogue(seeds: Path, cells: dict[str, str], expected: str) -> None:
    change(seeds, "kpis/kpi_catalogue.csv", 2, **cells)
    message = only(check_seeds(seeds))
    assert message.startswith("kpis/kpi_catalogue.csv, line 2, column ")
    assert expected in message


def test_two_kpis_of_one_name(seeds: Path) -> None:
    file = seeds / "kpis/kpi_catalogue.csv"
    rows = file.read_text(encoding="utf-8").splitlines()
    append(seeds, "kpis/kpi_catalogue.csv", rows[1].replace("revenue,", "Revenue,", 1))
    assert only(check_seeds(seeds)) == (
        f"kpis/kpi_catalogue.csv, line {len(rows) + 1}, column kpi_id: 'Revenue' is written "
        "'revenue' in line 2, and would be another KPI; name it otherwise or remove it."
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (TARGET.replace("revenue", "profit"), "'profit' is not in kpis/kpi_catalogue.csv;"),
        (TARGET.replace("revenue", "revenues"), "kpi_catalogue.csv; did you mean 'revenue'?"),
        (TARGET.replace("month", "decade"), "'decade' is not one of day, week, month,"),
        (TARGET.replace("overall,all", "device,mobile"), "'device' is not offered by the KPI;"),
        (TARGET.replace("overall,all", "overall,FR"), "'FR' with dimension 'overall'; write all."),
        (TARGET.replace("overall,all", "country,all"), "'all' with dimension 'country';"),
        (TARGET.replace("EUR", ""), "column currency: is empty for an amount;"),
        (TARGET.replace("revenue", "new_customers"), "'EUR' for a count; leave it empty."),
        (TARGET.replace("2026-02-01", ""), "column period_start: is empty; fill it in."),
        (TARGET.replace("month", ""), "column period_grain: is empty; fill it in."),
        (TARGET.replace("2025-12-15", "2026-03-01"), "after the period that ends on 2026-02-28"),
    ],
)
def test_kpi_targets(seeds: Path, row: str, expected: str) -> None:
    append(seeds, "kpis/kpi_targets.csv", row)
    assert expected in only(check_seeds(seeds))


def test_versions_of_a_target_in_two_currencies(seeds: Path) -> None:
    append(seeds, "kpis/kpi_targets.csv", TARGET)
    append(seeds, "kpis/kpi_targets.csv", TARGET.replace("2025-12-15", "2026-02-14")[:-3] + "USD")
    message = only(check_seeds(seeds))
    assert "line 3, column currency: 'USD', but the version of line 2 is in 'EUR';" in message


def test_quarters_and_years_start_with_the_fiscal_year(seeds: Path) -> None:
    append(seeds, "kpis/kpi_targets.csv", "revenue,overall,all,2026-02-01,quarter,2026-04-30,5,EUR")
    assert check_seeds(seeds, calendar=Calendar(year_starts_in=11)) == []
    assert "not the first day of a quarter; write 2026-01-01." in check_seeds(seeds)[0]
    append(seeds, "kpis/kpi_targets.csv", "revenue,overall,all,2026-01-01,year,2025-12-15,5,EUR")
    assert "not the first day of a year; write 2025-11-01." in only(
        check_seeds(seeds, calendar=Calendar(year_starts_in=11))
    )


def test_rates_there_and_back_are_inverses(seeds: Path) -> None:
    append(seeds, "finance/fx_rates.csv", "2026-01-01,USD,EUR,0.92")
    append(seeds, "finance/fx_rates.csv", "2026-01-01,EUR,USD,1.08")
    append(seeds, "finance/fx_rates.csv", "2026-01-02,EUR,USD,0.92")
    assert check_seeds(seeds) == []
    append(seeds, "finance/fx_rates.csv", "2026-01-02,USD,EUR,0.92")
    assert only(check_seeds(seeds)) == (
        "finance/fx_rates.csv, line 5, column rate: '0.92' from USD to EUR, but line 4 says '0.92' "
        "for the way back: one of the two is upside down; correct or remove it."
    )


def test_weeks_start_on_the_companys_weekday(seeds: Path) -> None:
    append(seeds, "kpis/kpi_targets.csv", "revenue,overall,all,2026-05-03,week,2026-04-30,5,EUR")
    assert check_seeds(seeds, calendar=Calendar(week_starts_on=7)) == []
    assert "not the first day of a week; write 2026-04-27." in only(check_seeds(seeds))


@pytest.mark.parametrize(
    ("start", "grain", "last"),
    [
        ("2026-05-04", "day", "2026-05-04"),
        ("2026-12-28", "week", "2027-01-03"),
        ("2028-02-01", "month", "2028-02-29"),
        ("2026-01-01", "month", "2026-01-31"),
        ("2026-07-01", "quarter", "2026-09-30"),
        ("2028-01-01", "year", "2028-12-31"),
        ("2027-01-01", "year", "2027-12-31"),
    ],
)
def test_a_target_may_be_set_until_the_last_day_of_its_period(
    seeds: Path, start: str, grain: str, last: str
) -> None:
    append(seeds, "kpis/kpi_targets.csv", f"revenue,overall,all,{start},{grain},{last},5,EUR")
    assert check_seeds(seeds) == []
    day_after = date.fromisoformat(last) + timedelta(days=1)
    append(seeds, "kpis/kpi_targets.csv", f"revenue,country,FR,{start},{grain},{day_after},5,EUR")
    assert f"ends on {last}" in only(check_seeds(seeds))


@pytest.mark.parametrize(
    "cells",
    [
        {"numerator": "orders", "denominator": "customers_to_date", "unit": "count"},
        {"numerator": "leads", "denominator": "orders", "unit": "points", "scale": "1000"},
        {"numerator": "cycle_days", "denominator": "won_deals", "unit": "days"},
        {"numerator": "median_resolution_hours", "unit": "days", "scale": "0.0417"},
        {"numerator": "expected_wins", "denominator": "mean_cycle_days"},
    ],
)
def test_units_that_follow_from_the_components(seeds: Path, cells: dict[str, str]) -> None:
    change(seeds, "kpis/kpi_catalogue.csv", 2, dimensions="overall", **cells)
    assert check_seeds(seeds) == []


def test_a_kpi_without_an_objective_is_flagged_and_not_refused(seeds: Path) -> None:
    change(seeds, "kpis/kpi_catalogue.csv", 2, objective_id="")
    assert check_seeds(seeds) == []


def test_a_kpi_is_one_row_over_components_that_exist(seeds: Path) -> None:
    row = (
        "orders_per_lead,convert_demand,Orders per lead,Commandes par prospect,Orders by leads.,"
        "Commandes par prospect.,orders,leads,1,ratio,up,month|year,overall|country|channel,"
        "0.95,0.85,30,true,Head of Sales"
    )
    append(seeds, "kpis/kpi_catalogue.csv", row)
    assert check_seeds(seeds) == []
    append(seeds, "kpis/kpi_catalogue.csv", row)
    assert "line 37: repeats kpi_id 'orders_per_lead' of line 36;" in only(check_seeds(seeds))


def test_names_and_definitions_are_complete_in_two_languages() -> None:
    """French is French, with its own quotation marks, apostrophes and spaces."""
    with (SHIPPED / "kpis/kpi_catalogue.csv").open(encoding="utf-8", newline="") as handle:
        kpis = list(csv.DictReader(handle))
    with (SHIPPED / "kpis/objectives.csv").open(encoding="utf-8", newline="") as handle:
        objectives = list(csv.DictReader(handle))
    assert len(kpis) == 34
    for row in kpis:
        assert row["description_en"].endswith(".") and row["description_fr"].endswith(".")
        assert row["description_en"] != row["description_fr"]
    for row in kpis + objectives:
        french = " ".join(value for name, value in row.items() if name.endswith("_fr"))
        assert len(french) > 5
        assert not re.search(r"['\"]", french), french
        # A narrow no-break or no-break space before double signs, never a plain or no space.
        assert not re.search(r"[^\u00a0\u202f][:;?!»]", french), french
        assert not re.search(r"«[^\u00a0\u202f]", french), french
    assert len({row["name_en"] for row in kpis}) == len({row["name_fr"] for row in kpis}) == 34


def test_target_at_a_grain_that_the_kpi_does_not_have(seeds: Path) -> None:
    change(seeds, "kpis/kpi_catalogue.csv", 2, grains="quarter|year")
    append(seeds, "kpis/kpi_targets.csv", TARGET)
    assert "'month' is not offered by the KPI; write one of quarter|year." in only(
        check_seeds(seeds)
    )


def test_benchmark_definition(seeds: Path) -> None:
    append(seeds, "kpis/kpi_benchmarks.csv", "refund_rate,Acme,all,2025-01-01,0.03,Report,maybe")
    assert "'maybe' is not one of same, close, different." in only(check_seeds(seeds))


def test_a_benchmark_of_a_segment_would_be_compared_with_nothing(seeds: Path) -> None:
    append(seeds, "kpis/kpi_benchmarks.csv", "refund_rate,Acme,FR,2025-01-01,0.03,Report,close")
    assert "column segment: 'FR' is not one of all." in only(check_seeds(seeds))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2026-02-28", "2026-01-28", "column ended_on: '2026-01-28' is before started_on"),
        ("2026-04-01", "2026-01-01", "column review_on: '2026-01-01' is before started_on"),
        ("desktop", "mobile", "column control_segment: 'mobile' is the segment itself;"),
        ("device,mobile,desktop", "overall,all,FR", "column control_segment: 'FR' beside 'all': a"),
        ("desktop", "all", "column control_segment: 'all' beside 'mobile': a control is another"),
        ("0.005", "5", "column expected_effect: '5' would be 500 %; write 0.05 for 5 %."),
        ("1200", "-1200", "column cost: '-1200' is below 0; write what was spent."),
        (",EUR", ",", "column currency: is empty beside a cost;"),
        ("device,", "segment,", "column dimension: 'segment' is not offered by the KPI;"),
    ],
)
def test_corrective_actions(seeds: Path, old: str, new: str, expected: str) -> None:
    append(seeds, "kpis/corrective_actions.csv", ACTION.replace(old, new))
    assert expected in only(check_seeds(seeds))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("8,09:00,12:00", "column weekday: '8' is not 1 (Monday) to 7 (Sunday)."),
        ("6,9:00,12:00", "column opens_at: '9:00' is not a time;"),
        ("6,09:00,25:00", "column closes_at: '25:00' is not a time;"),
        ("6,24:00,24:00", "column opens_at: '24:00' is not a time;"),
        ("6,12:00,09:00", "column closes_at: '09:00' is not after opens_at 12:00."),
        ("5,16:00,18:00", "column opens_at: '16:00' is within the hours of line 6;"),
        ("05,16:00,18:00", "column opens_at: '16:00' is within the hours of line 6;"),
    ],
)
def test_business_hours(seeds: Path, row: str, expected: str) -> None:
    append(seeds, "calendar/business_hours.csv", row)
    assert expected in only(check_seeds(seeds))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("High,1,8", "column priority: 'High' has capitals; write high."),
        ("İVEDİ ΟΔΟΣ,1,8", "column priority: 'İVEDİ ΟΔΟΣ' has capitals; write ivedi οδοσ."),
        ("high,0,8", "column first_response_hours: '0' is no time;"),
        ("high,1,-8", "column resolution_hours: '-8' is no time;"),
        ("high,8,1.5", "column first_response_hours: '8' is longer than resolution_hours '1.5',"),
    ],
)
def test_sla_targets(seeds: Path, row: str, expected: str) -> None:
    append(seeds, "service/sla_targets.csv", row)
    assert expected in only(check_seeds(seeds))
