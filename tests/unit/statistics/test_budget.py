"""Which channels get a proposal, what the others are told, and that nothing is lost."""

from dataclasses import replace
from decimal import Decimal

import numpy as np

from orchestration.lib.statistics.budget import (
    NO_EVIDENCE,
    NOT_ENOUGH_DATA,
    PROPOSED,
    Limits,
    Proposal,
    Weeks,
    proposals,
)

LIMITS = Limits(
    min_weeks=52,
    reference_weeks=13,
    min_variation=0.1,
    max_change=0.2,
    draws=60,
    level=0.9,
    seed=1,
)


def company(weeks: int = 104) -> Weeks:
    """Search returns much, Social little, Banner nothing; a channel for each reason to refuse."""
    rng = np.random.default_rng(3)
    spend = {
        name: np.round(size * np.exp(0.5 * rng.standard_normal(weeks)), 2)
        for name, size in {"Search": 400.0, "Social": 600.0, "Banner": 500.0}.items()
    }
    spend["Steady"] = np.full(weeks, 100.0)
    spend["Once"] = np.where(np.arange(weeks) >= weeks - 5, 50.0, 0.0)
    # Spent otherwise than on Search: of two that always spent alike, no fit tells who brought what.
    stopped = np.round(400 * np.exp(0.5 * np.random.default_rng(4).standard_normal(weeks)), 2)
    spend["Stopped"] = np.where(np.arange(weeks) < weeks - 13, stopped, 0.0)
    spend["Email"] = np.zeros(weeks)

    def brought(strength: float, half: float, name: str) -> np.ndarray:
        return np.asarray(strength * spend[name] / (spend[name] + half))

    noise = rng.standard_normal((2, weeks))
    attributed = {name: np.zeros(weeks) for name in spend}
    attributed["Search"] = brought(6000, 800, "Search") + 40 * noise[0]
    attributed["Social"] = brought(2500, 900, "Social") + 40 * noise[1]
    attributed["Banner"] = 300 + 80 * rng.standard_normal(weeks)
    total = 5000 + attributed["Search"] + attributed["Social"] + 60 * rng.standard_normal(weeks)
    return Weeks(
        spend={name: [Decimal(str(one)) for one in series] for name, series in spend.items()},
        attributed={name: series.tolist() for name, series in attributed.items()},
        total=total.tolist(),
        controls=[],
        is_web_known=[True] * weeks,
    )


def by_channel(basis: str, weeks: Weeks) -> dict[str, Proposal]:
    return {one.channel: one for one in proposals(weeks, LIMITS) if one.basis == basis}


def test_each_refusal_says_why_and_changes_nothing() -> None:
    found = by_channel("attributed", company())
    assert "Email" not in found
    assert {name: one.reason for name, one in found.items() if one.status == NOT_ENOUGH_DATA} == {
        "Steady": "Weekly spend hardly varies: by 0% of its mean, 10% are needed.",
        "Once": "Spend in 5 weeks only; 13 are needed.",
        "Stopped": "Nothing was spent in the last 13 weeks.",
    }
    for one in found.values():
        if one.status != PROPOSED:
            assert one.proposed_spend == one.spend
            assert one.expected_change is None


def test_spend_that_follows_sales_explains_none_and_is_not_proposed() -> None:
    """Affiliates get a share of all sales: taken as a cause, they would explain what others did."""
    weeks = company()
    sold = [one - 5000 for one in weeks.total]
    commission = [Decimal(str(round(0.08 * one, 2))) for one in sold]
    paid = replace(
        weeks,
        spend={**weeks.spend, "Affiliates": commission},
        attributed={**weeks.attributed, "Affiliates": sold},
    )
    limits = replace(LIMITS, paid_per_sale=["Affiliates"])
    for basis in ("attributed", "total"):
        found = {one.channel: one for one in proposals(paid, limits) if one.basis == basis}
        own = found.pop("Affiliates")
        assert own.status == NOT_ENOUGH_DATA
        assert own.reason == (
            "It is paid per sale (budget_paid_per_sale): its spend follows what it sells."
        )
        assert own.proposed_spend == own.spend > 0
        assert found == by_channel(basis, weeks)
        misled = by_channel(basis, paid)["Affiliates"]
        assert misled.status == PROPOSED


