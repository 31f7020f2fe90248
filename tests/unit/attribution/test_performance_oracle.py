"""What channels and campaigns cost and earned, from the raw tables on, in plain Python.

The rules stand in docs/attribution.md (cost and return, taken back) and docs/core.md (days, money,
advertising spend). A browser is a person here; who is who has tests of its own.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.keys import key
from tests.model_sql import CompiledModels, Row
from tests.unit.attribution.oracle import Conversion, Rules, Touch, path_of, shares

AS_OF = datetime(2026, 4, 6, 6)
FIRST_DAY = date(2026, 3, 27)  # Clocks change on the 29th; the quarter ends on the 31st.
PARIS = ZoneInfo("Europe/Paris")
RULES = Rules(lookback_days=3)
MODELS = ("first_touch", "last_touch", "linear", "position_based")
SMALL_SAMPLE = 2
RATES = {date(2026, 3, 20): "0.8", date(2026, 3, 31): "1.25"}  # of USD

LINES: dict[str, tuple[int, int | None]] = {"o1": (40, 30), "o2": (11, None), "o3": (100, 20)}
Drawn = st.SearchStrategy[Any]
Tags = tuple[str | None, str | None, str | None]
Group = tuple[str, ...]
UTM = ("utm_source", "utm_medium", "utm_campaign")
UNTAGGED: Tags = (None, None, None)
SPRING: Tags = ("google", "cpc", "Spring")
# Channel and campaign by the tags of a visit, a lead or an advertisement.
KNOWN: dict[Tags, Group] = {
    SPRING: ("Paid Search", "Spring"),
    ("Google ", "CPC", "spring"): ("Paid Search", "Spring"),
    ("facebook", "paid-social", "Spring"): ("Paid Social", "Spring"),
    ("letter", "email", "May"): ("Email", "May"),
    UNTAGGED: ("Direct", "(not set)"),
}
UNTAGGED_SPEND = ("Paid Other", "Autumn")
MEASURES = ("spend", "impressions", "clicks", "platform_conversions")
SHARED = (
    "spend_with_clicks",
    "spend_with_impressions",
    "clicks_with_impressions",
    "impressions_with_clicks",
)
COSTS = ("sessions", "leads", *MEASURES, *SHARED)
EARNED = ("conversions", "attributed_revenue", "attributed_margin", "refunded")
Figures = dict[str, Fraction]
Split = list[tuple[Group, Fraction]]
UNATTRIBUTED: Split = [(("(unattributed)", "(not set)"), Fraction(1))]


def business_day(at: datetime) -> date:
    """The day in Paris; what is dated ahead counts for the running day."""
    return min(at.replace(tzinfo=UTC).astimezone(PARIS).date(), AS_OF.date())


def rate(currency: str, day: date) -> Fraction:
    if currency == "EUR":
        return Fraction(1)
    return Fraction(RATES[max(known for known in RATES if known <= day)])


def periods(day: date) -> Iterator[Group]:
    yield "day", str(day)
    yield "week", str(day - timedelta(days=day.weekday()))
    yield "month", str(day.replace(day=1))
    yield "quarter", str(day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1))
    yield "year", str(day.replace(month=1, day=1))


def latest(rows: list[Row], *names: str) -> list[Row]:
    """Of several versions of a key the last one, which lies in the latest file."""
    return list({(row["_source"], *(row[name] for name in names)): row for row in rows}.values())


AD = ("spend_date", "platform", "account_id", "campaign_id", "ad_group_id", "ad_id")


def spend_that_counts(raw: list[Row]) -> list[Row]:
    """Ads in full, a group or campaign with what its parts do not say; the first source's once."""
    rows = latest(raw, *AD)
    first: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows, key=lambda row: str(row["_source"])):
        row["whole"] = (row["account_id"] or ("of", row["_source"]), row["campaign_id"])
        row["whole"] += (row["spend_date"], row["currency"])
        first.setdefault((row["whole"], row["ad_group_id"], row["ad_id"]), row)
    # From ads to campaigns.
    for row in sorted(first.values(), key=lambda row: (not row["ad_id"], not row["ad_group_id"])):
        parts = [
            part["counted"]
            for part in first.values()
            if "counted" in part and part["whole"] == row["whole"] and not row["ad_id"]
            if row["ad_group_id"] in (None, part["ad_group_id"])
        ]
        row["counted"] = {
            name: max(Fraction(row[name] or 0) - sum(part[name] for part in parts), Fraction(0))
            for name in MEASURES
        }
    # A number is told from the first day on which its source gave any.
    for row in first.values():
        row["told"] = {
            name: any(
                other[name] is not None and other["spend_date"] <= row["spend_date"]
                for other in rows
                if other["_source"] == row["_source"]
            )
            for name in MEASURES
        }
    return list(first.values())


