"""Addresses without what may identify a person: queries reduced, credentials and e-mails removed.

Of the query, or of several, only parameters that say where a visit came from are kept, in their
order; what names the page for the site itself is its path. The fragment is dropped. A parameter may
stand inside of another one's value, where a link was put together carelessly: it is one of its own.
"""

from orchestration.lib import macros
from orchestration.lib.ingestion import emails, sql

# Campaign tags of all tools (utm_*, also Matomo's mtm_* and HubSpot's hsa_*), and click identifiers
# of ad platforms.
TRACKING_PREFIXES = ("utm_", "mtm_", "hsa_")
TRACKING_PARAMETERS = (
    "gclid",
    "gclsrc",
    "gbraid",
    "wbraid",
    "dclid",
    "fbclid",
    "igshid",
    "msclkid",
    "ttclid",
    "twclid",
    "li_fat_id",
    "epik",
    "yclid",
    "srsltid",
    "rdt_cid",
    "sccid",
)


def masked(text: str, absent: str = "") -> str:
    """SQL: an address without login and fragment, whose e-mails are masked.

    `absent`: characters that the text cannot hold.
    """
    no_login = f"regexp_replace({text}, '^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@', '\\1')"
    marks = [mark for mark in (*emails.MARKS, "#") if mark[0] not in absent]
    if not marks:
        return text
    is_marked = " or ".join(f"contains({text}, '{mark}')" for mark in marks)
    no_email = emails.masked(no_login)
    return f"case when {is_marked} then split_part({no_email}, '#', 1) else {text} end"


def kept_parameters(text: str) -> str:
    """SQL: the tracking parameters of an address, a list; null where it has no query.

    A step of its own: inside of a `case` list functions cost four times as much, and where there
    is no query they see null, which costs next to nothing.
    """
    names = "|".join(
        (*(f"{prefix}[a-z0-9_]*" for prefix in TRACKING_PREFIXES), *TRACKING_PARAMETERS)
    )
    # Most are plain utm tags: only the others pay for the regular expression.
    is_kept = (
        "case when starts_with(parameter, 'utm_') then contains(parameter, '=') "
        f"else regexp_full_match(parameter, {sql.literal(f'(?is)(?:{names})=.*')}) end"
    )
    query = f"case when contains({text}, '?') then substr({text}, strpos({text}, '?') + 1) end"
    hidden = macros.rendered("hidden_parameter", ";#", " +", files=("web/hidden_parameter.sql",))
    shown = (
        f"case when contains({text}, '%') or contains({text}, ';') then "
        rf"regexp_replace({query}, {sql.literal(hidden)}, '&\1=', 'gi') else {query} end"
    )
    # A link that had a query and was given another one has a second question mark: `?a=1?token=2`.
    parameters = f"string_split(replace({shown}, '?', '&'), '&')"
    return f"list_filter({parameters}, lambda parameter: {is_kept})"


def reduced(text: str, kept: str) -> str:
    """SQL: an address, masked already, with the parameters that `kept_parameters` gave, or none."""
    path = f"split_part({text}, '?', 1)"
    return (
        f"case when {kept} is null then {text} when len({kept}) = 0 then {path} "
        f"else {path} || '?' || array_to_string({kept}, '&') end"
    )
