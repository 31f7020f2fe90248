"""The shipped channel rules give the channels of Google Analytics 4's published definitions.

The evaluator below is the rules' meaning in plain Python; the expected channels were written by
hand from the definitions (support.google.com/analytics/answer/9756891) and, for what they leave
open, from docs/channels.md.
"""

import csv
import re
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from jinja2 import Environment

from orchestration.lib.ingestion import urls
from orchestration.settings import DBT_PROJECT_DIR

CHANNELS = Path(__file__).resolve().parents[2] / "seeds" / "channels"

# A host's prefix that says device, redirect or language, not another site.
HOST_PREFIX = re.compile(r"(?:www|m|l|lm|mobile|out|old|web|[a-z]{2})\.(.+\..+)")
# The name of a host that is nothing but a name and a public suffix: google for google.co.uk.
HOST_NAME = re.compile(r"([a-z0-9-]{3,})\.(?:(?:co|com|net|org|ne|or)\.)?[a-z]{2,}")


class Visit(NamedTuple):
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    click_id_type: str | None = None
    referrer: str | None = None


def read(file: str) -> list[dict[str, str]]:
    with (CHANNELS / file).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


RULES = sorted(read("channel_rules.csv"), key=lambda rule: int(rule["priority"]))
CATEGORIES = {row["source"]: row["category"] for row in read("source_categories.csv")}


def category_of(source: str) -> str | None:
    """The category of a host or name: as it is, without its prefix, then by its name."""
    candidates = [source]
    if prefixed := HOST_PREFIX.fullmatch(source):
        candidates.append(prefixed[1])
    for host in list(candidates):
        if named := HOST_NAME.fullmatch(host):
            candidates.append(named[1])
    return next((CATEGORIES[name] for name in candidates if name in CATEGORIES), None)


def channel_of(visit: Visit) -> str:
    nowhere = "(direct)" if visit.medium is None else "(not set)"
    source = (visit.source or visit.referrer or nowhere).lower().removeprefix("www.")
    referred = visit.source is None and visit.referrer is not None
    medium = visit.medium or ("referral" if referred else "(none)")
    category = category_of(source)
    for rule in RULES:
        patterns = (
            (rule["source_pattern"], source),
            (rule["medium_pattern"], medium),
            (rule["campaign_pattern"], visit.campaign or ""),
        )
        if (
            all(not p or re.fullmatch(p, value, re.IGNORECASE) for p, value in patterns)
            and rule["source_category"] in ("", category)
            and rule["click_id_type"] in ("", visit.click_id_type)
        ):
            return rule["channel"]
    raise AssertionError(f"no rule for {visit}")


