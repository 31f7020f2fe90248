"""What the demo company is: its channels, campaigns, people who sell, and the planted truths.

Everything is invented. Companies and people live on reserved domains (example.com, .org, .net);
the only real host names are those of public search, social and assistant sites in referrers,
because a channel is recognised by them.
"""

from dataclasses import dataclass
from datetime import date

PEOPLE = 36_000
"""Visitors at scale 1, buyers or not."""
SITES = {"FR": "https://boutique.example.com", "GB": "https://shop.example.org"}
CURRENCIES = {"FR": "EUR", "GB": "GBP"}


# --- planted truths -----------------------------------------------------------------------------


@dataclass(frozen=True)
class BrokenStep:
    """A checkout step that fails on one device from `first_day` to `last_day` inclusive."""

    step: str = "add_payment_info"
    previous_step: str = "add_shipping_info"
    device: str = "mobile"
    first_day: date = date(2026, 2, 2)
    last_day: date = date(2026, 2, 22)
    normal_pass_rate: float = 0.88
    broken_pass_rate: float = 0.34


@dataclass(frozen=True)
class CostRise:
    """A platform whose price of a click is multiplied from a day on."""

    platform: str = "meta_ads"
    channel: str = "Paid Social"
    first_day: date = date(2025, 10, 1)
    factor: int = 2


@dataclass(frozen=True)
class CorrectiveAction:
    """A measure in one country that multiplies conversion there from a day on."""

    action_id: str = "A-002"
    kpi_id: str = "session_conversion_rate"
    segment: str = "GB"
    control_segment: str = "FR"
    first_day: date = date(2025, 9, 15)
    factor: float = 1.35
    free_shipping_from: int = 4_000
    """Order value in pence from which delivery is free."""


@dataclass(frozen=True)
class ImprovingRep:
    """A rep whose chance to win a deal changes for deals closed from a day on."""

    rep_id: str = "R07"
    first_day: date = date(2025, 10, 1)
    rate_before: float = 0.20
    rate_after: float = 0.48


@dataclass(frozen=True)
class TeamChange:
    """A rep who moves from one team to another."""

    rep_id: str = "R05"
    team_before: str = "France"
    team_after: str = "Key Accounts"
    first_day: date = date(2025, 7, 1)


BROKEN_STEP = BrokenStep()
COST_RISE = CostRise()
ACTION = CorrectiveAction()
IMPROVING_REP = ImprovingRep()
TEAM_CHANGE = TeamChange()


# --- channels -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Channel:
    """Where a visit comes from and what it is worth.

    `quality` multiplies the chance to put something into the cart; the shares are relative
    weights among first visits of consumers and of firms; `trend` is the share's factor reached
    at the end of the period.
    """

    name: str
    source: str
    medium: str
    referrer: str
    click_id_type: str
    quality: float
    consumer_share: float
    firm_share: float
    return_share: float
    trend: float = 1.0


