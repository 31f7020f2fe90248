"""Quoting: the one way in which names, texts and paths become part of a statement."""

import re
from pathlib import Path

from orchestration.lib.contract import RAW_SCHEMA


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def raw_table(name: str) -> str:
    """A raw table of the warehouse."""
    return f"{RAW_SCHEMA}.{identifier(name)}"


def literal(text: str) -> str:
    """A quoted SQL text."""
    return "'" + text.replace("'", "''") + "'"


def text_list(values: tuple[str, ...] | list[str]) -> str:
    """A parenthesised list of quoted texts, for `in`."""
    return "(" + ", ".join(literal(value) for value in values) + ")"


def path_literal(path: Path) -> str:
    """A quoted path that DuckDB reads as this one file, whatever characters its name has."""
    return literal(re.sub(r"([*?\[])", r"[\1]", str(path)))
