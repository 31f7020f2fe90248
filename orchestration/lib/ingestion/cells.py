"""Values of formats that have numbers of their own (workbooks, JSON), as SQL over their text.

A number is read as the format writes it, with a point, whatever notation the source declares for
its texts. A workbook's number is binary: it keeps 15 digits, and further ones are noise.
"""

from orchestration.lib.ingestion import sql

_NUMBER = "[+-]?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?"
_WITH_EXPONENT = "[+-]?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+"
# 2 July 1950 and 14 October 2173 as days since 30 December 1899: what lies outside is no date of a
# business but a year, an amount or an identifier in the wrong column.
_FIRST_SERIAL, _LAST_SERIAL = 18_446, 99_999
ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!")


def is_number(text: str) -> str:
    """SQL: whether the text is a number as workbooks and JSON write it."""
    return f"regexp_full_match({text}, '{_NUMBER}')"


def plain_number(text: str) -> str:
    """SQL: a number without exponent and binary noise; null where it has lost digits.

    `59.970000000000006` is 59.97, since no other amount is as near; `0.33333333333333331` is no
    amount and stays; `1.2345678901234568E+16` has lost its last digits.
    """
    number = f"try_cast({text} as double)"
    amount = f"format('{{:.4f}}', {number})"
    return (
        f"case when regexp_full_match({text}, '[+-]?[0-9]+([.][0-9]{{0,4}}0*)?') then {text} "
        f"when abs({number}) >= 1e15 then null "
        f"when abs({amount}::double - {number}) <= abs({number}) * 1e-15 then {amount} "
        f"else try_cast({text} as decimal(38,20))::varchar end"
    )


def serial(text: str) -> str:
    """SQL: the local timestamp (to the millisecond) of a date's serial number, else null."""
    days = f"try_cast({text} as double)"
    milliseconds = f"round({days} * 86400000)::bigint"
    return (
        f"case when regexp_full_match({text}, '[0-9]{{5}}([.][0-9]+)?') "
        f"and {days} between {_FIRST_SERIAL} and {_LAST_SERIAL} "
        f"then timestamp '1899-12-30' + to_milliseconds({milliseconds}) end"
    )


def error_fault(text: str) -> str:
    """SQL `when` clause for a text that is a spreadsheet's error."""
    # Comparing the first characters is nearly free.
    return f"when {text} < '$' and {text} in {sql.text_list(ERRORS)} then 'cell_error'"


def rounded_fault(text: str) -> str:
    """SQL `when` clause for an identifier of many digits as a spreadsheet writes it to CSV.

    Or a program that takes it for a binary fraction. It is then the same text for several
    identifiers, which would join as one.
    """
    return (
        f"when (contains({text}, 'E+') or contains({text}, 'e+')) and "
        f"regexp_full_match({text}, '[0-9]([.,][0-9]+)?[eE][+][0-9]{{2,3}}') then 'digits_lost'"
    )


def fault(text: str) -> str:
    """SQL `when` clauses for cells that are no values: errors, and identifiers cut by Excel."""
    return (
        f"when {text} in {sql.text_list(ERRORS)} then 'cell_error' "
        f"when regexp_full_match({text}, '{_WITH_EXPONENT}') "
        f"and abs(try_cast({text} as double)) >= 1e15 then 'digits_lost'"
    )
