from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfile

import duckdb
import pytest

from expectations.facts import FACTS
from expectations.runner import Earlier, audit
from expectations.suite import Suite
from expectations.suites import all_suites, modules_of
from tests.unit.expectations import busy_faults
from tests.unit.expectations.faults import FAULTS, MISSING

AS_OF = datetime(2026, 7, 1)
DAY_BEFORE = AS_OF - timedelta(days=1)
SUITES = {suite.name: suite for suite in all_suites()}
PLANTED = [(suite, name) for suite, faults in FAULTS.items() for name in faults]
RAW = (
    *("shop_orders", "shop_order_items", "shop_refunds", "crm_leads", "crm_opportunities"),
    *("crm_activities", "support_tickets", "survey_responses", "ads_spend"),
)
# What compares a release with its past needs one that has a past.
BUSY = [(suite, name) for suite, faults in busy_faults.FAULTS.items() for name in faults]
TINY_SUITES = [suite for name, suite in SUITES.items() if name not in busy_faults.FAULTS]
BUSY_SUITES = [SUITES[name] for name in busy_faults.FAULTS]


def test_a_suite_in_a_new_folder_is_found_by_its_file_alone(tmp_path: Path) -> None:
    for name in ("core/__init__.py", "core/fct_orders.py", "finance/invoices.py", "core/.#x.py"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("")
    assert modules_of(tmp_path) == ["core.fct_orders", "finance.invoices"]


def test_a_clean_release_passes_every_suite(clean_release: Path) -> None:
    earlier = Earlier(clean_release, DAY_BEFORE)
    report = audit(clean_release, as_of=AS_OF, earlier=earlier, suites=TINY_SUITES)
    assert report.failures() == []
    assert report.passed
    assert len(report.suites) == len(TINY_SUITES)


def test_a_clean_day_passes_what_compares_it_with_the_past(
    busy_release: Path, busy_sources: Path
) -> None:
    report = audit(
        busy_release,
        as_of=AS_OF,
        earlier=Earlier(busy_release, DAY_BEFORE),
        sources=busy_sources,
        seeds=busy_sources.with_name("seeds"),
        suites=BUSY_SUITES,
    )
    assert report.failures() == []
    assert len(report.suites) == len(BUSY_SUITES)


@pytest.mark.parametrize(
    ("change", "passes"),
    [
        ("update core.fct_orders set currency = 'JPY', total = total - 1", True),
        ("update core.fct_orders set currency = 'JPY', total = total - 3", False),
        ("update core.fct_orders set total = total - 1", False),
    ],
)
def test_tax_may_be_rounded_to_the_smallest_coin_at_each_rate(
    release_with: Callable[[str], Path], change: str, *, passes: bool
) -> None:
    report = audit(release_with(change), as_of=AS_OF, suites=[SUITES["audits.orders_add_up"]])
    assert (report.failures() == []) is passes


def test_a_first_release_has_no_past_to_differ_from(busy_release: Path) -> None:
    report = audit(busy_release, as_of=AS_OF, suites=BUSY_SUITES)
    assert report.failures() == []
    assert {suite.name for suite in report.suites} == {
        suite.name for suite in BUSY_SUITES if not (suite.needs_sources or suite.needs_seeds)
    }


def test_a_company_without_rows_passes_what_compares_it_with_the_past(
    busy_with: Callable[[str], tuple[Path, Path]],
) -> None:
    emptied = [
        *(f"core.{fact.name}" for fact in FACTS),
        *("core.source_health", "kpi.kpi_scorecard", "sources.ops.ledger"),
        *(f"sources.raw.{table}" for table in RAW),
    ]
    release, sources = busy_with("; ".join(f"delete from {table}" for table in emptied))
    report = audit(
        release,
        as_of=AS_OF,
        earlier=Earlier(release, DAY_BEFORE),
        sources=sources,
        seeds=sources.with_name("seeds"),
        suites=BUSY_SUITES,
    )
    assert report.failures() == []


def test_an_empty_release_passes_every_suite(release_with: Callable[[str], Path]) -> None:
    tables = {suite.table for suite in TINY_SUITES}
    database = release_with("; ".join(f"delete from {table}" for table in sorted(tables)))
    assert audit(database, as_of=AS_OF, suites=TINY_SUITES).failures() == []


def test_each_expectation_has_a_planted_fault() -> None:
    written = {(s.name, e.name) for s in SUITES.values() for e in s.expectations}
    assert written == {*PLANTED, *BUSY}


@pytest.mark.parametrize(
    ("suite", "name", "fault"),
    [*((suite, name, FAULTS[suite][name]) for suite, name in PLANTED), *MISSING],
    ids=[f"{suite}-{name}" for suite, name, *_ in (*PLANTED, *MISSING)],
)
def test_a_planted_fault_is_caught(
    clean_release: Path, release_with: Callable[[str], Path], suite: str, name: str, fault: str
) -> None:
    expectation = next(e for e in SUITES[suite].expectations if e.name == name)
    report = audit(
        release_with(fault),
        as_of=AS_OF,
        earlier=Earlier(clean_release, DAY_BEFORE),
        suites=[replace(SUITES[suite], expectations=(expectation,), columns=())],
    )
    [(_, result)] = report.failures()
    assert result.status == "failed"
    assert result.unexpected_count
    assert report.passed == (expectation.severity == "warning")


@pytest.mark.parametrize(
    ("fault", "missed"),
    [
        ("delete from attribution.attributed_touches", "never: credit is null"),
        (
            "update attribution.attributed_touches set attributed_revenue = null",
            "never: revenue_given is distinct from revenue",
        ),
    ],
)
def test_credit_that_is_missing_altogether_does_not_add_up(
    release_with: Callable[[str], Path], fault: str, missed: str
) -> None:
    report = audit(release_with(fault), suites=[SUITES["audits.attribution_adds_up"]])
    assert missed in {result.name for _, result in report.failures()}


DEALS_STAND_ALONE = """
    update attribution.channel_performance set is_in_all = conversion_type <> 'opportunity'
"""
ALL_IS_ORDERS = """
    update attribution.channel_performance as shown
    set
        attributed_revenue = orders.attributed_revenue,
        attributed_margin = orders.attributed_margin,
        refunded = orders.refunded
    from attribution.channel_performance as orders
    where
        shown.conversion_type = 'all'
        and orders.conversion_type = 'order'
        and shown.period_start = orders.period_start
        and shown.channel = orders.channel
        and shown.model = orders.model
"""


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ([DEALS_STAND_ALONE, ALL_IS_ORDERS], set()),
        (
            [DEALS_STAND_ALONE],
            {"never: channel_revenue <> touch_revenue", "never: shown is distinct from earned"},
        ),
        (
            [ALL_IS_ORDERS],
            {"never: channel_revenue <> touch_revenue", "never: shown is distinct from earned"},
        ),
    ],
)
def test_all_is_what_the_types_in_it_add_up_to(
    release_with: Callable[[str], Path], changes: list[str], found: set[str]
) -> None:
    suites = [SUITES["audits.channels_add_up"], SUITES["audits.margins_agree"]]
    report = audit(release_with(";".join(changes)), as_of=AS_OF, suites=suites)
    assert {result.name for _, result in report.failures()} == found