def expected(raw: dict[str, list[Row]]) -> tuple[dict[Group, Figures], dict[Group, Figures]]:
    """Costs by period, channel and campaign; what was earned also by model."""
    costs: dict[Group, Figures] = defaultdict(lambda: defaultdict(Fraction))
    earned: dict[Group, Figures] = defaultdict(lambda: defaultdict(Fraction))

    def add(to: dict[Group, Figures], day: date, rest: Group, **figures: Fraction | int) -> None:
        for period in periods(day):
            for name, figure in figures.items():
                to[(*period, *rest)][name] += figure

    for ad in spend_that_counts(raw["ads_spend"]):
        place: Group = UNTAGGED_SPEND if ad["utm_source"] is None else KNOWN[tags_of(ad)]
        day = min(ad["spend_date"], AS_OF.date())
        ad["counted"]["spend"] *= rate(ad["currency"], day)
        counted, told = ad["counted"], ad["told"]
        add(
            costs,
            day,
            place,
            **counted,
            spend_with_clicks=counted["spend"] * told["clicks"],
            spend_with_impressions=counted["spend"] * told["impressions"],
            clicks_with_impressions=counted["clicks"] * told["impressions"],
            impressions_with_clicks=counted["impressions"] * told["clicks"],
            claims=told["platform_conversions"],
            unclaimed=counted["spend"] > 0 and not told["platform_conversions"],
        )
    for lead in raw["crm_leads"]:
        add(costs, business_day(lead["created_at"]), KNOWN[tags_of(lead)], leads=1)
    places: dict[int, Group] = {}
    touches: list[Touch] = []
    for visit in raw["web_sessions"]:
        number = key("session", "s", visit["session_id"])
        places[number] = KNOWN[tags_of(visit)]
        person, at = BROWSERS.index(visit["anonymous_id"]), visit["started_at"]
        add(costs, business_day(at), places[number], sessions=1)
        touches.append(Touch(number, person, at, places[number][0], False))
    splits: dict[tuple[str | None, str], Split] = {}
    for order in latest(raw["shop_orders"], "order_id"):
        if order["status"] != "completed":
            splits |= {(order["order_id"], model): [] for model in MODELS}
            continue
        at, (price, cost) = order["ordered_at"], LINES[order["order_id"]]
        conversion = Conversion(0, BROWSERS.index(order["anonymous_id"]), "order", at, 0)
        path = path_of(conversion, [conversion], touches, RULES)
        worth = rate(order["currency"], business_day(at))
        for model in MODELS:
            split = UNATTRIBUTED
            if path:
                parts = shares(model, conversion, path, RULES)
                split = [(places[t.key], part) for t, part in zip(path, parts, strict=True) if part]
            splits[order["order_id"], model] = split
            for place, part in split:
                add(
                    earned,
                    business_day(at),
                    (*place, model),
                    conversions=part,
                    attributed_revenue=part * worth * price,
                    attributed_margin=part * worth * (price - (cost or 0)),
                    unknown_margins=int(cost is None),
                )
    for refund in raw["shop_refunds"]:
        day = business_day(refund["refunded_at"])
        amount = rate(refund["currency"], day) * Fraction(refund["amount"])
        for model in MODELS:
            for place, part in splits.get((refund["order_id"], model), UNATTRIBUTED):
                add(earned, day, (*place, model), refunded=part * amount)
    return costs, earned