CHANNELS = (
    Channel("direct", "", "", "", "", 1.10, 11, 14, 40),
    Channel("organic_search", "", "", "https://www.google.com/", "", 1.15, 24, 24, 20, 0.85),
    Channel("organic_bing", "", "", "https://www.bing.com/", "", 1.10, 3, 6, 2),
    Channel("organic_ddg", "", "", "https://duckduckgo.com/", "", 1.05, 1.5, 1, 1),
    Channel("google_search", "google", "cpc", "https://www.google.com/", "gclid", 1.30, 14, 14, 9),
    Channel("google_shop", "google", "cpc", "https://www.google.com/", "gclid", 1.20, 9, 0, 3),
    Channel("google_display", "google", "display", "", "gclid", 0.35, 5, 2, 2),
    Channel(
        "google_video", "youtube", "paid_video", "https://www.youtube.com/", "gclid", 0.40, 2, 0, 0
    ),
    Channel("bing_search", "bing", "cpc", "https://www.bing.com/", "msclkid", 1.30, 4, 5, 2),
    Channel(
        "facebook_paid",
        "facebook",
        "paid_social",
        "https://www.facebook.com/",
        "fbclid",
        0.70,
        10,
        2,
        4,
    ),
    Channel(
        "instagram_paid",
        "instagram",
        "paid_social",
        "https://www.instagram.com/",
        "fbclid",
        0.65,
        7,
        0,
        2,
    ),
    Channel(
        "linkedin_paid",
        "linkedin",
        "paid_social",
        "https://www.linkedin.com/",
        "li_fat_id",
        0.80,
        0,
        22,
        2,
    ),
    Channel("facebook_free", "", "", "https://www.facebook.com/", "", 0.55, 4, 1, 1),
    Channel(
        "instagram_free", "instagram", "social", "https://www.instagram.com/", "", 0.55, 4, 0, 1
    ),
    Channel("linkedin_free", "", "", "https://www.linkedin.com/", "", 0.80, 0, 7, 1),
    Channel("newsletter", "newsletter", "email", "", "", 1.55, 1, 2, 14),
    Channel("cart_reminder", "crm", "email", "", "", 1.90, 0, 0, 0),
    Channel("text_message", "sms", "sms", "", "", 1.25, 0, 0, 2),
    Channel(
        "affiliate", "deals-example", "affiliate", "https://deals.example.net/", "", 1.00, 5, 0, 1
    ),
    Channel("blog", "", "", "https://blog.example.org/", "", 0.95, 4, 6, 1),
    Channel("chatgpt", "chatgpt.com", "", "https://chatgpt.com/", "", 1.45, 0.5, 1, 0.3, 8.0),
    Channel("perplexity", "", "", "https://www.perplexity.ai/", "", 1.40, 0.3, 0.5, 0.2, 6.0),
)
CHANNEL_INDEX = {channel.name: number for number, channel in enumerate(CHANNELS)}


@dataclass(frozen=True)
class Campaign:
    """One advertising campaign; `click_price` is in cents of the account's currency."""

    campaign_id: str
    platform: str
    account_id: str
    currency: str
    country: str
    name: str
    channel: str
    share: float
    click_price: int
    click_rate: float


def _campaigns() -> tuple[Campaign, ...]:
    plans = (
        # channel, campaign, share, price in cents, click rate
        ("google_search", "brand", 0.35, 28, 0.12),
        ("google_search", "generic", 0.45, 74, 0.045),
        ("google_search", "firms", 0.20, 165, 0.035),
        ("google_shop", "shopping-all", 0.70, 41, 0.012),
        ("google_shop", "shopping-gifts", 0.30, 47, 0.011),
        ("google_display", "prospecting", 1.00, 19, 0.004),
        ("google_video", "video-brand", 1.00, 14, 0.006),
        ("facebook_paid", "prospecting", 0.60, 34, 0.011),
        ("facebook_paid", "retargeting", 0.40, 42, 0.018),
        ("instagram_paid", "stories", 1.00, 31, 0.009),
        ("bing_search", "generic", 1.00, 52, 0.03),
        ("linkedin_paid", "decision-makers", 0.65, 390, 0.006),
        ("linkedin_paid", "webinar-invite", 0.35, 310, 0.008),
    )
    platforms = {
        "google": ("google_ads", {"FR": ("7410001001", "EUR"), "GB": ("7410001002", "GBP")}),
        "facebook": ("meta_ads", {"FR": ("act_88001", "EUR"), "GB": ("act_88001", "EUR")}),
        "instagram": ("meta_ads", {"FR": ("act_88001", "EUR"), "GB": ("act_88001", "EUR")}),
        "bing": ("microsoft_ads", {"FR": ("F1100AA1", "GBP"), "GB": ("F1100AA1", "GBP")}),
        "linkedin": ("linkedin_ads", {"FR": ("50770011", "EUR"), "GB": ("50770011", "EUR")}),
    }
    made: list[Campaign] = []
    for channel, label, share, price, rate in plans:
        vendor = channel.split("_")[0]
        platform, accounts = platforms[vendor]
        for country in ("FR", "GB"):
            account, currency = accounts[country]
            kind = channel.split("_")[1]
            name = f"{country.lower()}-{vendor}-{kind}-{label}".replace("-shop-shopping", "-shop")
            number = 20_001 + len(made)
            made.append(
                Campaign(
                    str(number),
                    platform,
                    account,
                    currency,
                    country,
                    name,
                    channel,
                    share,
                    price,
                    rate,
                )
            )
    return tuple(made)