@pytest.mark.parametrize(("credit", "missed"), [("0", 0), ("0.1", 1)])
def test_a_touch_without_a_share_leaves_the_margin_of_its_channel_known(
    credit: str, missed: int, release_with: Callable[[str], Path]
) -> None:
    """The last touch has what cutting left over of the revenue, whatever its share is."""
    database = release_with(
        "insert into attribution.attributed_touches by name select * replace (99 as position, "
        f"{credit} as credit, 0.0001 as attributed_revenue, null as attributed_margin) "
        "from attribution.attributed_touches where attributed_margin is not null limit 1"
    )
    report = audit(database, as_of=AS_OF, suites=[SUITES["audits.margins_agree"]])
    assert len(report.failures()) == missed


def test_a_channel_of_a_touch_without_a_share_alone_earned_no_margin(
    release_with: Callable[[str], Path],
) -> None:
    database = release_with(
        "insert into attribution.attributed_touches by name select * replace (99 as position, "
        "'Referral' as channel, 0 as credit, 0.0001 as attributed_revenue, "
        "null as attributed_margin) from attribution.attributed_touches where channel = 'Email'; "
        "insert into attribution.channel_performance by name select * replace ("
        "'Referral' as channel, 0 as attributed_margin) "
        "from attribution.channel_performance where channel = 'Email'"
    )
    report = audit(database, as_of=AS_OF, suites=[SUITES["audits.margins_agree"]])
    assert report.failures() == []