def tags_of(row: Row) -> Tags:
    source, medium, campaign = (row[name] for name in UTM)
    return source, medium, campaign


# Few people, days and amounts, so that edges of windows and days and restatements are common.
BROWSERS = ("anna", "ben")
days = st.integers(0, 11).map(lambda number: FIRST_DAY + timedelta(days=number))
instants = st.builds(
    lambda day, hour: min(
        datetime.combine(day, datetime.min.time()) + timedelta(hours=hour),
        AS_OF + timedelta(hours=20),
    ),
    days,
    st.sampled_from([0, 12, 22, 23]),
)
tags = st.sampled_from(list(KNOWN))
amounts = st.sampled_from([0, 1, 7, 20, 100])
counts = st.none() | amounts
browsers = st.sampled_from(BROWSERS)
currencies = st.sampled_from(["EUR", "USD"])


def delivered(
    size: int, key: str | None = None, source: Drawn | None = None, **columns: Drawn
) -> st.SearchStrategy[list[Row]]:
    """Rows of these columns, each in a file of its own; `key` numbers them."""

    def complete(rows: list[Row]) -> list[Row]:
        return [
            {
                **({key: str(n)} if key else {}),
                "_source": "s",
                "_source_file": f"{n}.csv",
                "_batch_id": n,
                "_row_number": n,
                "_loaded_at": AS_OF,
                **dict(zip(UTM, row.pop("tags", UNTAGGED), strict=True)),
                **row,
            }
            for n, row in enumerate(rows, start=1)
        ]

    drawn = columns if source is None else columns | {"_source": source}
    return st.lists(st.fixed_dictionaries(drawn), min_size=size // 2, max_size=size).map(complete)


companies = st.fixed_dictionaries(
    {
        "ads_spend": delivered(
            20,
            source=st.sampled_from(["ads", "agency"]),
            tags=st.sampled_from([SPRING, ("facebook", "paid-social", "Spring"), UNTAGGED]),
            spend_date=st.sampled_from([FIRST_DAY, FIRST_DAY + timedelta(5), date(2026, 4, 7)]),
            platform=st.just("google_ads"),
            account_id=st.sampled_from(["a", "a", "a", None]),
            campaign_id=st.sampled_from(["c1", "c1", "c1", "c2"]),
            campaign_name=st.just("Autumn"),
            ad_group_id=st.sampled_from([None, "g1", "g2"]),
            ad_id=st.sampled_from([None, None, "d1", "d2"]),
            currency=currencies,
            spend=amounts,
            impressions=counts,
            clicks=counts,
            platform_conversions=counts,
        ),
        "web_sessions": delivered(
            8, "session_id", tags=tags, started_at=instants, anonymous_id=browsers
        ),
        "crm_leads": delivered(3, "lead_id", tags=tags.filter(any), created_at=instants),
        "shop_orders": delivered(
            5,
            order_id=st.sampled_from(list(LINES)),
            ordered_at=instants,
            anonymous_id=browsers,
            status=st.sampled_from(["completed", "completed", "cancelled"]),
            currency=currencies,
        ),
        "shop_refunds": delivered(
            3,
            "refund_id",
            order_id=st.sampled_from([*LINES, None]),
            refunded_at=instants,
            amount=amounts,
            currency=currencies,
        ),
    }
)


@pytest.fixture(scope="module")
def models() -> CompiledModels:
    return CompiledModels(
        ("channel_performance", "campaign_performance"),
        {
            "as_of": AS_OF.isoformat(),
            "business_timezone": "Europe/Paris",
            "attribution_lookback_days": RULES.lookback_days,
            "attribution_models": list(MODELS),
            "small_sample_conversions": SMALL_SAMPLE,
        },
    )


def is_near(found: Any, exact: Fraction | None) -> bool:
    """Equal but for shares that are cut to whole units, of a few paths of a few touches."""
    if found is None or exact is None:
        return found is exact
    return abs(Fraction(found) - exact) <= Fraction(1, 200) + abs(exact) / 10**6


def per(value: Fraction, number: Fraction, condition: Fraction | int = 1) -> Fraction | None:
    return value / number if number and condition else None


def check(row: Row, cost: Figures, earned: Figures) -> None:
    """One row of a performance table, of orders."""
    spend, conversions = cost["spend"], earned["conversions"]
    margin = None if earned["unknown_margins"] else earned["attributed_margin"]
    exact: dict[str, Fraction | None] = {name: cost[name] for name in COSTS}
    exact |= {name: earned[name] for name in EARNED} | {"attributed_margin": margin}
    exact |= {
        "cpc": per(cost["spend_with_clicks"], cost["clicks"], spend),
        "cpm": per(1000 * cost["spend_with_impressions"], cost["impressions"], spend),
        "ctr": per(cost["clicks_with_impressions"], cost["impressions_with_clicks"]),
        "cpl": per(spend, cost["leads"], spend),
        "platform_claim_ratio": per(
            cost["platform_conversions"], conversions, cost["claims"] and not cost["unclaimed"]
        ),
    }
    # Whether a return of nothing is known is tested with the days that are known.
    if conversions or not spend:
        exact["roas"] = per(earned["attributed_revenue"], spend)
        exact["roi"] = exact["roi_after_refunds"] = None
        if margin is not None:
            exact["roi"] = per(margin - spend, spend)
            exact["roi_after_refunds"] = per(margin - earned["refunded"] - spend, spend)
    wrong = {
        name: (row[name], told) for name, told in exact.items() if not is_near(row[name], told)
    }
    assert wrong == {}, row
    assert row["is_small_sample"] == (conversions < SMALL_SAMPLE)


def merged(figures: dict[Group, Figures]) -> dict[Group, Figures]:
    """Channels, whatever the campaign: the fourth part of a group."""
    sums: dict[Group, Figures] = defaultdict(lambda: defaultdict(Fraction))
    for (grain, start, channel, _, *model), found in figures.items():
        for name, figure in found.items():
            sums[grain, start, channel, *model][name] += figure
    return sums


@settings(
    max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(company=companies)
def test_channels_and_campaigns_cost_and_earn_what_plain_python_says(
    models: CompiledModels, company: dict[str, list[Row]]
) -> None:
    rates = [
        {"rate_date": day, "from_currency": "USD", "to_currency": "EUR", "rate": worth}
        for day, worth in RATES.items()
    ]
    lines = [
        {"order_item_id": order, "order_id": order, "quantity": 1, "_source": "s"}
        | {"unit_price": price, "unit_cost": cost}
        for order, (price, cost) in LINES.items()
    ]
    tables = models.run({**company, "fx_rates": rates, "shop_order_items": lines})
    costs, earned = expected(company)
    for table, names, cost_of, earned_by in (
        ("campaign_performance", ("channel", "campaign"), costs, earned),
        ("channel_performance", ("channel",), merged(costs), merged(earned)),
    ):
        seen = set()
        for row in tables[table]:
            group = row["period_grain"], str(row["period_start"]), *(row[name] for name in names)
            seen |= {group, (*group, row["model"])}
            if row["conversion_type"] != "opportunity":
                check(row, cost_of[group], earned_by[*group, row["model"]])
        told = {
            group
            for figures in (cost_of, earned_by)
            for group, f in figures.items()
            if any(f.values())
        }
        assert told <= seen