def test_a_channel_that_no_touch_shows_is_not_called_without_return() -> None:
    """Television has no clicks: exactly nothing, with an interval of nothing, is no estimate."""
    weeks = company()
    unseen = replace(weeks, attributed={**weeks.attributed, "Search": [0.0] * 104})
    found = by_channel("attributed", unseen)["Search"]
    assert found.status == NOT_ENOUGH_DATA
    assert found.reason == "No touch of the channel has ever earned anything: no curve can be seen."
    assert found.marginal_return is None
    assert found.response is None
    assert by_channel("total", unseen)["Search"] == by_channel("total", weeks)["Search"]


def test_weeks_in_which_the_web_log_was_lost_are_no_weeks_without_return() -> None:
    """Ten weeks of which nothing is attributed: the curves are nearly those of all weeks."""
    whole = company()
    lost = range(60, 70)
    is_known = [week not in lost for week in range(104)]
    attributed = {
        name: [one * known for one, known in zip(series, is_known, strict=True)]
        for name, series in whole.attributed.items()
    }
    blind = replace(whole, attributed=attributed)
    told = replace(blind, is_web_known=is_known)
    before, found = by_channel("attributed", whole), by_channel("attributed", told)
    for name in ("Search", "Social"):
        assert found[name].status == PROPOSED
        now, then = found[name].marginal_return, before[name].marginal_return
        assert now is not None
        assert then is not None
        assert abs(now[0] - then[0]) < 0.1 * then[0]
        assert now[2] - now[1] < 0.1 * then[0]
        misled = by_channel("attributed", blind)[name].marginal_return
        assert misled is None or misled[2] - misled[1] > 0.5 * misled[0], misled
    # What all conversions brought rests on no visit.
    assert by_channel("total", told) == by_channel("total", whole)


def test_weeks_that_are_lost_count_for_none_that_are_needed() -> None:
    weeks = replace(company(weeks=60), is_web_known=[True] * 51 + [False] * 9)
    assert by_channel("attributed", weeks)["Search"].reason == (
        "51 complete weeks of spend and sales; 52 are needed."
    )
    assert by_channel("total", weeks)["Search"].status != NOT_ENOUGH_DATA


def test_too_few_weeks_are_refused() -> None:
    for one in proposals(company(weeks=40), LIMITS):
        assert one.status == NOT_ENOUGH_DATA
        assert one.reason == "40 complete weeks of spend and sales; 52 are needed."
        assert one.marginal_return is None


def test_as_many_weeks_as_are_needed_are_enough() -> None:
    """52 weeks, one of them without a sale; and of 104 weeks 13 with spend, a quarter of 52."""
    weeks = company(weeks=52)
    found = by_channel("attributed", replace(weeks, total=[0.0, *weeks.total[1:]]))
    assert found["Search"].status == PROPOSED
    weeks = company()
    for active in (12, 13):
        some = [*[Decimal(0)] * (104 - active), *weeks.spend["Search"][-active:]]
        found = by_channel("attributed", replace(weeks, spend={"Search": some}))
        refused = found["Search"].reason == f"Spend in {active} weeks only; 13 are needed."
        assert refused == (active < 13)


def test_a_curve_has_more_weeks_than_it_has_unknowns_whatever_the_company_asks_for() -> None:
    """Through four weeks of chance a curve goes almost exactly: a quarter of them were proposed."""
    few = replace(LIMITS, min_weeks=2, reference_weeks=2)
    for one in proposals(company(weeks=7), few):
        assert one.status == NOT_ENOUGH_DATA
        assert one.reason == "7 complete weeks of spend and sales; 8 are needed."


