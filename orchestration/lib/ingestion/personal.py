"""Keyed pseudonyms: HMAC-SHA256 (RFC 2104) as a SQL expression.

`hmac(key, message) = sha256(opad || sha256(ipad || message))` with the key padded to the block
size of 64 bytes. The two pads are session variables, so that no statement carries the key. Each
kind of identifier has its own prefix, so that equal texts of two kinds do not meet.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from orchestration.lib.ingestion import sql
from orchestration.lib.mendable import MendableError

MINIMUM_KEY_LENGTH = 32
# Public on purpose: the demo company's people are invented, and its output must be reproducible.
DEMO_KEY = "public-key-of-the-demo-company-0"
# The ledger's setting that says with which key the pseudonyms were made.
KEY_ID_SETTING = "hash_key_id"
_BLOCK = 64
# What a stored identifier begins with that identifies nobody; no model makes a key of it.
NOBODY = "nobody-"
# Which kinds of the rules concern which kind of identifier.
_RULES = {
    "email": ("any", "email"),
    "identifier": ("any", "login"),
    "anonymous_id": ("any", "visitor"),
}
# What surrounds an identifier by accident: spaces of all widths, tabs, line ends, marks, and what
# says that text runs from right to left, or no longer does.
WHITESPACE = (
    " \t\r\n\u00a0\u2007\u202f\u200b\ufeff"
    "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


class HashKeyError(MendableError, ValueError):
    """Personal identifiers would be loaded without a usable key."""


def resolve_key(hash_key: str, demo: bool) -> str | None:
    """The key to use, None when there is none; raises `HashKeyError` for a short one."""
    if not hash_key:
        return DEMO_KEY if demo else None
    if len(hash_key) < MINIMUM_KEY_LENGTH:
        raise HashKeyError(
            f"WAREHOUSE_HASH_KEY has {len(hash_key)} characters; it needs at least "
            f"{MINIMUM_KEY_LENGTH}. Make one with `openssl rand -hex 32` and keep it: another "
            "key gives other pseudonyms."
        )
    return hash_key


def key_id(key: str) -> str:
    """What may be stored of a key: the first 8 hex digits of its SHA-256."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def set_key(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """Stores the two pads of `key` in the session."""
    block = key.encode()
    if len(block) > _BLOCK:
        block = hashlib.sha256(block).digest()
    block = block.ljust(_BLOCK, b"\0")
    connection.execute("set variable hash_inner = ?", [bytes(byte ^ 0x36 for byte in block)])
    connection.execute("set variable hash_outer = ?", [bytes(byte ^ 0x5C for byte in block)])


def read_non_identifiers(file: Path) -> dict[str, str]:
    """The rules of the seed `non_identifiers` as one pattern for each kind of identifier."""
    with file.open(encoding="utf-8", newline="") as lines:
        rules = [(row["kind"], row["value_pattern"]) for row in csv.DictReader(lines)]
    return {kind: _any_of(p for k, p in rules if k in kinds) for kind, kinds in _RULES.items()}


def set_non_identifiers(connection: duckdb.DuckDBPyConnection, patterns: Mapping[str, str]) -> None:
    """Stores in the session which values identify nobody; without a pattern, none does."""
    for kind, pattern in patterns.items():
        connection.execute(f"set variable nobody_{kind} = ?", [pattern])


def marked(value: str, text: str, kind: str) -> str:
    """SQL: the value, marked where its text identifies nobody, such as "unknown"."""
    pattern = f"getvariable('nobody_{kind}')::varchar"
    is_nobody = f"regexp_full_match({text}, {pattern}, 'i')"
    return f"case when {is_nobody} then {sql.literal(NOBODY)} || {value} else {value} end"


def pseudonym(text: str, kind: str) -> str:
    """SQL: the pseudonym (64 hex digits) of the text expression, null for null.

    `kind` `email` is trimmed and lower-cased first, `identifier` trimmed; the key is set by
    `set_key`. The pseudonym of what identifies nobody is marked, and still tells values apart.
    """
    normalised = f"trim({text}, {sql.literal(WHITESPACE)})"
    if kind == "email":
        normalised = f"lower({normalised})"
    message = f"encode({sql.literal(kind + ':')} || {normalised})"
    inner = f"unhex(sha256(getvariable('hash_inner') || {message}))"
    hashed = f"sha256(getvariable('hash_outer') || {inner})"
    return marked(hashed, text, kind) if kind in _RULES else hashed


def _any_of(patterns: Iterable[str]) -> str:
    return rf"\s*(?:{'|'.join(patterns)})\s*"
