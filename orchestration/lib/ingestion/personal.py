"""Keyed pseudonyms: HMAC-SHA256 (RFC 2104) as a SQL expression.

`hmac(key, message) = sha256(opad || sha256(ipad || message))` with the key padded to the block
size of 64 bytes. The two pads are session variables, so that no statement carries the key. Each
kind of identifier has its own prefix, so that equal texts of two kinds do not meet.
"""

import hashlib

import duckdb

from orchestration.lib.ingestion import sql

MINIMUM_KEY_LENGTH = 32
# Public on purpose: the demo company's people are invented, and its output must be reproducible.
DEMO_KEY = "public-key-of-the-demo-company-0"
# The ledger's setting that says with which key the pseudonyms were made.
KEY_ID_SETTING = "hash_key_id"
_BLOCK = 64
# What surrounds an identifier by accident: spaces of all widths, tabs, line ends, marks.
WHITESPACE = " \t\r\n\u00a0\u2007\u202f\u200b\ufeff"


class HashKeyError(ValueError):
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


def pseudonym(text: str, kind: str) -> str:
    """SQL: the pseudonym (64 hex digits) of the text expression, null for null.

    `kind` `email` is trimmed and lower-cased first, `identifier` trimmed; the key is set by
    `set_key`.
    """
    normalised = f"trim({text}, {sql.literal(WHITESPACE)})"
    if kind == "email":
        normalised = f"lower({normalised})"
    message = f"encode({sql.literal(kind + ':')} || {normalised})"
    inner = f"unhex(sha256(getvariable('hash_inner') || {message}))"
    return f"sha256(getvariable('hash_outer') || {inner})"
