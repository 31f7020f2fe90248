"""The compiled models against attribution in plain Python, on made-up journeys."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import model_sql
from tests.unit.attribution.oracle import (
    EXACT,
    MODELS,
    Conversion,
    Rules,
    Touch,
    path_of,
    shares,
)

START = datetime(2026, 1, 1)
CHAIN = (
    "int_attribution__decay_steps",
    "int_attribution__conversions",
    "int_attribution__person_months",
    "int_attribution__path_touches",
    "int_attribution__paths",
    "int_attribution__path_milestones",
    "int_attribution__path_ends",
    "int_attribution__touches_weighed",
    "int_attribution__sources_shared",
    "int_attribution__claims",
    "int_attribution__credits_spread",
    "int_attribution__credits_placed",
    "int_attribution__touches_credited",
)
DAILY = "int_attribution__credits_daily"
CHANNELS = ("Email", "Direct", "Paid Search", "Social")
UNIT = Decimal("0.0001")
RULES = {
    "as shipped": Rules(),
    "reset by any conversion, no direct": Rules(
        lookback_days=10,
        half_life_days=2,
        reset="any",
        counts_direct=False,
        counts_later_touches=False,
        position_parts=(1, 0, 2),
        w_shaped_parts=(7, 5, 3, 0),
    ),
    "reset by the same type": Rules(
        lookback_days=30,
        half_life_days=1,
        reset="same_type",
        position_parts=(10, 70, 20),
        w_shaped_parts=(1, 1, 1, 1),
    ),
}


def variables(rules: Rules) -> dict[str, Any]:
    return {
        "business_timezone": "UTC",
        "attribution_lookback_days": rules.lookback_days,
        "attribution_half_life_days": rules.half_life_days,
        "attribution_reset": rules.reset,
        "attribution_counts_direct": rules.counts_direct,
        "attribution_counts_later_touches": rules.counts_later_touches,
        "attribution_position_parts": list(rules.position_parts),
        "attribution_w_shaped_parts": list(rules.w_shaped_parts),
    }


class Models:
    """The compiled chain from orders, deals and touches to credit, under one set of rules."""

    def __init__(self, rules: Rules) -> None:
        sql = model_sql.compile_models((*CHAIN, DAILY), variables(rules))
        self.rules = rules
        self.connection = model_sql.memory_warehouse(("staging", "intermediate", "seeds"))
        self.steps = {"int_attribution__decay_steps": sql["int_attribution__decay_steps"]}
        model_sql.build(self.connection, self.steps)
        self.sql = {name: sql[name] for name in CHAIN[1:]}
        self.daily = {DAILY: sql[DAILY]}

    def credit(
        self, conversions: Sequence[Conversion], touches: Sequence[Touch]
    ) -> dict[tuple[int, str], list[tuple[int | None, str, Decimal, Decimal]]]:
        """Touch, channel, credit and revenue by conversion and model, in path order."""
        self._fill(conversions, touches)
        model_sql.build(self.connection, self.sql)
        found = defaultdict(list)
        for key, model, *row in self.connection.execute(
            """
            select
                conversions.conversion_id::bigint, model, touch_key, channel, credit,
                attributed_revenue
            from warehouse.intermediate.int_attribution__touches_credited as touches
            inner join warehouse.intermediate.int_attribution__conversions as conversions
                using (conversion_key)
            order by all
            """
        ).fetchall():
            found[key, model].append(tuple(row))
        return dict(found)

    def _fill(self, conversions: Sequence[Conversion], touches: Sequence[Touch]) -> None:
        orders = [c for c in conversions if c.kind == "order"]
        deals = [c for c in conversions if c.kind == "opportunity"]
        fill = model_sql.fill
        money = "decimal(18, 4)"
        fill(
            self.connection,
            "intermediate.int_core__orders_valued",
            {
                "order_key": "bigint",
                "source_name": "varchar",
                "order_id": "varchar",
                "visitor_key": "bigint",
                "person_key": "bigint",
                "is_consent_denied": "boolean",
                "ordered_at": "timestamp",
                "order_date": "date",
                "is_first_order": "boolean",
                "net_revenue": money,
                "margin": money,
                "is_revenue": "boolean",
            },
            [
                (
                    *(c.key, "shop", str(c.key), c.key, c.person, False),
                    *(c.at, c.at.date(), True, c.revenue * UNIT, None, True),
                )
                for c in orders
            ],
        )
        fill(
            self.connection,
            "intermediate.int_sessions__sessions_combined",
            {
                "session_key": "bigint",
                "visitor_key": "bigint",
                "started_at": "timestamp",
                "ended_at": "timestamp",
            },
            [(c.key, c.key, c.session_at, c.at) for c in orders if c.session_at],
        )
        fill(
            self.connection,
            "intermediate.int_sessions__order_sessions",
            {"order_key": "bigint", "session_key": "bigint"},
        )
        fill(
            self.connection,
            "intermediate.int_attribution__deals_won",
            {"opportunity_key": "bigint", "won_at": "timestamp", "reversed_at": "timestamp"},
            [(c.key, c.at, None) for c in deals],
        )
        fill(
            self.connection,
            "staging.stg_crm__leads",
            {"lead_key": "bigint", "created_at": "timestamp"},
            [(c.key, c.lead_at) for c in deals],
        )
        fill(
            self.connection,
            "intermediate.int_core__opportunities_valued",
            {
                "opportunity_key": "bigint",
                "source_name": "varchar",
                "opportunity_id": "varchar",
                "lead_key": "bigint",
                "person_key": "bigint",
                "created_at": "timestamp",
                "amount": money,
                "stated_amount": money,
                "currency": "varchar",
            },
            [
                (
                    *(c.key, "crm", str(c.key), c.key, c.person),
                    *(c.deal_at, *[c.revenue * UNIT] * 2, None),
                )
                for c in deals
            ],
        )
        fill(
            self.connection,
            "intermediate.int_core__exchange_rates",
            {"currency": "varchar", "rate_date": "date", "rate": "decimal(18, 8)"},
        )
        sources = sorted({(t.channel, t.is_direct) for t in touches})
        fill(
            self.connection,
            "intermediate.int_attribution__traffic_sources",
            {
                "traffic_source_key": "bigint",
                "channel": "varchar",
                "is_direct": "boolean",
                "campaign": "varchar",
            },
            [(number, *source, "(not set)") for number, source in enumerate(sources)],
        )
        fill(
            self.connection,
            "intermediate.int_attribution__channels",
            {"channel": "varchar", "channel_number": "integer"},
            [(name, number) for number, name in enumerate(sorted({c for c, _ in sources}))],
        )
        fill(
            self.connection,
            "intermediate.int_attribution__reversals",
            {
                "reversal_key": "bigint",
                "conversion_key": "bigint",
                "conversion_type": "varchar",
                "reversed_date": "date",
                "amount": money,
            },
            [],
        )
        # Without weights the markov model gives each channel the same.
        fill(
            self.connection,
            "intermediate.int_attribution__channel_weights",
            {
                "model": "varchar",
                "period_start": "date",
                "channel": "varchar",
                "weight": "bigint",
            },
            [],
        )
        fill(
            self.connection,
            "intermediate.int_attribution__touches",
            {
                "touch_key": "bigint",
                "person_key": "bigint",
                "touched_at": "timestamp",
                "touched_month": "date",
                "traffic_source_key": "bigint",
                "is_direct": "boolean",
            },
            [
                (
                    *(t.key, t.person, t.at, t.at.replace(day=1).date()),
                    *(sources.index((t.channel, t.is_direct)), t.is_direct),
                )
                for t in touches
            ],
        )


@pytest.fixture(scope="module", params=RULES.values(), ids=list(RULES))
def ruled(request: pytest.FixtureRequest) -> Models:
    """The models under each set of rules."""
    return Models(request.param)


@pytest.fixture(scope="module")
def models() -> Models:
    """The models as shipped."""
    return Models(Rules())


# Few people, days and seconds, so that ties, resets and window edges come up often.
instants = st.builds(
    lambda days, seconds: START + timedelta(days=days, seconds=seconds),
    st.integers(0, 60),
    st.sampled_from((0, 1, 43200)),
)
people = st.integers(1, 3)


@st.composite
def journeys(draw: st.DrawFn) -> tuple[list[Conversion], list[Touch]]:
    touches = [
        Touch(1000 + number, person, at, channel, channel == "Direct")
        for number, (person, at, channel) in enumerate(
            draw(st.lists(st.tuples(people, instants, st.sampled_from(CHANNELS)), max_size=25))
        )
    ]
    drawn = st.tuples(
        st.one_of(st.none(), people),
        st.sampled_from(("order", "opportunity")),
        instants,
        st.integers(-(10**7), 10**13),
        st.one_of(st.none(), instants),
        st.one_of(st.none(), instants),
        st.one_of(st.none(), st.integers(0, 86400)),
    )
    conversions = []
    for number, (person, kind, at, revenue, lead, deal, visit) in enumerate(
        draw(st.lists(drawn, min_size=1, max_size=6))
    ):
        is_deal = kind == "opportunity"
        session = at - timedelta(seconds=visit) if visit is not None and not is_deal else None
        conversions.append(
            Conversion(
                1 + number,
                person,
                kind,
                at,
                revenue,
                session,
                lead if is_deal else None,
                deal if is_deal else None,
            )
        )
    return conversions, touches


def rows_by_touch(rows: Sequence[Any]) -> dict[int | None, tuple[str, Decimal, Decimal]]:
    return {row[0]: row[1:] for row in rows}


def examples(number: int) -> settings:
    return settings(max_examples=number, deadline=None)


@examples(30)
@given(journey=journeys())
def test_credit_is_that_of_the_definitions(
    ruled: Models, journey: tuple[list[Conversion], list[Touch]]
) -> None:
    conversions, touches = journey
    found = ruled.credit(conversions, touches)
    assert set(found) == {(c.key, model) for c in conversions for model in MODELS}
    for conversion in conversions:
        path = path_of(conversion, conversions, touches, ruled.rules)
        revenue = conversion.revenue * UNIT
        for model in MODELS:
            rows = found[conversion.key, model]
            assert sum(credit for *_, credit, _ in rows) == 1
            assert sum(amount for *_, amount in rows) == revenue
            if not path:
                assert rows == [(None, "(unattributed)", Decimal(1), revenue)]
                continue
            expected = shares(model, conversion, path, ruled.rules)
            rounding = Fraction(0) if model in EXACT else Fraction(1, 50_000)
            given_to = rows_by_touch(rows)
            assert set(given_to) <= {touch.key for touch in path}
            for touch, share in zip(path, expected, strict=True):
                channel, credit, amount = given_to.get(
                    touch.key, (touch.channel, Decimal(0), Decimal(0))
                )
                assert channel == touch.channel
                # Shares are cut to whole units, and the last touch takes what is left of all. By
                # age, a source's share is cut first, then its touches'; its last takes the rest.
                units = 1
                if touch is path[-1]:
                    units = len(path)
                elif model == "time_decay":
                    units = max(2, sum(other.channel == touch.channel for other in path))
                assert abs(Fraction(credit) - share) <= Fraction(units, 10**9) + rounding
                assert abs(Fraction(amount) - share * Fraction(revenue)) <= Fraction(
                    units * UNIT
                ) + rounding * abs(Fraction(revenue))


@examples(12)
@given(journey=journeys(), seed=st.integers(0, 100))
def test_the_order_of_the_rows_does_not_matter(
    models: Models, journey: tuple[list[Conversion], list[Touch]], seed: int
) -> None:
    conversions, touches = journey
    shuffled = random.Random(seed)
    found = models.credit(conversions, touches)
    assert found == models.credit(
        shuffled.sample(conversions, len(conversions)), shuffled.sample(touches, len(touches))
    )


@examples(12)
@given(journey=journeys())
def test_of_one_touch_all_models_agree(
    models: Models, journey: tuple[list[Conversion], list[Touch]]
) -> None:
    conversions, touches = journey
    found = models.credit(conversions, touches[:1])
    for conversion in conversions:
        rows = {tuple(found[conversion.key, model]) for model in MODELS}
        assert len(rows) == 1


@examples(12)
@given(journey=journeys(), names=st.permutations(CHANNELS))
def test_renamed_channels_earn_what_they_earned_under_their_old_names(
    models: Models, journey: tuple[list[Conversion], list[Touch]], names: list[str]
) -> None:
    conversions, touches = journey
    renamed = dict(zip(CHANNELS, names, strict=True))
    before = models.credit(conversions, touches)
    after = models.credit(
        conversions, [replace(touch, channel=renamed[touch.channel]) for touch in touches]
    )
    assert after == {
        key: [(touch, renamed.get(channel, channel), *rest) for touch, channel, *rest in rows]
        for key, rows in before.items()
    }


@examples(12)
@given(journey=journeys(), seconds=st.integers(1, 10**6), channel=st.sampled_from(CHANNELS))
def test_a_touch_outside_every_window_changes_nothing(
    models: Models,
    journey: tuple[list[Conversion], list[Touch]],
    seconds: int,
    channel: str,
) -> None:
    conversions, touches = journey
    first = min(c.at for c in conversions) - timedelta(days=models.rules.lookback_days)
    last = max(c.at for c in conversions)
    outside = [
        Touch(key, person, at, channel, channel == "Direct")
        for key, at in ((1, first - timedelta(seconds=seconds)), (2, last + timedelta(seconds=1)))
        for person in (1, 2, 3)
        for key in (key * 10 + person,)
    ]
    assert models.credit(conversions, touches) == models.credit(conversions, [*touches, *outside])


@examples(12)
@given(journey=journeys())
def test_sums_by_day_and_channel_are_those_of_the_touches(
    models: Models, journey: tuple[list[Conversion], list[Touch]]
) -> None:
    models.credit(*journey)
    model_sql.build(models.connection, models.daily)
    daily, long = (
        models.connection.execute(
            f"""
            select {date}, conversion_type, model, {channel}, is_new_customer, sum(credit),
                sum(attributed_revenue), sum(attributed_margin)
            from warehouse.intermediate.{tables}
            group by all order by all
            """
        ).fetchall()
        for tables, date, channel in (
            (
                f"{DAILY} left join warehouse.intermediate.int_attribution__traffic_sources"
                " using (traffic_source_key)",
                "activity_date",
                "coalesce(channel, pathless_channel)",
            ),
            ("int_attribution__touches_credited", "converted_date", "channel"),
        )
    )
    assert daily == long


def test_a_touch_weighs_half_after_each_half_life(ruled: Models) -> None:
    half_life = timedelta(days=ruled.rules.half_life_days)
    at = START + timedelta(days=9)
    touches = [
        Touch(number, 1, at - half_life * age, "Email", False)
        for number, age in enumerate((2.5, 2, 0))
        if half_life * age <= timedelta(days=ruled.rules.lookback_days)
    ]
    found = ruled.credit([Conversion(1, 1, "order", at, 0)], touches)
    credit = {touch: float(credit) for touch, _, credit, _ in found[1, "time_decay"]}
    weights = {0: 2**-2.5, 1: 0.25, 2: 1.0}
    kept = {touch.key: weights[touch.key] for touch in touches}
    total = sum(kept.values())
    assert credit == pytest.approx({key: kept[key] / total for key in kept}, rel=1e-6)
