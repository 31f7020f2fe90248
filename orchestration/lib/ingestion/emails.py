"""E-mail addresses where none is asked for: in a campaign's name, a free text, an identifier."""

import re

from orchestration.lib.ingestion import sql
from orchestration.lib.ingestion.personal import pseudonym

MASK = "[email]"
# In Japan the sign and the point are written in full width, too.
WIDE_AT, _WIDE_POINT = "\uff20", "\uff0e"
SIGNS, _POINT = f"@{WIDE_AT}", f".{_WIDE_POINT}"
# One of these stands in each address: addresses of pages write the sign, once or twice, in code.
MARKS = (*SIGNS, "%40", "%2540")
# The kind of the pseudonym that takes the place of an identifier.
KIND = "address"
_APART = r"\s/?#=&:;,<>()\[\]\"|"
# A domain ends in letters, which tells an address from 5@2.40. A class of all letters would cost
# 7 ms in each column of each statement: what is neither a digit nor a mark is one.
PATTERN = (
    rf"[^{_APART}]+(?:[{SIGNS}]|%(?:25)?40)[^{_APART}{SIGNS}%]*"
    rf"[{_POINT}](?:[xX][nN]--[A-Za-z0-9-]+|[^{_APART}{SIGNS}%0-9{_POINT}_!*'~+-]{{2,}})"
)

_ENDING = re.compile(r"([.](csv|txt|jsonl?|parquet|xlsx|gz|zst))+$", re.IGNORECASE)


def is_held(text: str) -> str:
    """SQL condition: a text holds an address. A text without a mark costs next to nothing.

    By `case`: where it is no filter, DuckDB looks at both sides of an `and` for each row.
    """
    is_marked = " or ".join(f"contains({text}, {sql.literal(mark)})" for mark in MARKS)
    is_address = f"regexp_matches({text}, {sql.literal(PATTERN)})"
    return f"case when {is_marked} then {is_address} else false end"


def masked(text: str) -> str:
    """SQL: a text whose addresses are replaced by `MASK`."""
    return f"regexp_replace({text}, {sql.literal(PATTERN)}, {sql.literal(MASK)}, 'g')"


def without(name: str) -> str:
    """The name of a file as messages may hold it. Its ending is none of a domain: `a@2026.csv`."""
    ending = _ENDING.search(name)
    stem = name[: ending.start()] if ending else name
    return re.sub(PATTERN, MASK, stem) + name[len(stem) :]


def keyed(text: str) -> str:
    """SQL: an identifier, or its keyed hash where it holds an address: equal ones stay equal.

    Where no key is set, `MASK` takes its place, and nothing may be made of it.
    """
    hashed = f"coalesce({pseudonym(text, KIND)}, {sql.literal(MASK)})"
    return f"case when {is_held(text)} then {hashed} else {text} end"