PUBLISHED = [
    ("Direct", Visit()),
    ("Direct", Visit("(direct)", "(none)")),
    ("Direct", Visit("(direct)", "(not set)")),
    ("Direct", Visit("(direct)", "(none)", "cross-network")),
    ("Direct", Visit("(direct)", "(none)", "spring shopping")),
    ("Cross-network", Visit("google", "cpc", "pmax cross-network fr")),
    ("Cross-network", Visit("google", "organic", "Cross-Network")),
    ("Paid Shopping", Visit("amazon", "cpc")),
    ("Paid Shopping", Visit("ebay.co.uk", "paid")),
    ("Paid Shopping", Visit("google", "cpc", "Shopping FR")),
    ("Paid Shopping", Visit("criteo", "retargeting", "e-shop autumn")),
    ("Paid Shopping", Visit("facebook", "paid", "eshop autumn")),
    ("Paid Search", Visit("google", "cpc")),
    ("Paid Search", Visit("Google", "CPC", "brand")),
    ("Paid Search", Visit("google", "cpc", "workshop tools")),
    ("Paid Search", Visit("bing", "ppc")),
    ("Paid Search", Visit("bing", "retargeting")),
    ("Paid Search", Visit("duckduckgo", "paidsearch")),
    ("Paid Search", Visit("google", "cpm")),
    ("Paid Social", Visit("facebook", "cpc")),
    ("Paid Social", Visit("instagram", "paid_social")),
    ("Paid Social", Visit("linkedin", "paid-social")),
    ("Paid Social", Visit("tiktok", "cpm")),
    ("Paid Video", Visit("youtube", "cpc")),
    ("Paid Video", Visit("vimeo.com", "paid")),
    ("Display", Visit("taboola", "display")),
    ("Display", Visit("adnetwork", "banner")),
    ("Display", Visit("adnetwork", "cpm")),
    ("Display", Visit("google", "display")),
    ("Display", Visit("adnetwork", "Interstitial")),
    ("Display", Visit("adnetwork", "expandable")),
    ("Paid Other", Visit("criteo", "cpc")),
    ("Paid Other", Visit("partner", "paid")),
    ("Paid Other", Visit("partner", "retargeting")),
    ("Organic Shopping", Visit("etsy", "referral")),
    ("Organic Shopping", Visit(referrer="www.amazon.com")),
    ("Organic Shopping", Visit("newsletter", "email", "shop opening")),
    ("Organic Social", Visit("facebook", "post")),
    ("Organic Social", Visit("linkedin", "organic")),
    ("Organic Social", Visit("buffer", "social")),
    ("Organic Social", Visit("buffer", "social media")),
    ("Organic Social", Visit("buffer", "sm")),
    ("Organic Social", Visit("pinterest", "email")),
    ("Organic Social", Visit(referrer="l.facebook.com")),
    ("Organic Social", Visit(referrer="touch.facebook.com")),
    ("Organic Social", Visit(referrer="org.telegram.messenger")),
    ("Organic Social", Visit(referrer="t.co")),
    ("Organic Social", Visit(referrer="fr.linkedin.com")),
    ("Organic Video", Visit(referrer="www.youtube.com")),
    ("Organic Video", Visit("youtu.be")),
    ("Organic Video", Visit("partner", "promo-video")),
    ("Organic Video", Visit("twitch", "referral")),
    ("Organic Search", Visit(referrer="www.google.com")),
    ("Organic Search", Visit(referrer="www.google.fr")),
    # Yahoo sends all its results by way of it.
    ("Organic Search", Visit(referrer="r.search.yahoo.com")),
    ("Organic Search", Visit(referrer="espanol.search.yahoo.com")),
    ("Organic Search", Visit(referrer="google.co.uk")),
    ("Organic Search", Visit(referrer="fr.search.yahoo.com")),
    ("Organic Search", Visit(referrer="duckduckgo.com")),
    ("Organic Search", Visit(referrer="com.google.android.googlequicksearchbox")),
    ("Organic Search", Visit("google", "organic")),
    ("Organic Search", Visit("google", "email")),
    ("Organic Search", Visit("some-engine", "organic")),
    ("Organic Search", Visit("ecosia.org")),
    ("Referral", Visit(referrer="blog.example.org")),
    ("Referral", Visit(referrer="docs.google.com")),
    ("Referral", Visit("partner", "link")),
    ("Referral", Visit("partner", "app")),
    ("Referral", Visit("email", "referral")),
    ("Email", Visit("newsletter", "email")),
    ("Email", Visit("mailchimp", "E-mail")),
    ("Email", Visit("crm", "e_mail")),
    ("Email", Visit("crm", "e mail")),
    ("Email", Visit("email")),
    ("Affiliates", Visit("awin", "affiliate")),
    ("Audio", Visit("spotify", "audio")),
    ("SMS", Visit("sms")),
    ("SMS", Visit("crm", "SMS")),
    ("Mobile Push Notifications", Visit("onesignal", "web-push")),
    ("Mobile Push Notifications", Visit("crm", "mobile")),
    ("Mobile Push Notifications", Visit("crm", "app notification")),
    ("Mobile Push Notifications", Visit("firebase", "(not set)")),
    ("Unassigned", Visit("newsletter")),
    ("Unassigned", Visit("partner", "qr")),
    ("Unassigned", Visit("partner", "emailing")),
]
ADDED = [
    ("Paid Search", Visit(click_id_type="gclid")),
    ("Paid Search", Visit(click_id_type="wbraid", referrer="www.google.com")),
    ("Paid Search", Visit(click_id_type="gbraid", referrer="shop.example.org")),
    ("Paid Search", Visit("bing", None, None, "msclkid")),
    ("Paid Search", Visit(click_id_type="yclid", referrer="yandex.ru")),
    ("Paid Search", Visit("partner", "cpc", None, "gclid")),
    ("Paid Video", Visit(click_id_type="gclid", referrer="m.youtube.com")),
    ("Paid Shopping", Visit("google", "cpc", "shopping fr", "gclid")),
    ("Display", Visit("google", "display", None, "gclid")),
    ("Display", Visit(click_id_type="dclid")),
    ("Paid Social", Visit(click_id_type="ttclid")),
    ("Paid Social", Visit(click_id_type="twclid", referrer="t.co")),
    ("Paid Social", Visit(click_id_type="li_fat_id", referrer="www.linkedin.com")),
    ("Paid Social", Visit(click_id_type="sccid")),
    ("Paid Social", Visit(click_id_type="rdt_cid", referrer="www.reddit.com")),
    ("Organic Social", Visit(click_id_type="fbclid")),
    ("Organic Social", Visit(click_id_type="fbclid", referrer="m.facebook.com")),
    ("Organic Social", Visit(click_id_type="igshid")),
    ("Organic Social", Visit(click_id_type="epik")),
    ("Paid Social", Visit("facebook", "paid", None, "fbclid")),
    ("Email", Visit("newsletter", "email", None, "fbclid")),
    ("Direct", Visit(click_id_type="unknown_id")),
    ("AI Assistants", Visit(referrer="chatgpt.com")),
    ("AI Assistants", Visit("chatgpt.com")),
    ("AI Assistants", Visit(referrer="www.perplexity.ai")),
    ("AI Assistants", Visit(referrer="gemini.google.com")),
    ("AI Assistants", Visit(referrer="copilot.microsoft.com")),
    ("AI Assistants", Visit("some-assistant", "ai-assistant")),
    ("Paid Other", Visit("chatgpt.com", "cpc")),
    ("Email", Visit(referrer="mail.google.com")),
    ("Email", Visit(referrer="outlook.live.com")),
    ("Affiliates", Visit("awin", "affiliates")),
    ("Events", Visit("(offline)", "trade_fair", "Hannover 2026")),
    ("Events", Visit("(offline)", "Events")),
    ("Webinars", Visit("(offline)", "Webinars")),
    ("Webinars", Visit("(offline)", "webinar", "Onboarding")),
    ("Direct Mail", Visit("(offline)", "direct mail")),
]
# What users of other implementations of the same definitions reported as wrong there.
REPORTED = [
    # A visit without a medium is not direct while anything says where it came from.
    ("Organic Search", Visit("google", "(none)")),
    ("Organic Search", Visit("google", "(not set)")),
    ("Organic Search", Visit(referrer="www.bing.com")),
    ("Organic Search", Visit("(direct)", "organic")),
    ("Organic Social", Visit("facebook.com", "(none)")),
    ("Referral", Visit("(direct)", "referral")),
    # Nothing known of a tagged visit but its medium is no direct visit either.
    ("Paid Other", Visit(None, "cpc")),
    ("Email", Visit(None, "email")),
    ("Unassigned", Visit("(not set)", "(not set)")),
    ("Unassigned", Visit("(not set)", "(none)")),
    # Paid media are matched whole: a word that only contains one is not paid, `cp` anywhere is.
    ("Unassigned", Visit("partner", "unpaid")),
    ("Paid Other", Visit("partner", "paid_partner")),
    ("Paid Other", Visit("partner", "cpa")),
    ("Paid Other", Visit("partner", "dcpm")),
    ("Unassigned", Visit("partner", "ppc-test")),
    # The order of the definitions decides: shopping before search, display after the known sites.
    ("Paid Shopping", Visit("google", "cpc", "Shopping")),
    ("Organic Shopping", Visit("google", "organic", "shopping guide")),
    ("Display", Visit("dv360", "cpm")),
    ("Paid Social", Visit("facebook", "cpm")),
    ("Display", Visit("facebook", "display")),
    ("Cross-network", Visit("google", "cpc", "Cross-network")),
    # An app or a link is a referral; the app of a known site is that site.
    ("Organic Social", Visit("linkedin.com", "referral")),
    ("Referral", Visit("partner", "App")),
    ("Mobile Push Notifications", Visit("crm", "push")),
    ("Unassigned", Visit("crm", "pushed")),
]


