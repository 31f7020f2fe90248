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
    names = "|".join(
        (*(f"{prefix}[a-z0-9_]*" for prefix in TRACKING_PREFIXES), *TRACKING_PARAMETERS)
    )
    # With and without what follows the question mark; the fragment first, which may hold one.
    whole = f"split_part({text}, '#', 1)"
    without_query = f"split_part({whole}, '?', 1)"
    query = f"substr({whole}, length({without_query}) + 2)"
    kept = (
        f"array_to_string(regexp_extract_all('&' || {query}, "
        f"{sql.literal(f'(?i)&((?:{names})=[^&]*)')}, 1), '&')"
    )
    with_kept = f"{without_query} || case when {kept} = '' then '' else '?' || {kept} end"
    no_login = f"regexp_replace({with_kept}, '^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@', '\\1')"
    masked = f"regexp_replace({no_login}, {sql.literal(_EMAIL)}, {sql.literal(MASK)}, 'gi')"
    return (
        f"case when contains({text}, '?') or contains({text}, '#') or contains({text}, '@') "
        f"or contains({text}, '%40') then {masked} else {text} end"
    )