CAMPAIGNS = _campaigns()


# --- the funnel ---------------------------------------------------------------------------------

FUNNEL = (
    # event, chance to go on to it from the one before
    ("engaged", 0.62),
    ("product_view", 0.66),
    ("add_to_cart", 0.30),
    ("view_cart", 0.86),
    ("begin_checkout", 0.60),
    ("add_shipping_info", 0.91),
    ("add_payment_info", BROKEN_STEP.normal_pass_rate),
    ("purchase", 0.92),
)
DEPTH = {name: number for number, (name, _) in enumerate(FUNNEL, start=1)}


# --- sales --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rep:
    """A sales rep; `load` is the relative number of leads the rep is given."""

    rep_id: str
    full_name: str
    team: str
    country: str
    win_rate: float
    load: float = 1.0


REPS = (
    Rep("R01", "Alix Valmorin", "France", "FR", 0.29),
    Rep("R02", "Bastien Orvelle", "France", "FR", 0.26),
    Rep("R03", "Capucine Talvern", "France", "FR", 0.31),
    Rep("R04", "Doriane Mesquery", "France", "FR", 0.22),
    Rep("R05", "Eloan Karsenac", "France", "FR", 0.27, 1.2),
    Rep("R06", "Freya Brendlock", "United Kingdom", "GB", 0.27),
    Rep("R07", "Gareth Holmbury", "United Kingdom", "GB", 0.20, 1.7),
    Rep("R08", "Harriet Quillfen", "United Kingdom", "GB", 0.28),
    Rep("R09", "Idris Thornwell", "United Kingdom", "GB", 0.24),
    Rep("R10", "Jolene Marchepin", "Key Accounts", "FR", 0.32, 0.7),
    Rep("R11", "Kester Windlaw", "Key Accounts", "GB", 0.33, 0.7),
    Rep("R12", "Lison Praverel", "Key Accounts", "FR", 0.30, 0.7),
)
STAGES = (
    # stage, position, is_closed, is_won, probability
    ("qualification", 1, False, False, "0.10"),
    ("discovery", 2, False, False, "0.25"),
    ("proposal", 3, False, False, "0.50"),
    ("negotiation", 4, False, False, "0.75"),
    ("won", 5, True, True, "1.00"),
    ("lost", 6, True, False, "0.00"),
)

_FIRST_NAMES = (
    "Abel Adele Bertil Clea Corin Dalia Edmar Elowen Fenja Gaspard Hadria Isaure Jorun Kelda "
    "Lazare Maelle Nerys Oriel Perrine Quentis Romane Sorrel Tancred Ulva Violaine Wilmot "
    "Xavien Yseult Zephyr Amaury"
)
FIRST_NAMES = tuple(_FIRST_NAMES.split())
_LAST_NAMES = (
    "Arvenel Bexcombe Carquenoy Dunfallow Estramel Fennimoor Gorvenal Hartsedge Islemont "
    "Jarrowby Kermadel Lutterbrook Malvezin Northquay Orlebar Pellavine Quarnoy Rivensale "
    "Stavermoor Tressanges Umberleigh Vaucressol Wexhollow Yarrowdell Zelmarin Brisquelle "
    "Coldharrow Dervandieu Elmswick Froidecour"
)
LAST_NAMES = tuple(_LAST_NAMES.split())
