"""Web events and sessions as the two sites export them.

The French site names everything in French, keeps the campaign only in the page address, and has
no sessions. The British site uses the contract's names and delivers its own sessions.
"""

from dataclasses import dataclass

import numpy as np

from orchestration.demo import assumptions as a
from orchestration.demo.clicks import EVENT_NAMES, KIND, KINDS, Clicks, Marks
from orchestration.demo.files import Landing
from orchestration.demo.journeys import Visits
from orchestration.demo.people import DEVICES, People, scramble
from orchestration.demo.sales import Sales
from orchestration.demo.shop import Shop
from orchestration.demo.timeline import Bools, Ints, Texts, iso, month_of, quarter_of, stream

OUTAGE_BEGINS = int(np.datetime64("2025-03-10T12:00:00", "s").astype(np.int64))
OUTAGE_ENDS = int(np.datetime64("2025-03-12T06:00:00", "s").astype(np.int64))
LATE_FILE = "2025-Q2-rattrapage"
"""Events of the French collector's outage arrive with this file, in the next quarter."""
REPEATED_SHARE = 0.0015
"""Share of British events that the next month's file holds a second time."""
MALFORMED_ROWS = 4
"""Rows of one French file whose instant does not exist; fewer in a small company."""
MALFORMED_QUARTER = "2025-Q2"
PATHS = {
    "FR": {"category": "/rayon/", "product": "/produit/", "firms": "/professionnels"},
    "GB": {"category": "/range/", "product": "/product/", "firms": "/trade"},
}
STEP_PATHS = {
    "login": "/account",
    "view_cart": "/cart",
    "begin_checkout": "/checkout",
    "add_shipping_info": "/checkout/shipping",
    "add_payment_info": "/checkout/payment",
    "purchase": "/checkout/thanks",
    "newsletter": "/newsletter",
}
AGENTS = {
    "mobile": "ExampleBrowser/7.1 (Phone; rv:7.1)",
    "desktop": "ExampleBrowser/7.1 (Desktop; x64)",
    "tablet": "ExampleBrowser/6.4 (Tablet)",
}
DEVICE_WORDS = {"mobile": "mobile", "desktop": "ordinateur", "tablet": "tablette"}
CONSENT_WORDS = {"granted": "oui", "denied": "non", "": ""}
# The newsletter's campaign is spelled in three ways, as people do.
NEWSLETTER_CAMPAIGNS = ("nl-weekly", "NL_weekly", "nl weekly")


@dataclass(frozen=True)
class Tags:
    """One element per visit: how its landing page is tagged."""

    source: Texts
    medium: Texts
    campaign: Texts
    content: Texts
    term: Texts
    click_id: Texts
    click_id_type: Texts
    referrer: Texts


def tag_visits(visits: Visits) -> Tags:
    """Campaign tags, click ids and referrers of each visit's landing page."""
    rng = stream("tags")
    n = len(visits)

    def of_channel(name: str) -> Texts:
        return np.array([getattr(c, name) for c in a.CHANNELS], dtype=object)[visits.channel]

    paid = visits.campaign >= 0
    names = np.array([plan.name for plan in a.CAMPAIGNS], dtype=object)
    campaign = np.where(paid, names[visits.campaign], "").astype(object)
    mailed = visits.channel == a.CHANNEL_INDEX["newsletter"]
    spelled = np.array(NEWSLETTER_CAMPAIGNS, dtype=object)[rng.choice(3, n, p=[0.8, 0.12, 0.08])]
    campaign[mailed] = spelled[mailed]
    campaign[visits.channel == a.CHANNEL_INDEX["cart_reminder"]] = "cart-reminder"
    campaign[visits.channel == a.CHANNEL_INDEX["text_message"]] = "sms-offers"
    campaign[visits.channel == a.CHANNEL_INDEX["affiliate"]] = "partners"
    click_type = np.where(paid, of_channel("click_id_type"), "").astype(object)
    # A few clicks lose their id on the way, as privacy settings strip it.
    click_type[rng.random(n) < 0.06] = ""
    click_id = np.where(click_type != "", scramble(np.arange(n), 11), "").astype(object)
    search = visits.channel == a.CHANNEL_INDEX["google_search"]
    terms = np.array(["teapot", "linen throw", "oak shelf", "gift", "lamp"], dtype=object)
    medium = of_channel("medium")
    # One person in the team writes the medium of paid social by hand.
    sloppy = (medium == "paid_social") & (rng.random(n) < 0.04)
    medium[sloppy] = "PaidSocial"
    content = np.where(paid, np.where(visits.ad == 0, "ad-a", "ad-b"), "").astype(object)
    term = np.where(search, terms[rng.integers(0, 5, n)], "").astype(object)
    source = of_channel("source")
    referrer = of_channel("referrer")
    return Tags(source, medium, campaign, content, term, click_id, click_type, referrer)


