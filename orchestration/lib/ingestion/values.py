"""From a file's value to the contract's type: SQL expressions, never a guess.

`parse` gives, for one column, the text that a quarantine row may show, the typed value (null
where it does not fit) and the reason code for a value that does not fit.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from orchestration.lib.company import TableFormat
from orchestration.lib.contract import Column
from orchestration.lib.ingestion import cells, emails, sql, urls
from orchestration.lib.ingestion.personal import marked, pseudonym

# As systems and spreadsheets write them in the languages of their users; none means the other
# thing in another language.
TRUE_WORDS = (
    *("true", "t", "1", "yes", "y", "oui", "o", "ja", "si", "sí", "sì", "sim", "tak", "evet"),
    *("vrai", "wahr", "waar", "verdadero", "verdadeiro", "vero", "да", "так", "ναι", "نعم"),  # noqa: RUF001
    *("はい", "是"),
)
FALSE_WORDS = (
    *("false", "f", "0", "no", "n", "non", "nein", "nee", "nej", "nei", "não", "nao", "nie"),
    *("faux", "falsch", "onwaar", "falso", "hayır", "hayir", "нет", "ні", "όχι", "لا"),  # noqa: RUF001
    *("いいえ", "否"),
)
# A thousands separator written as a space may be any of these; an apostrophe any of those.
_SEPARATORS = {" ": " \u00a0\u202f\u2009", "'": "'\u2019"}
# The last instant of 9999, which many write for "never", may be on the day after in UTC.
_EARLIEST, _TOO_LATE = "1900-01-01", "10000-01-02"
# Types of objects and lists.
_NESTED = re.compile(r"^(STRUCT|MAP|UNION)\(|\]$")
_ISO_TIMESTAMP = (
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?( ?(Z|UTC|[+-](0\d|1[0-8])(:?\d\d)?))?)?"
)
_ISO_OFFSET = r".*\d\d:\d\d.*(Z|UTC|[+-]\d\d(:?\d\d)?)"

REMEDIES = {
    "missing_required": "The contract needs a value here: fill it in at the source.",
    "not_a_whole_number": "Write a whole number such as 1250.",
    "not_a_number": "Write a number as declared: decimal_separator, thousands_separator, "
    "digit_groups.",
    "too_precise": "Amounts have at most 4 decimals: round at the source, or the whole of the "
    "expression that makes them.",
    "not_a_boolean": "Write true/false, 1/0, yes/no or the like.",
    "not_a_date": "Write a real date in the declared date_format.",
    "not_a_timestamp": "Write a real instant in the declared timestamp_format.",
    "not_accepted": "The contract closes the list of values: map this one in source.yaml.",
    "nul_byte": "Remove the NUL characters.",
    "cell_error": "The spreadsheet's cell holds an error: repair its formula at the source.",
    "digits_lost": "A spreadsheet has rounded the identifier: format the column as text there.",
    "repeated_header": "The header stands among the rows a second time: remove the line.",
    "total_row": "A total is no row: leave it out of the export, or by a `query` with a `where`.",
    "duplicate_key": "An earlier row of the file has this key and says something else: deliver one "
    "row per key, or `updated_at` with each version.",
    "wrong_column_count": "Quote the delimiter inside values, or repair the line.",
    "address_as_key": "The identifier is an e-mail address: set WAREHOUSE_HASH_KEY, under which it "
    "is replaced, or deliver another one.",
    "wrong_type": "Convert the column in source.yaml: its type does not fit the contract.",
}


def text_of(column: str) -> str:
    """The quoted name under which a column's text is parsed."""
    return sql.identifier(f"text {column}")


