"""Addresses without what may identify a person: queries reduced, credentials and e-mails removed.

Of the query only parameters that say where a visit came from are kept, in their order; what names
the page for the site itself is its path. The fragment is dropped.
"""

from orchestration.lib.ingestion import sql

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
MASK = "[email]"
_EMAIL = r"[^\s/?#=&:;,<>()\[\]]+(@|%40)[^\s/?#=&:;,<>()\[\]]+"


def reduced(text: str) -> str:
    """SQL: an address that keeps its host, its path and its tracking parameters only."""
    # Each step costs only the addresses that need it.
    whole = f"case when contains({text}, '#') then split_part({text}, '#', 1) else {text} end"
    names = "|".join(
        (*(f"{prefix}[a-z0-9_]*" for prefix in TRACKING_PREFIXES), *TRACKING_PARAMETERS)
    )
    # A regular expression that matches all or nothing is the cheapest of many ways.
    is_kept = f"regexp_full_match(parameter, {sql.literal(f'(?is)(?:{names})=.*')})"
    query = f"string_split(substr({whole}, strpos({whole}, '?') + 1), '&')"
    kept = f"array_to_string(list_filter({query}, lambda parameter: {is_kept}), '&')"
    short = (
        f"(case when contains({whole}, '?') "
        f"then split_part({whole}, '?', 1) || coalesce('?' || nullif({kept}, ''), '') "
        f"else {whole} end)"
    )
    no_login = f"regexp_replace({short}, '^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@', '\\1')"
    masked = f"regexp_replace({no_login}, {sql.literal(_EMAIL)}, {sql.literal(MASK)}, 'gi')"
    return (
        f"case when contains({text}, '@') or contains({text}, '%40') then {masked} "
        f"when contains({text}, '?') or contains({text}, '#') then {short} else {text} end"
    )