def anonymous_ids(visits: Visits, people: People) -> Texts:
    """The browser's id in each visit; empty where consent is denied."""
    ids = np.array(scramble(visits.browser, 3), dtype=object)
    return np.where(people.consent[visits.person] == "denied", "", ids).astype(object)


def session_ids(visits: Visits) -> Texts:
    """The British site's session id of each visit."""
    return np.array([f"s{text[:14]}" for text in scramble(np.arange(len(visits)), 5)], dtype=object)


@dataclass(frozen=True)
class Sites:
    """What both exports are made from."""

    visits: Visits
    clicks: Clicks
    marks: Marks
    people: People
    shop: Shop
    sales: Sales


@dataclass(frozen=True)
class WebFacts:
    """What was written: events once each, and what was planted among them."""

    events: dict[str, int]
    late_events: int
    repeated_events: int
    malformed_events: int


def write_web(landing: Landing, sites: Sites) -> WebFacts:
    """Writes both sites' exports: events and sessions in files of a month or a quarter."""
    event_country = sites.people.country[sites.visits.person[sites.clicks.visit]]
    tags = tag_visits(sites.visits)
    columns = _event_columns(sites, tags)
    french = {h: values[event_country == "FR"] for h, values in columns.items()}
    british = {h: values[event_country == "GB"] for h, values in columns.items()}
    at = sites.clicks.at
    late, malformed = _write_french(landing, french, at[event_country == "FR"])
    repeated = _write_british(landing, british, at[event_country == "GB"])
    _write_sessions(landing, sites, tags, columns)
    return WebFacts(
        {"FR": int((event_country == "FR").sum()), "GB": int((event_country == "GB").sum())},
        late,
        repeated,
        malformed,
    )


def _event_columns(sites: Sites, tags: Tags) -> dict[str, Texts]:
    """The contract's columns of every event, as text."""
    visits, clicks, people = sites.visits, sites.clicks, sites.people
    visit, kind, n = clicks.visit, clicks.kind, len(clicks.visit)
    country = people.country[visits.person[visit]]
    landing = kind == KIND["landing"]
    names = np.array([EVENT_NAMES.get(name, name) for name in KINDS], dtype=object)

    def on_landing(values: Texts) -> Texts:
        return np.where(landing, values[visit], "").astype(object)

    def blank() -> Texts:
        return np.full(n, "", dtype=object)

    order_id = blank()
    order_id[clicks.of_kind("purchase")] = sites.shop.orders.order_id
    lead_id = blank()
    lead_of_visit = {lead.visit: lead.lead_id for lead in sites.sales.leads if lead.visit >= 0}
    asking = clicks.of_kind("lead_form")
    lead_id[asking] = [lead_of_visit[number] for number in visit[asking].tolist()]
    product_ids = np.append(sites.shop.products.product_id, "")
    device = DEVICES[visits.device[visit]]
    return {
        "event_id": np.array([f"e{text}" for text in scramble(np.arange(n), 7)], dtype=object),
        "occurred_at": iso(clicks.at),
        "anonymous_id": anonymous_ids(visits, people)[visit],
        "user_id": _user_ids(sites),
        "email": _emails(sites),
        "session_id": session_ids(visits)[visit],
        "event_name": names[kind],
        "page_url": _pages(sites, country, product_ids),
        "page_referrer": on_landing(tags.referrer),
        "utm_source": on_landing(tags.source),
        "utm_medium": on_landing(tags.medium),
        "utm_campaign": on_landing(tags.campaign),
        "utm_content": on_landing(tags.content),
        "utm_term": on_landing(tags.term),
        "click_id": on_landing(tags.click_id),
        "click_id_type": on_landing(tags.click_id_type),
        "device_type": device,
        "country": country,
        "product_id": product_ids[clicks.product],
        "order_id": order_id,
        "lead_id": lead_id,
        "user_agent": np.array([AGENTS[name] for name in DEVICES], dtype=object)[
            visits.device[visit]
        ],
        "consent": people.consent[visits.person[visit]],
    }