@dataclass(frozen=True)
class Parsed:
    """How one column is parsed, as SQL in steps that build on each other's names.

    `text` is an expression over the file's columns (null words are null already), stored as
    `text_name`; `value` is typed, over `text_name`, stored as `value_name`, and null where the
    text does not fit; `fault` is a reason code or null, over both names, and None where nothing
    can go wrong. `is_shown` says whether a quarantine row may hold the text. `middle` is what the
    value needs computed once, over `text_name`, stored as `middle_name`.
    """

    column: str
    text: str
    value: str
    fault: str | None
    is_shown: bool
    middle: str | None = None

    @property
    def middle_name(self) -> str:
        """The step between text and value, quoted."""
        return sql.identifier(f"middle {self.column}")

    @property
    def text_name(self) -> str:
        """The first step's column, quoted."""
        return text_of(self.column)

    @property
    def value_name(self) -> str:
        """The second step's column, quoted."""
        return sql.identifier(self.column)


def parse(
    expression: str,
    source_type: str,
    column: Column,
    settings: TableFormat,
    *,
    absent: str = "",
) -> Parsed:
    """How `expression` (of DuckDB type `source_type`) becomes the value of `column`.

    `absent`: characters that `expression` cannot hold, for which nothing needs to look.
    """
    if column.personal == "text" and not settings.keep_text:
        return Parsed(column.name, "null::varchar", "null::varchar", None, False)
    text = text_of(column.name)
    fits = _COMPATIBLE.get(column.data_type)
    if fits and re.fullmatch(fits, source_type):
        value, reason = _from_typed(text, source_type, column, settings)
        return _parsed(column, expression, value, reason, ())
    is_text = source_type == "VARCHAR"
    expression = expression if is_text else f"{expression}::varchar"
    notation = settings if is_text or column.data_type == "varchar" else TableFormat()
    parsed = _from_text(expression, column, notation, absent)
    if _NESTED.search(source_type):
        # Its text is how DuckDB prints it, and may hold what personal columns beside it hold.
        fault = f"case when {parsed.text_name} is not null then 'wrong_type' end"
        return replace(parsed, fault=fault, is_shown=False)
    if source_type != "BLOB":
        return parsed
    # Bytes that their file does not call text: DuckDB shows those beyond ASCII as `\xC3\xA9`.
    mangled = f"contains({parsed.text_name}, '\\x')"
    fault = f"case when {mangled} then 'wrong_type' else {parsed.fault or 'null'} end"
    return replace(parsed, fault=fault)


def _parsed(column: Column, text: str, value: str, reason: str, further: tuple[str, ...]) -> Parsed:
    """Puts the checks that every type shares around a value."""
    text_name = text_of(column.name)
    value_name = sql.identifier(column.name)
    cases = [*further]
    if column.data_type in ("date", "timestamp"):
        # A year that was written with two digits, infinity, or no date at all.
        cases.append(
            f"when {value_name} < {column.data_type} '{_EARLIEST}' "
            f"or {value_name} >= {column.data_type} '{_TOO_LATE}' "
            f"then 'not_a_{column.data_type}'"
        )
    if column.required:
        cases.append(f"when {text_name} is null then 'missing_required'")
    if reason:
        cases.append(f"when {text_name} is not null and {value_name} is null then '{reason}'")
    if column.accepted:
        accepted = sql.text_list(column.accepted)
        cases.append(f"when {value_name} not in {accepted} then 'not_accepted'")
    fault = f"case {' '.join(cases)} end" if cases else None
    is_shown = column.personal is None and not column.url
    return Parsed(column.name, text, value, fault, is_shown)


def _is_plain(text: str, words: tuple[str, ...], *, to_trim: bool, without: str) -> str:
    """SQL: a text begins with a printable ASCII character and is no null word: nothing to clean.

    Most texts are, and telling so costs a quarter of trimming them. `without`: characters that
    call for a closer look.
    """
    conditions = [f"{text} >= '$'", f"{text} < chr(127)"]
    conditions += [f"not contains({text}, {sql.literal(mark)})" for mark in without]
    if to_trim:
        conditions += [f"not ends_with({text}, ' ')", f"strlen({text}) = length({text})"]
    conditions += [f"not starts_with({text}, {sql.literal(word)})" for word in words if word]
    return " and ".join(conditions)


