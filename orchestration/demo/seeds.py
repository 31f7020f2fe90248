"""The demo company's own reference data, as analysts would keep it: plans, rates, holidays.

Whole-number arithmetic and fixed tables only, so the CSVs are the same on every machine. The
committed copies lie in `defs/ingestion/demo_company/seeds/`; a test compares the two.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from orchestration.demo import assumptions as a
from orchestration.demo.files import put, render
from orchestration.demo.timeline import END, START

Row = tuple[object, ...]

FIRST_YEAR_SET_ON, SECOND_YEAR_SET_ON = date(2024, 6, 17), date(2025, 6, 16)
REVISION_SET_ON = date(2026, 2, 9)
REVISED_MONTH = date(2026, 2, 1)
# Plans by month from July 2024, as the management set them; some were met, some were not.
REVENUE_PLAN = (
    *(9_500, 10_000, 11_000, 13_000, 17_000, 20_000, 22_000, 16_000, 20_000, 18_000, 21_000),
    *(22_000, 26_000, 23_000, 26_000, 31_000, 38_000, 45_000, 39_000, 36_000, 40_000, 39_000),
    *(42_000, 45_000),
)
CUSTOMER_PLAN = (
    *(110, 120, 120, 130, 165, 195, 180, 115, 155, 145, 150, 160),
    *(175, 170, 165, 210, 240, 290, 240, 165, 195, 205, 215, 220),
)
ORDER_VALUE_PLAN = (
    *(82, 82, 85, 85, 88, 92, 98, 98, 102, 102, 106, 110),
    *(112, 112, 114, 114, 116, 116, 120, 122, 124, 126, 128, 130),
)
CONVERSION_PLAN = ("0.052", "0.062")
LEAD_CONVERSION_PLAN = ("0.085", "0.095")
# A rep's sales of supplies in a quarter, in euro, before the rep's own share.
REP_PLAN = (200, 700, 1_600, 1_900, 2_800, 3_800, 4_800, 5_400)
REVISED_REVENUE = 31_000
# Business hours promised by priority: first reply, then solution.
SLA_HOURS = (("urgent", 1, 8), ("high", 2, 16), ("normal", 4, 24), ("low", 8, 40))

HOLIDAYS = {
    "FR": (
        ("2024-07-14", "Fête nationale"),
        ("2024-08-15", "Assomption"),
        ("2024-11-01", "Toussaint"),
        ("2024-11-11", "Armistice"),
        ("2024-12-25", "Noël"),
        ("2025-01-01", "Jour de l'an"),
        ("2025-04-21", "Lundi de Pâques"),
        ("2025-05-01", "Fête du travail"),
        ("2025-05-08", "Victoire 1945"),
        ("2025-05-29", "Ascension"),
        ("2025-06-09", "Lundi de Pentecôte"),
        ("2025-07-14", "Fête nationale"),
        ("2025-08-15", "Assomption"),
        ("2025-11-01", "Toussaint"),
        ("2025-11-11", "Armistice"),
        ("2025-12-25", "Noël"),
        ("2026-01-01", "Jour de l'an"),
        ("2026-04-06", "Lundi de Pâques"),
        ("2026-05-01", "Fête du travail"),
        ("2026-05-08", "Victoire 1945"),
        ("2026-05-14", "Ascension"),
        ("2026-05-25", "Lundi de Pentecôte"),
    ),
    "GB": (
        ("2024-08-26", "Summer bank holiday"),
        ("2024-12-25", "Christmas Day"),
        ("2024-12-26", "Boxing Day"),
        ("2025-01-01", "New Year's Day"),
        ("2025-04-18", "Good Friday"),
        ("2025-04-21", "Easter Monday"),
        ("2025-05-05", "Early May bank holiday"),
        ("2025-05-26", "Spring bank holiday"),
        ("2025-08-25", "Summer bank holiday"),
        ("2025-12-25", "Christmas Day"),
        ("2025-12-26", "Boxing Day"),
        ("2026-01-01", "New Year's Day"),
        ("2026-04-03", "Good Friday"),
        ("2026-04-06", "Easter Monday"),
        ("2026-05-04", "Early May bank holiday"),
        ("2026-05-25", "Spring bank holiday"),
    ),
}


def write_seeds(directory: Path) -> list[str]:
    """Writes every seed below `directory`; returns their relative paths."""
    tables: dict[str, tuple[tuple[str, ...], Iterator[Row]]] = {
        "kpis/kpi_targets.csv": (
            (
                "kpi_id",
                "dimension",
                "segment",
                "period_start",
                "period_grain",
                "set_on",
                "target_value",
                "currency",
            ),
            _targets(),
        ),
        "kpis/kpi_benchmarks.csv": (
            (
                "kpi_id",
                "competitor",
                "segment",
                "period_start",
                "value",
                "source",
                "definition_match",
            ),
            _benchmarks(),
        ),
        "kpis/market_size.csv": (
            ("segment", "period_start", "period_grain", "market_revenue", "currency", "source"),
            _market(),
        ),
        "kpis/corrective_actions.csv": (
            (
                "action_id",
                "kpi_id",
                "dimension",
                "segment",
                "control_segment",
                "started_on",
                "ended_on",
                "review_on",
                "owner",
                "title",
                "description",
                "expected_effect",
                "cost",
                "currency",
            ),
            _actions(),
        ),
        "channels/campaign_aliases.csv": (
            ("raw_campaign", "campaign"),
            # The third spelling in use, "nl weekly", is left for someone to find.
            iter([("NL_weekly", "nl-weekly")]),
        ),
        "finance/fx_rates.csv": (
            ("rate_date", "from_currency", "to_currency", "rate"),
            _rates(),
        ),
        "calendar/holidays.csv": (
            ("country", "holiday_date", "name"),
            ((country, *day) for country, days in HOLIDAYS.items() for day in days),
        ),
        "service/sla_targets.csv": (
            ("priority", "first_response_hours", "resolution_hours"),
            iter(SLA_HOURS),
        ),
    }
    for name, (header, rows) in tables.items():
        columns = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
        put(directory / name, render(columns))
    return list(tables)


def _months() -> list[date]:
    return [date(2024 + (6 + k) // 12, (6 + k) % 12 + 1, 1) for k in range(24)]


def _quarters() -> list[date]:
    return _months()[::3]


def _targets() -> Iterator[Row]:
    """Company targets by month, set a year at a time; quotas of teams and reps by quarter."""
    for number, month in enumerate(_months()):
        year = number // 12
        set_on = (FIRST_YEAR_SET_ON, SECOND_YEAR_SET_ON)[year]
        whole = ("overall", "all", month, "month", set_on)
        yield "revenue", *whole, REVENUE_PLAN[number], "EUR"
        if month == REVISED_MONTH:
            # Lowered in the middle of the month, when the payment form was found broken.
            yield "revenue", *whole[:-1], REVISION_SET_ON, REVISED_REVENUE, "EUR"
        yield "new_customers", *whole, CUSTOMER_PLAN[number], ""
        yield "average_order_value", *whole, ORDER_VALUE_PLAN[number], "EUR"
        yield "session_conversion_rate", *whole, CONVERSION_PLAN[year], ""
        yield "lead_conversion_rate", *whole, LEAD_CONVERSION_PLAN[year], ""
    for number, quarter in enumerate(_quarters()):
        set_on = (FIRST_YEAR_SET_ON, SECOND_YEAR_SET_ON)[number // 4]
        teams: dict[str, int] = {}
        for rep in a.REPS:
            quota = int(REP_PLAN[number] * (100 * rep.load)) // 100 // 100 * 100
            team = _team(rep, quarter)
            teams[team] = teams.get(team, 0) + quota
            yield "revenue", "rep", rep.rep_id, quarter, "quarter", set_on, quota, "EUR"
        for team, quota in sorted(teams.items()):
            yield "revenue", "team", team, quarter, "quarter", set_on, quota, "EUR"


def _team(rep: a.Rep, day: date) -> str:
    """The rep's team on a day."""
    change = a.TEAM_CHANGE
    if rep.rep_id == change.rep_id and day >= change.first_day:
        return change.team_after
    return rep.team