def test_deals_that_stand_alone_may_be_fulfilled_by_orders(
    release_with: Callable[[str], Path],
) -> None:
    suite = SUITES["audits.sales_count_once"]
    fault = FAULTS[suite.name][suite.expectations[0].name]
    assert audit(release_with(fault), as_of=AS_OF, suites=[suite]).failures()
    apart = release_with(f"{fault}; {DEALS_STAND_ALONE}")
    assert audit(apart, as_of=AS_OF, suites=[suite]).failures() == []


def test_letters_that_are_answered_need_no_visits(release_with: Callable[[str], Path]) -> None:
    suite = SUITES["audits.spend_meets_visits"]
    fault = FAULTS[suite.name][suite.expectations[0].name]
    assert audit(release_with(fault), as_of=AS_OF, suites=[suite]).failures()
    answered = release_with(
        f"{fault}; update attribution.attributed_touches set channel = 'Paid Other'"
    )
    assert audit(answered, as_of=AS_OF, suites=[suite]).failures() == []


@pytest.mark.parametrize(("closed_at", "missed"), [("00:10", 0), ("2026-06-30 23:50", 1)])
def test_a_deal_that_closes_after_the_clock_is_not_won_yet(
    closed_at: str, missed: int, release_with: Callable[[str], Path]
) -> None:
    """A CRM that is asked a moment after the clock was read may have such a one."""
    at = closed_at if " " in closed_at else f"2026-07-01 {closed_at}"
    database = release_with(
        "insert into core.dim_dates by name select '2026-07-01'::date as date_day; "
        "insert into core.fct_opportunities by name select * replace (72 as opportunity_key, "
        f"'D2' as opportunity_id, '{at}' as closed_at, '{at}'::date as closed_date) "
        "from core.fct_opportunities"
    )
    rule = [e for e in SUITES["audits.sales_agree"].expectations if "all_won <> won" in e.name]
    suites = [replace(SUITES["audits.sales_agree"], expectations=rule)]
    assert len(audit(database, as_of=AS_OF, suites=suites).failures()) == missed


@pytest.mark.parametrize(("created_on", "missed"), [("2026-05-04", 0), ("2026-05-05", 1)])
def test_a_lead_led_to_no_deal_of_an_earlier_day(
    created_on: str, missed: int, release_with: Callable[[str], Path]
) -> None:
    """However late it was won; the lead is of 5 May."""
    database = release_with(
        "insert into core.fct_opportunities by name select * replace (72 as opportunity_key, "
        f"'D2' as opportunity_id, '{created_on} 07:00' as created_at, "
        f"'{created_on}'::date as created_date) from core.fct_opportunities"
    )
    report = audit(database, as_of=AS_OF, suites=[SUITES["audits.lead_sources_agree"]])
    assert len(report.failures()) == missed


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("funnel.lead_sources", "cost_per_lead = 1"),
        ("funnel.lead_sources", "agreement_rate = 0.5"),
        ("funnel.cart_abandonment", "abandonment_rate = abandonment_rate / 2"),
    ],
)
def test_what_is_shown_before_all_is_known_is_what_its_parts_make(
    table: str, wrong: str, release_with: Callable[[str], Path]
) -> None:
    """The newest months are those that people look at."""
    database = release_with(f"update {table} set is_mature = false, {wrong}")
    failures = audit(database, as_of=AS_OF, suites=[SUITES[table]]).failures()
    assert "ratios are their parts" in [result.name for _, result in failures]


def test_a_month_may_only_go_on_with_earlier_journeys(
    release_with: Callable[[str], Path],
) -> None:
    """As on its first day, when only people come who came before."""
    database = release_with("update attribution.markov_effects set paths = 0, converting_paths = 0")
    suites = [SUITES["attribution.markov_effects"]]
    assert audit(database, as_of=AS_OF, suites=suites).failures() == []