def _from_text(expression: str, column: Column, settings: TableFormat, absent: str) -> Parsed:
    # Spaces of all widths; a list of characters to trim would cost four times as much.
    trimmed = f"trim({expression})"
    text = text_of(column.name)
    value_name = sql.identifier(column.name)
    words = sql.text_list(sorted({"", *settings.null_values}))
    is_kept_whole = column.data_type == "varchar" and not (column.accepted or column.personal)
    kept = expression if is_kept_whole else trimmed
    beginnings = dict.fromkeys(mark[0] for mark in emails.MARKS if mark[0] not in absent)
    marks = "".join(beginnings) if _may_hold_address(column) else ""
    if marks:
        kept = _without_addresses(kept, column)
    is_plain = _is_plain(expression, settings.null_values, to_trim=not is_kept_whole, without=marks)
    present = (
        f"case when {is_plain} then {expression} "
        f"when {trimmed} in {words} then null else {kept} end"
    )
    further: tuple[str, ...] = ()
    middle = None
    if column.personal in ("email", "identifier"):
        value, reason = pseudonym(text, column.personal), ""
    elif column.url:
        middle = urls.kept_parameters(text)
        value, reason = urls.reduced(text, sql.identifier(f"middle {column.name}")), ""
        present = urls.masked(f"({present})", absent)
    else:
        expression_of, reason = _FROM_TEXT[column.data_type]
        value = expression_of(text, settings)
        if settings.has_numbers:
            value = _or_own_number(text, column, settings, value)
        if column.name == "anonymous_id":
            value = marked(value, text, column.name)
    if column.data_type == "varchar":
        further = _faults_of_text(text, absent, is_key=bool(marks) and _is_identifier(column))
        if _is_identifier(column):
            further = (*further, cells.rounded_fault(text))
    if column.data_type == "decimal(18,4)":
        longer = "[+-]?[0-9]{0,14}[.][0-9]{5,}"
        number = _number_text(text, settings)
        if settings.format == "xlsx":
            number = cells.plain_number(text)
        further = (
            f"when {value_name} is null and {_is_number(text, settings)} "
            f"and regexp_full_match({number}, '{longer}') then 'too_precise'",
        )
    if settings.format == "xlsx":
        further = (cells.fault(text), *further)
    return replace(_parsed(column, present, value, reason, further), middle=middle)


def _faults_of_text(text: str, absent: str, *, is_key: bool) -> tuple[str, ...]:
    """Cases of what no text may hold; `is_key`: an identifier that may hold an address."""
    faults = []
    if is_key:
        # Only without a hash key does a mask take an identifier's place.
        faults.append(f"when {text} = {sql.literal(emails.MASK)} then 'address_as_key'")
    if "\0" not in absent:
        faults.append(f"when contains({text}, chr(0)) then 'nul_byte'")
    if "#" not in absent:
        faults.append(cells.error_fault(text))
    return tuple(faults)


def _is_identifier(column: Column) -> bool:
    return column.name.endswith("_id")


def _may_hold_address(column: Column) -> bool:
    """Personal columns and addresses of pages have rules of their own; a closed list has none."""
    is_text = column.data_type == "varchar"
    return is_text and not (column.personal or column.url or column.accepted)


def _without_addresses(text: str, column: Column) -> str:
    """SQL: a text without e-mail addresses; an identifier that is one still joins as before."""
    return emails.keyed(text) if _is_identifier(column) else emails.masked(text)


def _or_own_number(text: str, column: Column, settings: TableFormat, value: str) -> str:
    """The value of a number as the format itself writes it, else `value`, that of a text."""
    own = TableFormat(format=settings.format, timezone=settings.timezone)
    is_workbook = settings.format == "xlsx"
    if column.data_type in ("bigint", "decimal(18,4)", "double"):
        plain = f"({cells.plain_number(text)})" if is_workbook else text
        written = text if column.data_type == "double" else plain
        number = _FROM_TEXT[column.data_type][0](written, own)
        return f"case when {cells.is_number(text)} then {number} else {value} end"
    if is_workbook and column.data_type == "date":
        day = f"({cells.serial(text)})"
        return f"coalesce(case when {day} = date_trunc('day', {day}) then {day}::date end, {value})"
    if is_workbook and column.data_type == "timestamp":
        return f"coalesce({_local_to_utc(f'({cells.serial(text)})', settings.timezone)}, {value})"
    return value