def _benchmarks() -> Iterator[Row]:
    """What competitors and a trade panel publish, by quarter."""
    levels = (
        # kpi, competitor, value in hundredths of a percent or cents, step a quarter, definition
        ("session_conversion_rate", "Mobiliane", 540, 8, "same"),
        ("session_conversion_rate", "Oak & Thistle", 610, 3, "close"),
        ("session_conversion_rate", "Casavanti", 480, 14, "same"),
        ("average_order_value", "Mobiliane", 9_450, 110, "close"),
        ("average_order_value", "Oak & Thistle", 12_100, 60, "same"),
        ("average_order_value", "Casavanti", 8_300, 90, "different"),
        ("refund_rate", "Mobiliane", 620, -10, "same"),
        ("refund_rate", "Oak & Thistle", 480, 5, "close"),
    )
    for quarter_number, quarter in enumerate(_quarters()):
        for kpi, competitor, level, step, match in levels:
            value = level + step * quarter_number
            text = (
                f"{value // 100}.{value % 100:02d}"
                if kpi == "average_order_value"
                else f"0.{value:04d}"
            )
            source = "Home goods panel" if match == "same" else "Annual report"
            yield kpi, competitor, "all", quarter, text, source, match


def _market() -> Iterator[Row]:
    """Sales of home goods online, by quarter and country, and both together in euro."""
    season = (92, 128, 90, 90)
    for number, quarter in enumerate(_quarters()):
        base = 1_900_000 + 25_000 * number
        french = base * season[number % 4] // 100
        british = french * 9 // 10
        yield "FR", quarter, "quarter", french, "EUR", "Home goods panel"
        yield "GB", quarter, "quarter", british, "GBP", "Home goods panel"
        yield "all", quarter, "quarter", french + british * 117 // 100, "EUR", "Home goods panel"


