"""What the cell of a seed may hold."""

import re
from datetime import date, datetime
from decimal import Decimal


def type_problem(value: str, data_type: str) -> str | None:
    """Why a cell is not of its column's declared type, with an example; None when it is."""
    if data_type == "string":
        return None
    if data_type == "bigint":
        ok, example = _matches(r"-?\d{1,18}", value), "a whole number like 12"
    elif data_type == "boolean":
        ok, example = value.lower() in ("true", "false"), "true or false"
    elif data_type == "date":
        ok, example = as_date(value) is not None, "a date like 2026-01-31, from 1900 to 2999"
    elif data_type == "timestamp":
        ok, example = _as_timestamp(value) is not None, "a UTC instant like 2026-01-31 08:00:00"
    elif data_type == "double":
        ok, example = _matches(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", value), "a number like 0.5"
    else:
        precision, scale = map(int, re.findall(r"\d+", data_type))
        ok = _matches(rf"-?\d{{1,{precision - scale}}}(\.\d{{1,{scale}}})?", value)
        example = f"a number like 12.5, with a point and at most {scale} decimals"
    return None if ok else f"is not {data_type}; write {example}."


def as_date(value: str) -> date | None:
    """The day that a cell says, from 1900 to 2999; None where it says none."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    # Beyond is what a program writes for "never", and has no period after it.
    return day if 1900 <= day.year < 3000 else None


def as_decimal(value: str) -> Decimal | None:
    """The number that a cell says; None where it says none."""
    return Decimal(value) if _matches(r"-?\d+(\.\d+)?", value) else None


def pattern_problem(pattern: str) -> str | None:
    r"""Why `pattern` is outside what RE2 and Java read alike; None when it is inside.

    Left out: look-around, back-references, named and atomic groups, inline flags, possessive
    quantifiers, set operations inside brackets, and every escape but \d \w \s \b, their
    opposites and escaped punctuation.
    """
    outside_brackets = re.sub(r"\\.", "", pattern)
    for escape in re.findall(r"\\(.)", pattern):
        if escape.isdigit():
            return f"uses the back-reference \\{escape}, which RE2 cannot match"
        if escape.isalpha() and escape not in "dDwWsSbB":
            return f"uses the escape \\{escape}, which engines read differently"
    for text, name in (
        (r"\(\?<?[=!]", "look-around"),
        (r"\(\?P?[<'=>]", "a named or an atomic group"),
        (r"\(\?[^:]", "an inline flag"),
        (r"[*+?}]\+", "a possessive quantifier"),
        (r"\[[^\]]*(?:&&|--|\[)", "a set operation or a bracket inside brackets"),
    ):
        if re.search(text, outside_brackets):
            return f"uses {name}, which RE2 and Java do not read alike"
    try:
        re.compile(pattern)
    except re.error as error:
        return f"is not a regular expression ({error})"
    return None


def lowered(text: str) -> str:
    """A text in lower case, letter by letter, as the models' macro `lowered` has it.

    Of the whole text Python would make two letters of İ, and ς of a word's last Σ.
    """
    return "".join(letter.lower()[0] for letter in text)


def _matches(pattern: str, value: str) -> bool:
    return re.fullmatch(pattern, value, re.ASCII) is not None


def _as_timestamp(value: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return instant if instant.tzinfo is None else None