def _thousands(settings: TableFormat) -> str:
    """The characters that may separate thousands, none where nothing does."""
    return _SEPARATORS.get(settings.thousands_separator, settings.thousands_separator)


# How the digits before the decimals are grouped: 1,234,567 or, in India, 12,34,567. A group that is
# first begins with no 0: of 0.500, the point is no separator, it would be read as 500.
_GROUPS = {
    "threes": "[1-9][0-9]{{0,2}}({0}[0-9]{{3}})+",
    "indian": "[1-9][0-9]?({0}[0-9]{{2}})*{0}[0-9]{{3}}",
}


def _number_pattern(settings: TableFormat, fraction: str) -> str:
    """A regular expression for the declared notation; groups must be of the declared sizes."""
    whole = "[0-9]+"
    if separators := _thousands(settings):
        groups = _GROUPS[settings.digit_groups].format(f"[{re.escape(separators)}]")
        whole = f"([0-9]+|{groups})"
    point = re.escape(settings.decimal_separator)
    # A point alone is matched too, and cast to nothing.
    return f"[+-]?({whole}({point}{fraction})?|{point}{fraction})"


def _is_number(text: str, settings: TableFormat) -> str:
    """SQL: whether a text is a number in the declared notation or the format's own."""
    pattern = sql.literal(_number_pattern(settings, "[0-9]*"))
    declared = f"regexp_full_match({text}, {pattern})"
    return f"({declared} or {cells.is_number(text)})" if settings.has_numbers else declared


def _number_text(compact: str, settings: TableFormat) -> str:
    """The text without thousands separators and with a decimal point."""
    separators = _thousands(settings)
    if not separators and settings.decimal_separator == ".":
        return compact
    return f"translate({compact}, {sql.literal(settings.decimal_separator + separators)}, '.')"


def _if_matches(compact: str, pattern: str, value: str) -> str:
    return f"case when regexp_full_match({compact}, {sql.literal(pattern)}) then {value} end"


def _whole_number(compact: str, settings: TableFormat) -> str:
    # 6.0 is how many tools write the whole number 6.
    value = f"try_cast(split_part({_number_text(compact, settings)}, '.', 1) as bigint)"
    return _if_matches(compact, _number_pattern(settings, "0*"), value)


def _decimal(compact: str, settings: TableFormat) -> str:
    # At most four significant decimals: a longer fraction would be rounded silently.
    value = f"try_cast({_number_text(compact, settings)} as decimal(18,4))"
    return _if_matches(compact, _number_pattern(settings, "[0-9]{0,4}0*"), value)


def _double(compact: str, settings: TableFormat) -> str:
    pattern = _number_pattern(settings, "[0-9]*") + "([eE][+-]?[0-9]{1,3})?"
    value = f"try_cast({_number_text(compact, settings)} as double)"
    finite = f"(case when isfinite({value}) then {value} end)"
    return _if_matches(compact, pattern, finite)


def _boolean(compact: str, _settings: TableFormat) -> str:
    return (
        f"case when lower({compact}) in {sql.text_list(TRUE_WORDS)} then true "
        f"when lower({compact}) in {sql.text_list(FALSE_WORDS)} then false end"
    )


def _format_list(formats: tuple[str, ...]) -> str:
    return "[" + ", ".join(sql.literal(entry) for entry in formats) + "]"


def _date(compact: str, settings: TableFormat) -> str:
    if settings.date_format:
        return f"try_strptime({compact}, {_format_list(settings.date_format)})::date"
    value = f"try_cast({compact} as date)"
    return _if_matches(compact, "[0-9]{4}-[0-9]{2}-[0-9]{2}", value)