def _actions() -> Iterator[Row]:
    """Five measures; A-002 has a planted effect, A-003 ends a planted fault, A-001 none."""
    kpi, action, fault = "session_conversion_rate", a.ACTION, a.BROKEN_STEP
    yield (
        *("A-001", kpi, "country", "FR", "GB", date(2025, 3, 3), date(2025, 5, 31)),
        *(date(2025, 6, 16), "Head of Digital", "New product photos"),
        *("Photos in daylight on every product page of the French shop.", "0.05", 6_500, "EUR"),
    )
    yield (
        *(action.action_id, action.kpi_id, "country", action.segment, action.control_segment),
        *(action.first_day, "", date(2025, 12, 15), "Head of Digital", "Free-shipping banner"),
        "Banner on every page of the British shop: free delivery from 40 pounds.",
        *("0.25", 3_200, "GBP"),
    )
    yield (
        *("A-003", kpi, "device", fault.device, "desktop", fault.last_day + timedelta(days=1)),
        *("", date(2026, 4, 15), "Head of Digital", "Repair of the mobile payment form"),
        *("The form lost its button on small screens after an update.", "0.10", 900, "EUR"),
    )
    yield (
        *("A-004", "lead_conversion_rate", "country", "GB", "FR", a.IMPROVING_REP.first_day),
        *("", date(2026, 3, 31), "Head of Sales", "Coaching in negotiation"),
        *("Four half-days for one rep of the British team.", "0.15", 4_800, "GBP"),
    )
    yield (
        *("A-005", "average_order_value", "overall", "all", "", date(2026, 6, 15), ""),
        *(date(2026, 9, 15), "Head of Sales", "Bundles in the cart"),
        *("Sets of three at ten percent off, shown in the cart.", "0.06", 1_500, "EUR"),
    )


def _rates() -> Iterator[Row]:
    """Pounds to euro, a rate a week from the Monday before: a gentle walk around 1.17."""
    rate, state = 11_800, 20_240_701
    day = START - timedelta(days=7)
    while day <= END:
        yield day, "GBP", "EUR", f"{rate // 10_000}.{rate % 10_000:04d}"
        # A linear congruential generator: whole numbers, the same everywhere.
        state = (state * 1_103_515_245 + 12_345) % 2**31
        rate += state // 65_536 % 71 - 35 - (rate - 11_700) // 25
        day += timedelta(days=7)
