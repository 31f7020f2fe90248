"""JSON lines: one object per line, read as texts under the objects' keys.

Numbers keep the digits that the file writes: no value passes through a binary fraction unless it
has so few digits that nothing is lost. A value that is itself an object or a list stays JSON text.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.lib.ingestion import headers, sql
from orchestration.lib.ingestion.files import FileRefusedError

_LINES = "json_lines"
_LONGEST_LINE = 16 << 20
_MOST_KEYS = 2_000
# A binary fraction keeps 15 digits; a line with a longer run of digits is read in another way.
_LONG_NUMBER = "[0-9.]{17}"
# What stands before a number, whole strings included, then the number; or the end of the line.
_NUMBERS = r'([^"0-9-]*(?:"(?:[^"\\]|\\.)*"[^"0-9-]*)*)(-?[0-9][0-9.eE+-]*|$)'


@dataclass(frozen=True)
class JsonFile:
    """The keys of a file's objects, in order of appearance; its rows are in the table `source`.

    `blank_lines` are the lines that hold nothing, in order. A file without any object has no keys.
    """

    keys: tuple[str, ...]
    blank_lines: tuple[int, ...]

    def lines(self, rows: set[int]) -> dict[int, int]:
        """On which line each of the rows stands."""
        # The n-th blank line comes after this many rows.
        before = [line - position for position, line in enumerate(self.blank_lines, start=1)]
        return {row: row + bisect_left(before, row) for row in rows}


def read(
    connection: duckdb.DuckDBPyConnection, path: Path, *, may_be_empty: bool = False
) -> JsonFile:
    """Fills the temp table `source` from a file; raises `FileRefusedError` for a faulty one."""
    keys: dict[str, str] = {}
    try:
        blank = _read_lines(connection, path)
        if _check_objects(connection):
            keys = _keys(connection)
            _extract(connection, keys)
        elif may_be_empty:
            connection.execute("create or replace temp table source (_row_number bigint)")
        else:
            raise FileRefusedError(
                "is empty: not even one object; deliver it again or remove it. If that is right, "
                "set `may_be_empty: true` in source.yaml."
            )
    finally:
        connection.execute(f"drop table if exists temp.{_LINES}")
    return JsonFile(tuple(keys), blank)


def _read_lines(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[int, ...]:
    """Fills the temp table of lines that are not blank; returns the numbers of blank ones."""
    # A control character cannot stand in JSON: as a delimiter it never splits a sound line.
    lines = (
        f"read_csv({sql.path_literal(path)}, auto_detect = false, header = false, "
        "columns = {'line': 'VARCHAR'}, delim = chr(1), quote = '', escape = '', "
        f"compression = 'none', max_line_size = {_LONGEST_LINE}, buffer_size = {2 * _LONGEST_LINE})"
    ).replace("chr(1)", "'\x01'")
    try:
        connection.execute(
            f"create or replace temp table {_LINES} as "
            f"select row_number() over () as line_number, line from {lines}"
        )
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        fault = _unreadable(error)
    else:
        blank = connection.execute(
            f"select line_number from {_LINES} where coalesce(trim(line), '') = '' "
            "order by line_number"
        ).fetchall()
        connection.execute(f"delete from {_LINES} where coalesce(trim(line), '') = ''")
        return tuple(int(line) for (line,) in blank)
    raise fault


def _unreadable(error: duckdb.Error) -> FileRefusedError:
    """The reader's error without the line that it quotes, which may hold personal data."""
    text = str(error)
    found = re.search(r"Line: (\d+)", text)
    where = f" near line {found[1]}" if found else ""
    if "unicode" in text.lower() or "utf-8" in text.lower():
        return FileRefusedError(f"is not utf-8{where}; JSON always is: write it anew.")
    if "aximum line size" in text:
        return FileRefusedError(f"has a line of more than {_LONGEST_LINE >> 20} MB{where}.")
    return FileRefusedError(
        f"cannot be read as JSON lines{where}; write one object per line, "
        "with the same line end throughout."
    )


def _check_objects(connection: duckdb.DuckDBPyConnection) -> int:
    """How many objects there are; raises `FileRefusedError` for the first line that is none."""
    row = connection.execute(
        f"""
        select count(*), max(line_number),
            min(line_number) filter (where not json_valid(line)),
            min(line_number) filter (
                where case when json_valid(line) then json_type(line) <> 'OBJECT' end
            ),
            max(line_number) filter (
                where case when json_valid(line) then false
                    else length(replace(line, '}}', '')) > length(replace(line, '{{', '')) end
            )
        from {_LINES}
        """
    ).fetchone()
    count, last, broken, other, left_open = row or (0, None, None, None, None)
    # A footer, or an object with a fault inside, is not cut: to deliver it again is no remedy.
    if broken is not None and broken == last == left_open:
        raise FileRefusedError(
            f"ends in line {broken} with an object that is not complete; it may be cut off: "
            "deliver it again."
        )
    if broken is not None:
        raise FileRefusedError(f"is no JSON in line {broken}; write one whole object per line.")
    if other is not None:
        raise FileRefusedError(f"has no object in line {other}; write one object per line.")
    return int(count)


def _keys(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Column names and the keys they stand for, as they appear; raises `FileRefusedError`."""
    shapes = connection.execute(
        f"select keys, min(line_number) from (select json_keys(line) as keys, line_number "
        f"from {_LINES}) group by keys order by 2 limit {_MOST_KEYS + 1}"
    ).fetchall()
    for keys, line in shapes:
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise FileRefusedError(
                f"names {headers.shown(twice)!r} twice in the object of line {line}; repair."
            )
    known = list(dict.fromkeys(key for keys, _ in shapes for key in keys))
    if len(shapes) > _MOST_KEYS or len(known) > _MOST_KEYS:
        raise FileRefusedError(
            f"has objects of more than {_MOST_KEYS} shapes or keys; its keys may hold values: "
            "write the same keys in every object."
        )
    return dict(zip(headers.check(known, "in its objects"), known, strict=True))


def _extract(connection: duckdb.DuckDBPyConnection, keys: dict[str, str]) -> None:
    """Fills `source`: a text column per key, and `_row_number`."""
    if not keys:
        raise FileRefusedError("holds only empty objects; deliver it again or remove it.")
    paths = "[" + ", ".join(sql.literal(_pointer(key)) for key in keys.values()) + "]"
    quoted = f"regexp_replace(line, {sql.literal(_NUMBERS)}, '\\1\"\\2\"', 'g')"
    # The end of the line became an empty text: it is cut off again.
    exact = f"json_extract_string({quoted}[:-3], {paths})"
    plain = f"json_extract_string(line, {paths})"
    is_long = f"regexp_matches(line, '{_LONG_NUMBER}')"
    columns = ", ".join(
        f"case when kinds[{n}] in ('OBJECT', 'ARRAY') then nested[{n}] else texts[{n}] end "
        f"as {sql.identifier(name)}"
        for n, name in enumerate(keys, start=1)
    )
    connection.execute(
        f"""
        create or replace temp table source as
        select row_number() over () as _row_number, {columns}
        from (
            select
                case when {is_long} then {exact} else {plain} end as texts,
                case when {is_long} then json_type(line, {paths}) end as kinds,
                case when {is_long} then {plain} end as nested
            from {_LINES}
        )
        """
    )


def _pointer(key: str) -> str:
    """The JSON pointer (RFC 6901) of a key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")