def _local_to_utc(value: str, zone: str) -> str:
    """A naive local timestamp as a naive UTC one.

    Of an hour that occurs twice the later instant (standard time) is taken; an hour that is
    skipped counts with the offset in force before it.
    """
    if zone == "UTC":
        return value
    return f"timezone('UTC', timezone({sql.literal(zone)}, {value}))"


def _instant(compact: str) -> str:
    """A timestamp with offset; DuckDB wants seconds, and no space before the offset."""
    with_seconds = f"regexp_replace({compact}, '^(.{{13}}:[0-9]{{2}}) ?([ZU+-])', '\\1:00\\2')"
    closed_up = f"regexp_replace({with_seconds}, ' ?(UTC|Z)$| ([+-])', '\\2')"
    zulu = f"({closed_up} || case when {compact} similar to '.*(UTC|Z)' then 'Z' else '' end)"
    return f"coalesce(try_cast({compact} as timestamptz), try_cast({zulu} as timestamptz))"


def _timestamp(compact: str, settings: TableFormat) -> str:
    if settings.timestamp_format:
        with_offset = tuple(f for f in settings.timestamp_format if re.search("%[zZ]", f))
        naive = tuple(f for f in settings.timestamp_format if f not in with_offset)
        choices = []
        if with_offset:
            parsed = f"try_strptime({compact}, {_format_list(with_offset)})"
            choices.append(f"timezone('UTC', {parsed})")
        if naive:
            parsed = f"try_strptime({compact}, {_format_list(naive)})"
            choices.append(_local_to_utc(parsed, settings.timezone))
        return choices[0] if len(choices) == 1 else f"coalesce({', '.join(choices)})"
    instant = f"timezone('UTC', {_instant(compact)})"
    local = _local_to_utc(f"try_cast({compact} as timestamp)", settings.timezone)
    either = (
        f"case when regexp_full_match({compact}, '{_ISO_OFFSET}') then {instant} else {local} end"
    )
    any_shape = _if_matches(compact, _ISO_TIMESTAMP, f"({either})")
    # Most timestamps are of one plain shape: only the others pay for the search.
    plain = f"{compact} like '____-__-__ __:__:__'"
    return f"case when {plain} then {local} else {any_shape} end"


# Types of Parquet files and query results that need no text in between; the others, decimals and
# binary fractions among them, are checked as the text that prints them.
_COMPATIBLE = {
    "bigint": r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER",
    "double": r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(.*\)|DOUBLE|FLOAT",
    "boolean": "BOOLEAN",
    "date": r"DATE|TIMESTAMP(_S|_MS|_NS)?",
    "timestamp": r"TIMESTAMP.*|DATE",
}


def _from_typed(
    text: str, source_type: str, column: Column, settings: TableFormat
) -> tuple[str, str]:
    """The value and reason code for a column that has a fitting type already."""
    if column.data_type == "timestamp":
        if source_type == "TIMESTAMP WITH TIME ZONE":
            return f"timezone('UTC', {text})", "not_a_timestamp"
        return _local_to_utc(f"try_cast({text} as timestamp)", settings.timezone), "not_a_timestamp"
    if column.data_type == "date" and source_type != "DATE":
        # Some programs, pandas among them, have no days but their first instants.
        is_midnight = f"{text} = date_trunc('day', {text})"
        return f"case when {is_midnight} then {text}::date end", "not_a_date"
    value = f"try_cast({text} as {column.data_type})"
    if column.data_type == "double":
        return f"case when isfinite({value}) then {value} end", "not_a_number"
    return value, "wrong_type"


# How each type is read from text, and the reason code for a text that does not fit.
_FROM_TEXT: dict[str, tuple[Callable[[str, TableFormat], str], str]] = {
    "varchar": (lambda text, _: text, ""),
    "bigint": (_whole_number, "not_a_whole_number"),
    "decimal(18,4)": (_decimal, "not_a_number"),
    "double": (_double, "not_a_number"),
    "boolean": (_boolean, "not_a_boolean"),
    "date": (_date, "not_a_date"),
    "timestamp": (_timestamp, "not_a_timestamp"),
}