def test_spend_moves_to_what_returns_more_at_the_same_total() -> None:
    for basis in ("attributed", "total"):
        found = by_channel(basis, company())
        search, social = found["Search"], found["Social"]
        assert (search.status, social.status) == (PROPOSED, PROPOSED)
        assert search.proposed_spend > search.spend
        assert search.proposed_spend <= search.spend * Decimal("1.2")
        assert social.proposed_spend >= social.spend * Decimal("0.8")
        spent = sum(one.spend for one in found.values())
        assert sum(one.proposed_spend for one in found.values()) == spent
        assert search.total_change is not None
        estimate, lower, upper = search.total_change
        assert 0 < lower <= estimate <= upper
        # A curve brings less with each further unit: at most what the next one would.
        for one in (search, social):
            assert one.marginal_return is not None
            assert one.expected_change is not None
            most = one.marginal_return[0] * float(one.proposed_spend - one.spend)
            assert 0 < most - one.expected_change[0] < 0.3 * abs(most)


def test_a_channel_alone_has_no_other_to_shift_spend_to() -> None:
    weeks = company()
    alone = replace(weeks, spend={"Search": weeks.spend["Search"]})
    search = by_channel("attributed", alone)["Search"]
    assert (search.status, search.proposed_spend) == (PROPOSED, search.spend)
    assert search.reason == "No other channel to shift spend from or to."


def test_a_channel_without_effect_gets_no_positive_claim() -> None:
    for basis in ("attributed", "total"):
        banner = by_channel(basis, company())["Banner"]
        assert banner.status in (NO_EVIDENCE, NOT_ENOUGH_DATA)
        assert banner.reason
        assert banner.proposed_spend == banner.spend
        if banner.marginal_return is not None:
            assert banner.marginal_return[1] == 0


def test_what_a_channel_brought_before_it_stopped_is_not_ascribed_to_another() -> None:
    """Idle brings nothing, but its spend went up and down with that of Stopped, which brought much.

    Without Stopped in the fit, Idle is proposed in half of these companies.
    """
    claims = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        common, own, noise = rng.standard_normal((3, 104))
        stopped = np.round(600 * np.exp(0.5 * common), 2)
        stopped[-20:] = 0
        spend = {
            "Idle": np.round(400 * np.exp(0.4 * common + 0.3 * own), 2),
            "Stopped": stopped,
        }
        weeks = Weeks(
            spend={name: [Decimal(str(one)) for one in series] for name, series in spend.items()},
            attributed=dict.fromkeys(spend, [0.0] * 104),
            total=(5000 + 6000 * stopped / (stopped + 900) + 200 * noise).tolist(),
            controls=[],
            is_web_known=[True] * 104,
        )
        found = by_channel("total", weeks)
        assert found["Stopped"].reason == "Nothing was spent in the last 13 weeks."
        claims += found["Idle"].status == PROPOSED
    assert claims <= 1


def test_a_curve_that_forecasts_worse_than_last_year_is_refused() -> None:
    """The same season every year, which no curve explains: last year's figures are exact."""
    weeks = company()
    year = np.random.default_rng(5).uniform(0, 10_000, 52)
    found = by_channel("total", replace(weeks, total=np.tile(year, 2).tolist()))
    assert found["Search"].status == NOT_ENOUGH_DATA
    assert found["Search"].reason.endswith("last year's figures by 0%.")
    assert found["Search"].last_year_error == 0


def test_more_channels_than_the_weeks_can_tell_apart_are_refused_together() -> None:
    weeks = company(weeks=60)
    rng = np.random.default_rng(9)
    many = {
        f"Paid {number}": [Decimal(int(one)) for one in rng.integers(1, 100, 60)]
        for number in range(8)
    }
    more = replace(
        weeks,
        spend=many,
        attributed=dict.fromkeys(many, weeks.attributed["Search"]),
    )
    assert {one.reason for one in by_channel("total", more).values()} == {
        "60 complete weeks for 8 channels at once; 64 are needed."
    }
    assert all(one.status != PROPOSED or one.reason for one in by_channel("total", more).values())


def test_without_spend_there_is_nothing_to_propose() -> None:
    assert proposals(Weeks({}, {}, [], [], []), LIMITS) == []


def test_a_company_without_revenue_is_told_so_by_every_channel() -> None:
    weeks = company()
    nothing = replace(
        weeks,
        attributed={name: [0.0] * 104 for name in weeks.attributed},
        total=[0.0] * 104,
    )
    for one in proposals(nothing, LIMITS):
        assert one.status == NOT_ENOUGH_DATA
        assert one.reason == "No sales in 104 complete weeks of spend."
        assert one.marginal_return is None