def _pages(sites: Sites, country: Texts, product_ids: Texts) -> Texts:
    """The address of each event's page, without campaign tags."""
    clicks, visits, people = sites.clicks, sites.visits, sites.people
    firm = people.is_firm[visits.person[clicks.visit]]
    rng = stream("pages")
    entry = rng.random(len(visits))[clicks.visit]
    rows = rng.integers(1, 9, len(clicks.visit))
    found = []
    for where, kind, product, is_firm, draw, row, resumed in zip(
        country.tolist(),
        clicks.kind.tolist(),
        clicks.product.tolist(),
        firm.tolist(),
        entry.tolist(),
        rows.tolist(),
        visits.resumed[clicks.visit].tolist(),
        strict=True,
    ):
        name, paths = KINDS[kind], PATHS[where]
        if name == "landing" and resumed:
            path = "/cart"
        elif is_firm and name in {"landing", "category", "lead_form"}:
            path = paths["firms"] + ("/contact" if name == "lead_form" else "")
        elif product >= 0:
            path = f"{paths['product']}{str(product_ids[product]).lower()}"
        elif name == "category" or (name == "landing" and draw > 0.55):
            path = f"{paths['category']}{row}"
        else:
            path = STEP_PATHS.get(name, "/")
        found.append(a.SITES[where] + path)
    return np.array(found, dtype=object)


def _identified(sites: Sites) -> Bools:
    """Events that carry the account: from the log-in on, and the purchase or sign-up itself."""
    clicks = sites.clicks
    customers = sites.shop.customers
    has_account = np.zeros(len(sites.people), dtype=bool)
    own = (customers.user_id != "") & ~customers.second_account
    has_account[customers.person[own]] = True
    after_login = sites.marks.logs_in[clicks.visit] & (clicks.kind >= KIND["login"])
    opening = (clicks.kind == KIND["purchase"]) | (clicks.kind == KIND["newsletter"])
    person = sites.visits.person[clicks.visit]
    may_track = sites.people.consent[person] != "denied"
    return np.asarray((after_login | opening) & has_account[person] & may_track, dtype=bool)


def _user_ids(sites: Sites) -> Texts:
    person = sites.visits.person[sites.clicks.visit]
    ids = np.array([f"u-{number:06d}" for number in range(len(sites.people))], dtype=object)
    return np.where(_identified(sites), ids[person], "").astype(object)


def _emails(sites: Sites) -> Texts:
    """The e-mail typed into a form; some people type capitals."""
    kind = sites.clicks.kind
    person = sites.visits.person[sites.clicks.visit]
    typed = (kind == KIND["newsletter"]) | (kind == KIND["lead_form"])
    typed &= sites.people.consent[person] != "denied"
    shouting = person % 9 == 0
    rows = np.flatnonzero(typed)
    emails = np.full(len(kind), "", dtype=object)
    emails[rows] = [
        str(sites.people.email[p]).upper() if loud else str(sites.people.email[p])
        for p, loud in zip(person[rows].tolist(), shouting[rows].tolist(), strict=True)
    ]
    return emails


def _write_french(landing: Landing, columns: dict[str, Texts], at: Ints) -> tuple[int, int]:
    """Returns the numbers of events that arrive late and of malformed rows."""
    address = _tagged_addresses(columns)
    device = [DEVICE_WORDS[word] for word in columns["device_type"].tolist()]
    consent = [CONSENT_WORDS[word] for word in columns["consent"].tolist()]
    table: dict[str, Texts] = {
        "identifiant": columns["event_id"],
        "horodatage": columns["occurred_at"],
        "visiteur": columns["anonymous_id"],
        "compte": columns["user_id"],
        "courriel": columns["email"],
        "evenement": columns["event_name"],
        "adresse": address,
        "provenance": columns["page_referrer"],
        "appareil": np.array(device, dtype=object),
        "produit": columns["product_id"],
        "commande": columns["order_id"],
        "prospect": columns["lead_id"],
        "navigateur": columns["user_agent"],
        "consentement": np.array(consent, dtype=object),
    }
    is_late = (at >= OUTAGE_BEGINS) & (at < OUTAGE_ENDS)
    label = np.where(is_late, LATE_FILE, quarter_of(at)).astype(object)
    bad = _malformed(table, label)
    for header, values in bad.items():
        table[header] = np.concatenate([table[header], values])
    malformed = len(bad["identifiant"])
    label = np.r_[label, np.full(malformed, MALFORMED_QUARTER, dtype=object)]
    landing.write_parts("demo_web_fr/evenements_{}.csv.gz", label, table)
    return int(is_late.sum()), malformed