@pytest.mark.parametrize(("leads", "missed"), [(0, 0), (1, 1)])
def test_a_rep_in_no_team_is_a_gap_once_something_was_done(
    leads: int, missed: int, release_with: Callable[[str], Path]
) -> None:
    """A manager is in the list of reps, and may be in no team."""
    database = release_with(
        "insert into kpi.rep_performance by name select * replace ('(unknown)' as team, "
        f"'REP2' as rep, 0 as activities, 0 as calls, {leads} as leads, 0 as leads_worked, "
        "0 as leads_worked_rate, null as median_response_hours, "
        "null as median_response_business_hours, 0 as opportunities, 0 as won, 0 as closed, "
        "0 as attained, 0 as attained_elapsed, 0 as attainment) from kpi.rep_performance"
    )
    report = audit(database, as_of=AS_OF, suites=[SUITES["kpi.rep_performance"]])
    assert len(report.failures()) == missed


def test_a_deal_that_its_stages_contradict_is_named(
    release_with: Callable[[str], Path],
) -> None:
    rule = "never: is_open <> is_open_in_pipeline"
    database = release_with(FAULTS["audits.deals_agree"][rule])
    [(_, result)] = audit(database, as_of=AS_OF, suites=[SUITES["audits.deals_agree"]]).failures()
    assert "See opportunity_id '" in result.sentence


def test_an_input_that_is_old_by_one_of_its_sources_is_told_with_it(
    release_with: Callable[[str], Path],
) -> None:
    database = release_with(
        "update core.source_health set freshness = 'stale', silent_source = 'shop_uk'; "
        "insert into core.source_health by name select * replace ('crm_leads' as raw_table, "
        "null as silent_source) from core.source_health"
    )
    found = audit(database, as_of=AS_OF, suites=[SUITES["core.source_health"]]).failures()
    assert [result.sentence.partition(" See ")[2] for _, result in found] == [
        "raw_table 'crm_leads'.",
        "raw_table, silent_source 'shop_orders', 'shop_uk'.",
    ]


@pytest.mark.parametrize(("other", "blocks"), [("google_ads_too", False), ("ads", True)])
def test_of_a_campaign_that_two_sources_report_the_first_by_name_counts(
    other: str, blocks: bool, release_with: Callable[[str], Path]
) -> None:
    """Whatever the second one says; that there are two is a warning."""
    database = release_with(
        "update core.fct_ad_spend set grain = 'campaign', ad_group_id = null, ad_id = null; "
        "insert into core.fct_ad_spend by name select * replace (52 as ad_spend_key, "
        f"'{other}' as source_name, reported_spend + 1 as reported_spend, 0 as spend) "
        "from core.fct_ad_spend"
    )
    report = audit(database, as_of=AS_OF, suites=[SUITES["audits.ad_spend_adds_up"]])
    assert report.passed is not blocks


def test_a_source_whose_ad_spend_is_lost_whole_is_missed(
    busy_with: Callable[[str], tuple[Path, Path]],
) -> None:
    release, sources = busy_with("delete from core.fct_ad_spend")
    report = audit(release, sources=sources, suites=[SUITES["audits.facts_hold_what_came"]])
    assert [result.name for _, result in report.failures()] == ["nothing that came is lost"]


def test_a_target_that_was_missed_before_its_source_stopped_is_published(
    release_with: Callable[[str], Path],
) -> None:
    release = release_with("update kpi.kpi_alerts set data_status = 'stale'")
    assert audit(release, as_of=AS_OF, suites=[SUITES["kpi.kpi_alerts"]]).failures() == []


def test_an_address_is_found_in_whichever_text_and_its_table_is_named(
    release_with: Callable[[str], Path],
) -> None:
    database = release_with(
        "create table kpi.own as select 1 as i, ['x', 'ann@example.org'] as \"a \"\" b\";"
        "create table kpi.fine as select '5@2.40' as x; create table kpi.numbers as select 1 as x"
    )
    report = audit(database, suites=[SUITES["audits.no_address_is_published"]])
    [(_, result)] = report.failures()
    assert result.name == "kpi.own: no text holds an e-mail address"
    assert result.sentence.startswith("kpi.own: An e-mail address would be published.")
    assert "kpi.fine: no text holds an e-mail address" in {
        one.name for one in report.suites[0].results
    }