@pytest.mark.parametrize(("channel", "visit"), REPORTED)
def test_reported_cases(channel: str, visit: Visit) -> None:
    assert channel_of(visit) == channel


@pytest.mark.parametrize(("channel", "visit"), PUBLISHED)
def test_published_definitions(channel: str, visit: Visit) -> None:
    assert channel_of(visit) == channel


@pytest.mark.parametrize(("channel", "visit"), ADDED)
def test_additions(channel: str, visit: Visit) -> None:
    assert channel_of(visit) == channel


def test_every_channel_is_hit() -> None:
    assert {channel for channel, _ in PUBLISHED + ADDED} == {rule["channel"] for rule in RULES}


def test_duckdb_reads_every_pattern_as_python_does() -> None:
    patterns = {
        rule[column]
        for rule in RULES
        for column in ("source_pattern", "medium_pattern", "campaign_pattern")
        if rule[column]
    }
    values = {
        part for _, visit in PUBLISHED + ADDED + REPORTED for part in visit if part is not None
    }
    values |= {"", "(direct)", "(none)", "referral"}
    with duckdb.connect() as connection:
        for pattern in sorted(patterns):
            matched = connection.execute(
                "select value from unnest(?) as t(value) where regexp_full_match(value, ?, 'i')",
                [sorted(values), pattern],
            ).fetchall()
            expected = {v for v in values if re.fullmatch(pattern, v, re.IGNORECASE)}
            assert {value for (value,) in matched} == expected, pattern


def test_identifiers_read_from_addresses_are_those_that_rules_know_and_loading_keeps() -> None:
    macro = (DBT_PROJECT_DIR / "macros" / "web" / "url_tags.sql").read_text(encoding="utf-8")
    written = macro[macro.index("{% macro click_identifiers() -%}") :]
    # SQL, not a page: nothing is escaped.
    environment = Environment(autoescape=False)  # noqa: S701
    read_by_models: list[str] = []
    environment.globals["return"] = read_by_models.extend
    environment.from_string(written + "{{ click_identifiers() }}").render()
    known = {rule["click_id_type"] for rule in RULES if rule["click_id_type"]}
    assert set(read_by_models) == known
    # What these say of a visit is no click of an ad.
    assert known == set(urls.TRACKING_PARAMETERS) - {"gclsrc", "srsltid"}