def _malformed(table: dict[str, Texts], label: Texts) -> dict[str, Texts]:
    """Page views with an instant that does not exist, as a broken clock would send them."""
    views = np.flatnonzero((label == MALFORMED_QUARTER) & (table["evenement"] == "page_view"))
    rows = views[: max(1, min(MALFORMED_ROWS, len(views) // 100))]
    copies = {header: values[rows].copy() for header, values in table.items()}
    copies["identifiant"] = np.array([f"bad-{k}" for k in range(len(rows))], dtype=object)
    copies["horodatage"] = np.array(["2025-06-31T25:61:00Z"] * len(rows), dtype=object)
    return copies


def _tagged_addresses(columns: dict[str, Texts]) -> Texts:
    """Page addresses with campaign tags and click id as query parameters."""
    tags = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
    rows = zip(
        columns["page_url"].tolist(),
        *(columns[tag].tolist() for tag in tags),
        columns["click_id_type"].tolist(),
        columns["click_id"].tolist(),
        strict=True,
    )
    found = []
    for url, *values, kind, click_id in rows:
        query = [f"{tag}={value}" for tag, value in zip(tags, values, strict=True) if value]
        if click_id:
            query.append(f"{kind}={click_id}")
        found.append(f"{url}?{'&'.join(query)}".replace(" ", "+") if query else url)
    return np.array(found, dtype=object)


def _write_british(landing: Landing, columns: dict[str, Texts], at: Ints) -> int:
    """Returns the number of events that are delivered twice."""
    rng = stream("repeats")
    label = month_of(at)
    repeated = np.flatnonzero((rng.random(len(at)) < REPEATED_SHARE) & (label != label[-1]))
    following = month_of(at[repeated] + 31 * 86_400)
    following = np.where(following > label[-1], label[-1], following).astype(object)
    kept = {header: values for header, values in columns.items() if header != "email"}
    table = {h: np.concatenate([values[repeated], values]) for h, values in kept.items()}
    landing.write_parts("demo_web_uk/events_{}.csv.gz", np.r_[following, label], table)
    return len(repeated)


def _write_sessions(landing: Landing, sites: Sites, tags: Tags, events: dict[str, Texts]) -> None:
    """The British site's own sessions."""
    visits, people = sites.visits, sites.people
    here = np.flatnonzero(people.country[visits.person] == "GB")
    entries = sites.clicks.of_kind("landing")
    landing_page = np.full(len(visits), "", dtype=object)
    landing_page[sites.clicks.visit[entries]] = events["page_url"][entries]
    user = np.full(len(visits), "", dtype=object)
    known = np.flatnonzero(events["user_id"] != "")
    user[sites.clicks.visit[known]] = events["user_id"][known]
    _, first = np.unique(visits.browser, return_index=True)
    is_repeat = np.ones(len(visits), dtype=bool)
    is_repeat[first] = False
    table = {
        "session_id": session_ids(visits),
        "started_at": iso(visits.start),
        "anonymous_id": anonymous_ids(visits, people),
        "user_id": user,
        "is_repeat": np.where(is_repeat, "true", "false").astype(object),
        "utm_source": tags.source,
        "utm_medium": tags.medium,
        "utm_campaign": tags.campaign,
        "utm_content": tags.content,
        "utm_term": tags.term,
        "page_referrer": tags.referrer,
        "landing_page": landing_page,
        "device_type": DEVICES[visits.device],
        "country": people.country[visits.person],
        "consent": people.consent[visits.person],
    }
    chosen = {header: values[here] for header, values in table.items()}
    label = quarter_of(visits.start[here])
    landing.write_parts("demo_web_uk/sessions_{}.csv.gz", label, chosen)