def test_a_status_that_is_no_sale_is_told_of_when_it_comes_up_and_never_again(
    clean_release: Path, release_with: Callable[[str], Path]
) -> None:
    suites = [SUITES["audits.sales_are_counted"]]
    fault = FAULTS["audits.sales_are_counted"]["no status comes up that is no sale"]
    before = Earlier(clean_release, DAY_BEFORE)
    release = release_with(fault)
    [(_, result)] = audit(release, as_of=AS_OF, earlier=before, suites=suites).failures()
    assert result.sentence.endswith("See source_name, part 'shop', 'settled'.")
    same = Earlier(copyfile(release, release.with_name("same.duckdb")), DAY_BEFORE)
    assert audit(release, as_of=AS_OF, earlier=same, suites=suites).failures() == []
    rare = release_with(fault.replace("range(5)", "range(4)"))
    assert audit(rare, as_of=AS_OF, earlier=before, suites=suites).failures() == []


def test_tables_that_change_their_size_are_named(
    busy_release: Path, busy_with: Callable[[str], tuple[Path, Path]], tmp_path: Path
) -> None:
    faults = busy_faults.FAULTS["audits.tables_keep_their_size"]
    release, _ = busy_with(faults["no table doubles"])
    earlier = Earlier(busy_release, DAY_BEFORE)
    suites = [SUITES["audits.tables_keep_their_size"]]
    [(_, result)] = audit(release, as_of=AS_OF, earlier=earlier, suites=suites).failures()
    assert result.name == "core.fct_leads: no table doubles"
    assert result.sentence == "core.fct_leads: Twice the rows of the previous release or more."
    empty = tmp_path / "empty.duckdb"
    with duckdb.connect(str(empty)) as connection:
        connection.execute(f"attach '{busy_release}' as made (read_only)")
        connection.execute("copy from database made to empty")
        connection.execute("update core.source_health set row_count = 0")
    earlier = Earlier(empty, DAY_BEFORE)
    assert audit(release, as_of=AS_OF, earlier=earlier, suites=suites).passed


@pytest.mark.parametrize(
    ("as_of", "missing", "holidays", "is_missed"),
    [
        (datetime(2026, 7, 1), "2026-06-30", 0, True),
        (datetime(2026, 7, 1), "2026-06-30", 1, False),
        # On a Monday nothing is due since Friday; on a Saturday Friday is, and once.
        (datetime(2026, 6, 29), "2026-06-30", 0, False),
        (datetime(2026, 6, 27), "2026-06-26", 0, True),
        (datetime(2026, 6, 28), "2026-06-26", 0, False),
    ],
)
def test_a_source_that_rests_at_the_weekend_is_due_on_the_other_days(
    busy_with: Callable[[str], tuple[Path, Path]],
    as_of: datetime,
    missing: str,
    holidays: int,
    is_missed: bool,
) -> None:
    before = as_of - timedelta(days=1)
    release, _ = busy_with(
        "delete from core.fct_leads where isodow(created_date) > 5"
        f" or created_date >= '{as_of:%Y-%m-%d}'::date or created_date = '{missing}';"
        f"update core.dim_dates set holiday_countries = {holidays} where date_day = '{missing}'"
    )
    suite = SUITES["audits.sources_keep_coming"]
    report = audit(release, as_of=as_of, earlier=Earlier(release, before), suites=[suite])
    assert bool(report.failures()) is is_missed


@pytest.mark.parametrize(("suite", "name"), BUSY)
def test_a_fault_of_a_day_is_caught(
    busy_release: Path,
    busy_with: Callable[[str], tuple[Path, Path]],
    suite: str,
    name: str,
) -> None:
    expectation = next(e for e in SUITES[suite].expectations if e.name == name)
    release, sources = busy_with(busy_faults.FAULTS[suite][name])
    report = audit(
        release,
        as_of=AS_OF,
        earlier=Earlier(busy_release, DAY_BEFORE),
        sources=sources,
        seeds=sources.with_name("seeds"),
        suites=[replace(SUITES[suite], expectations=(expectation,))],
    )
    [(_, result)] = report.failures()
    assert result.status == "failed", result.problem
    assert result.unexpected_count
    assert report.passed == (expectation.severity == "warning")


def test_a_week_that_is_unusual_is_told_as_a_week(
    busy_release: Path, busy_with: Callable[[str], tuple[Path, Path]]
) -> None:
    """Its first day alone may have been like any other."""
    release, _ = busy_with(
        "insert into core.fct_sessions by name "
        "select * replace (session_key + 1000000 as session_key) "
        "from core.fct_sessions where session_date between '2026-06-25' and '2026-06-30'"
    )
    report = audit(
        release,
        as_of=AS_OF,
        earlier=Earlier(busy_release, DAY_BEFORE),
        suites=[SUITES["audits.new_days_look_usual"]],
    )
    [(_, result)] = report.failures()
    assert "See fact, part, span, day 'fct_sessions', " in result.sentence
    assert "'week', '2026-06-24'" in result.sentence


@pytest.mark.parametrize("suite", [s for s in SUITES.values() if s.columns], ids=lambda s: s.name)
def test_a_missing_column_is_named_with_its_table(
    release_with: Callable[[str], Path], suite: Suite
) -> None:
    database = release_with(f"alter table {suite.table} drop column {suite.columns[-1]}")
    first = audit(database, suites=[suite]).suites[0].results[0]
    assert first.status == "failed"
    assert first.blocks
    lacking = suite.columns[-1]
    assert first.sentence == f"{suite.table} lacks a column that reports rely on: {lacking}."


def test_a_file_is_named_like_its_suite_and_its_table() -> None:
    folder = Path("expectations/suites")
    files = {
        f"{path.parent.name}.{path.stem}"
        for path in folder.glob("*/*.py")
        if path.name != "__init__.py"
    }
    assert files == set(SUITES)
    for suite in SUITES.values():
        assert suite.name == suite.table or suite.name.startswith("audits.")


def test_what_no_row_ever_had_is_not_missed(
    busy_with: Callable[[str], tuple[Path, Path]],
) -> None:
    """Guests buy, and a CRM names no owner of a lead."""
    database, _ = busy_with(
        "update core.fct_orders set customer_key = null;"
        "update core.fct_leads set owner_rep_key = null"
    )
    suites = [SUITES["audits.new_rows_are_filled"]]
    assert audit(database, as_of=AS_OF, suites=suites).failures() == []


@pytest.mark.parametrize(("guests", "missed"), [(7, 1), (19, 0)])
def test_what_most_rows_had_is_missed_and_what_few_had_is_not(
    guests: int, missed: int, busy_with: Callable[[str], tuple[Path, Path]]
) -> None:
    """Of twenty old orders, so many are by guests; all new ones are."""
    database, _ = busy_with(
        "update core.fct_orders set customer_key = null "
        f"where order_key % 20 < {guests} or order_date >= '2026-06-28'"
    )
    suites = [SUITES["audits.new_rows_are_filled"]]
    assert len(audit(database, as_of=AS_OF, suites=suites).failures()) == missed


@pytest.mark.parametrize(("factor", "failures"), [(1, 0), (100, 2)])
def test_what_comes_by_the_month_leaves_the_weeks_between_usual(
    factor: int, failures: int, busy_with: Callable[[str], tuple[Path, Path]]
) -> None:
    """Most orders are small ones of a month's last day; the large ones between come by the week."""
    database, _ = busy_with(
        "insert into core.fct_orders by name "
        "select * exclude (copy) replace (order_key + copy * 1000000 as order_key,"
        " last_day(order_date) as order_date, net_revenue / 40 as net_revenue) "
        "from core.fct_orders, (select unnest([1, 2, 3]) as copy) where order_date < '2026-06-01';"
        f"update core.fct_orders set net_revenue = net_revenue * {factor} "
        "where order_date >= '2026-06-20'"
    )
    report = audit(database, as_of=AS_OF, suites=[SUITES["audits.new_amounts_look_usual"]])
    assert len(report.failures()) == failures
    assert report.passed == (factor == 1)
