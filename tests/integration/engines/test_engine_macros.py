"""Each macro that an engine writes its own way gives the same value on both."""

from typing import Any

import pytest

from orchestration.lib import dbt
from orchestration.lib.refresh import Refresh
from tests import keys

# Java's expressions take all of these for line ends; a line break is the only one for DuckDB's.
LINE_ENDS = "\n\u0085\u2028\u2029"
BLANKS = "\u0020\u00a0\u1680\u2000\u2005\u200a\u202f\u205f\u3000"


def key(*parts: str) -> str:
    return str(keys.key(*parts))


def instant(text: str) -> str:
    return f"cast('{text}' as timestamp)"


def days(first: str, second: str, part: str) -> str:
    dates = ", ".join(f"\"cast('{day}' as date)\"" for day in (first, second))
    return f"{{{{ dbt.datediff({dates}, '{part}') }}}}"


def hours(*values: float | None) -> str:
    """A table of one column of doubles, `x`."""
    rows = [f"select cast({'null' if x is None else x} as double) as x" for x in values]
    return f"({' union all '.join(rows)}) as hours"


CASES: dict[str, tuple[str, str | None]] = {
    "texts listed": (
        "(select {{ listed('x') }} from (select 'shop_uk' as x union all select 'shop_de'"
        " union all select null union all select 'shop_uk') as texts)",
        "shop_de, shop_uk",
    ),
    "no texts listed": (
        "(select {{ listed('x') }} from (select nullif('a', 'a') as x) as texts)",
        None,
    ),
    "a key of one part": ("""{{ integer_key(["'a'"]) }}""", key("a")),
    "a key of two parts": ("""{{ integer_key(["'é'", "'b|c'"]) }}""", key("é", "b|c")),
    "a key of another split": ("""{{ integer_key(["'é|b'", "'c'"]) }}""", key("é|b", "c")),
    "a key of numbers": ("""{{ integer_key(["12", "3"]) }}""", key("12", "3")),
    "a key of a date": ("""{{ integer_key(["cast('2026-03-01' as date)"]) }}""", key("2026-03-01")),
    "a key without outer blanks": (f"""{{{{ integer_key(["'{BLANKS}a '"]) }}}}""", key("a")),
    "a key with a missing part": ("""{{ integer_key(["null", "'b'"]) }}""", key("", "b")),
    "no key without the last part": ("""{{ integer_key(["'a'", "null"]) }}""", None),
    "no key of an empty last part": ("""{{ integer_key(["'a'", "' '"]) }}""", None),
    "a key of what identifies somebody": ("""{{ identifying_key("'a'") }}""", key("a")),
    "no key of what identifies nobody": ("""{{ identifying_key("'nobody-a'") }}""", None),
    "no identifying key of nothing": ("""{{ identifying_key("null") }}""", None),
    "a hash of nothing": ("{{ hash_to_bigint('null') }}", None),
    "every blank trimmed": (f"""{{{{ trimmed("'{BLANKS}a b{BLANKS}'") }}}}""", "a b"),
    "lower case": (
        "{{ lowered(\"'WEBİNAR Straẞe ÉTÉ ΟΔΟΣ IĞDIR'\") }}",
        "webinar straße été οδοσ iğdir",
    ),
    "no lower case": ("{{ lowered('null') }}", None),
    "a tab kept": ("""length({{ trimmed("'\tx'") }})""", "2"),
    "nothing trimmed": ("{{ trimmed('null') }}", None),
    "seconds": (
        f'{{{{ seconds_between("{instant("2026-03-01 10:00:00")}",'
        f' "{instant("2026-03-01 10:30:00.500000")}") }}}}',
        "1800.5",
    ),
    "seconds over the start of summer time": (
        f'{{{{ seconds_between("{instant("2026-03-29 00:00:00")}",'
        f' "{instant("2026-03-30 00:00:00")}") }}}}',
        "86400.0",
    ),
    "seconds back": (
        f'{{{{ seconds_between("{instant("2026-03-01 10:00:00")}",'
        f' "{instant("2026-03-01 09:59:59")}") }}}}',
        "-1.0",
    ),
    "an instant as a number": (
        f'{{{{ microseconds("{instant("1969-12-31 23:59:59.999999")}") }}}}',
        "-1",
    ),
    **{
        f"the instant of {number}": (f"{{{{ instant_of('cast({number} as bigint)') }}}}", found)
        for number, found in {
            "1500000": "1970-01-01 00:00:01.5",
            "-1000000": "1969-12-31 23:59:59",
        }.items()
    },
    **{
        f"business time of {utc}": (f'{{{{ business_time("{instant(utc)}") }}}}', local)
        for utc, local in {
            "2026-01-01 23:30:00": "2026-01-02 00:30:00",
            "2026-03-29 00:59:59": "2026-03-29 01:59:59",
            "2026-03-29 01:00:00": "2026-03-29 03:00:00",
            "2026-10-25 00:30:00": "2026-10-25 02:30:00",
            "2026-10-25 01:30:00": "2026-10-25 02:30:00",
        }.items()
    },
    **{
        f"start of {day}": (f"{{{{ business_day_start(\"cast('{day}' as date)\") }}}}", start)
        for day, start in {
            "2026-03-29": "2026-03-28 23:00:00",
            "2026-03-30": "2026-03-29 22:00:00",
            "2026-10-25": "2026-10-24 22:00:00",
            "2026-10-26": "2026-10-25 23:00:00",
        }.items()
    },
    **{
        f"the instant of {local}": (f'{{{{ utc_instant("{instant(local)}") }}}}', utc)
        for local, utc in {
            "2026-01-02 00:30:00": "2026-01-01 23:30:00",
            "2026-07-01 00:00:00": "2026-06-30 22:00:00",
            "2026-03-29 02:30:00": "2026-03-29 01:30:00",
            "2026-10-25 02:00:00": "2026-10-25 01:00:00",
            "2026-10-25 02:30:00": "2026-10-25 01:30:00",
            "2026-10-25 03:00:00": "2026-10-25 02:00:00",
        }.items()
    },
    "business date": (f'{{{{ business_date("{instant("2026-06-30 22:00:00")}") }}}}', "2026-07-01"),
    **{
        f"{value!r} against {pattern!r}": (
            f"""{{{{ full_match("'{value}'", "'{pattern}'") }}}}""",
            outcome,
        )
        for value, pattern, outcome in [
            ("google.com", "google[.]com", "true"),
            ("Google.Com", "google[.]com", "true"),
            ("ÉTÉ_2026", "été_.*", "true"),
            ("google.com.evil", "google[.]com", "false"),
            ("cpc", "cpc|ppc", "true"),
            ("xcpc", "cpc|ppc", "false"),
            ("cpc\n", "cpc", "false"),
            ("l\u0131nkedin", "linkedin", "false"),
            ("LİNKEDİN", "linkedin", "false"),
            ("I\u015f\u0131k", "\u0131.*|i\u015fik", "false"),
            ("I\u015f\u0131K İzmir", "i\u015e[\u0131]k [İ]ZMIR", "true"),
            ("STRAẞE", "stra[ß]e", "true"),
            ("a\nb", "a.b", "false"),
            ("", ".*", "true"),
        ]
    },
    "a dot for a carriage return": (
        """{{ full_match("('a' || chr(13) || 'b')", "'a.b'") }}""",
        "true",
    ),
    "no match of nothing": ("""{{ full_match("null", "'.*'") }}""", None),
    "a third of an amount": ("{{ allocated_share('1000', '1', '3') }}", "333"),
    "a third of a debt": ("{{ allocated_share('-1000', '1', '3') }}", "-333"),
    "a share of a large amount": (
        "{{ allocated_share('999999999999999999', '999999999', '1000000000') }}",
        "999999998999999999",
    ),
    "a share of a debt by parts in small coin": (
        "{{ allocated_share('-58000000', '-600000000000', '-1000000000000') }}",
        "-34800000",
    ),
    "a share larger than the amount": (
        "{{ allocated_share('500000000', '20000000000', '500000000') }}",
        "20000000000",
    ),
    "a double half-way": ("{{ four_decimals('cast(0.14125 as double)') }}", "0.1413"),
    "a debt half-way": ("{{ four_decimals('cast(-0.14125 as double)') }}", "-0.1413"),
    "a third of an amount alike": ("{{ even_share('500 + 500', '3') }}", "333"),
    "a third of a debt alike": ("{{ even_share('-1000', '2 + 1') }}", "-333"),
    "a number halved": ("{{ halved('1000000001', '1 + 2') }}", "125000000"),
    "a number halved no time": ("{{ halved('9223372036854775807', '0') }}", "9223372036854775807"),
    "a number halved down to nothing": ("{{ halved('cast(5 as bigint)', '400') }}", "0"),
    **{
        f"the quantile of {share} of {values}": (
            f"(select {{{{ percentile('x', {share}, beside={beside}) }}}} from {hours(*values)})",
            quantile,
        )
        for share, beside, values, quantile in [
            (0.5, 0.9, (4.0, 1.0, 2.5), "2.5"),
            (0.5, 0.9, (4.0, None, 1.0), "2.5"),
            (0.9, 0.5, (0.0, 10.0), "9.0"),
            (0.9, 0.5, (None,), None),
        ]
    },
    **{
        f"business month of {at}": (f'{{{{ business_month("{instant(at)}") }}}}', month)
        for at, month in {
            "2026-06-30 21:59:59": "2026-06-01",
            "2026-06-30 22:00:00": "2026-07-01",
            "2026-12-31 23:00:00": "2027-01-01",
            "2026-02-15 12:00:00": "2026-02-01",
        }.items()
    },
    **{
        f"{part}s from {first} to {second}": (days(first, second, part), expected)
        for first, second, part, expected in [
            ("2026-02-28", "2026-03-01", "day", "1"),
            ("2026-03-01", "2026-02-28", "day", "-1"),
            ("2026-01-31", "2026-02-28", "month", "1"),
            ("2026-03-31", "2026-02-28", "month", "-1"),
            ("2025-12-31", "2026-01-01", "month", "1"),
            ("2026-03-31", "2026-04-01", "quarter", "1"),
            ("2025-12-31", "2026-01-01", "year", "1"),
        ]
    },
    "numbers in natural order": (
        """{{ natural_order("'b_9/w10.csv'") }}""",
        "b_00000000000000000009/w00000000000000000010\tcsv",
    ),
    "a second download after the first": (
        """{{ natural_order("'export.csv.GZ'") }} < {{ natural_order("'export (1).csv.GZ'") }}""",
        "true",
    ),
    "a host": ("""{{ url_host("'https://u@WWW.Shop.example:8443/a?b'") }}""", "shop.example"),
    "no host": ("""{{ url_host("'/a/b'") }}""", None),
    "a path with a line end": ("""length({{ url_path("'https://x.example/a\n'") }})""", "3"),
    **{
        f"a tag before {end!a}": (f"""length({{{{ tag_text("'cpc{end}'") }}}})""", "4")
        for end in LINE_ENDS
    },
    **{
        f"parameters around {end!a}": (
            f"""length({{{{ url_parameters("'/a?b{end}&c{end}'") }}}})""",
            "6",
        )
        for end in LINE_ENDS
    },
    "parameters that tell something": (
        """{{ url_parameters("'/a?a=null&b=&c=nano&d=(Not%20set)'") }}""",
        "&c=nano&",
    ),
    "a text encoded twice": ("""{{ url_decoded("'caf%25C3%25A9+%2B'") }}""", "café +"),
    "a share that is no escape": ("""{{ url_decoded("'20%25Deal'") }}""", "20%Deal"),
    "without accents": (
        """{{ folded("'Țară ŁÓDŹ Ea\u0323\u0302 Ệ İ Æ ß'") }}""",
        "tara lodz ea e i æ ß",
    ),
    "an encoded line end": ("""length({{ tag_text("'cpc%0a'") }})""", "4"),
    "a letter that was lost": (
        """{{ url_decoded("'caf%ef%BF%bd+\ufffd'") }}""",
        "caf\ufffd \ufffd",
    ),
    "what is not UTF-8 beside it": (
        """{{ url_decoded("'caf%e9+\ufffd'") }}""",
        "caf%e9+\ufffd",
    ),
    # What models rely on without a macro.
    "half of a cent away from zero": ("{{ in_reporting_currency('0.0001', '0.5') }}", "0.0001"),
    "half of a cent of a debt": ("{{ in_reporting_currency('-0.0001', '0.5') }}", "-0.0001"),
    "an amount at a rate of six digits": (
        "{{ in_reporting_currency('2.5', '103820.12345678') }}",
        "259550.3086",
    ),
    "the largest amount": (
        "{{ in_reporting_currency('-99999999999999.9999', '1') }}",
        "-99999999999999.9999",
    ),
    "minor units and back": ("{{ from_minor_units(minor_units('-12.3456')) }}", "-12.3456"),
    "a ratio": ("{{ ratio('cast(7 as decimal(18, 4))', '2') }}", "3.5"),
    "no ratio": ("{{ ratio('7', '0') }}", None),
    "the greatest of what is known": ("greatest(1, null, 3)", "3"),
    "the least of what is known": ("least(cast(null as bigint), 2)", "2"),
    "text with nothing": ("'a' || null", None),
    "the month before the last of March": (
        "cast(cast('2026-03-31' as date) - interval '1' month as date)",
        "2026-02-28",
    ),
    "a Sunday's week": (
        """cast({{ dbt.date_trunc('week', "cast('2026-03-01' as date)") }} as date)""",
        "2026-02-23",
    ),
    "minutes after midnight": (
        """{{ dbt.dateadd('minute', '90', "cast('2026-03-29' as date)") }}""",
        "2026-03-29 01:30:00",
    ),
    "a day's end": (
        f"{instant('2026-03-28 12:00:00')} + {{{{ day_interval(2) }}}}",
        "2026-03-30 12:00:00",
    ),
}
SPARK_CASES: dict[str, tuple[str, str | None]] = {
    "a literal": ("""{{ text_literal("l'été à 5\\\\d") }}""", "l'été à 5\\d"),
    "a missing literal": ("{{ text_literal(none) }}", None),
}


def values(refresh: Refresh, cases: dict[str, tuple[str, str | None]]) -> dict[str, Any]:
    """What an engine makes of each case, as text."""
    query = " union all ".join(
        f"select {number} as number, cast({expression} as {{{{ dbt.type_string() }}}}) as value"
        for number, (expression, _) in enumerate(cases.values())
    )
    arguments = ["show", "--inline", query, "--limit", "-1"]
    result = dbt.run(refresh.dbt_project, arguments, {"business_timezone": "Europe/Paris"})
    rows = {int(row[0]): row[1] for row in result.results[0].agate_table.rows}
    return {name: rows[number] for number, name in enumerate(cases)}


def expected(cases: dict[str, tuple[str, str | None]]) -> dict[str, str | None]:
    return {name: value for name, (_, value) in cases.items()}


def test_macros_on_duckdb(duckdb_engine: Refresh) -> None:
    assert values(duckdb_engine, CASES) == expected(CASES)


def test_macros_on_spark(spark: Refresh) -> None:
    cases = {**CASES, **SPARK_CASES}
    assert values(spark, cases) == expected(cases)


@pytest.mark.parametrize("part", ["week", "hour"])
def test_another_difference_is_refused_on_spark(spark: Refresh, part: str) -> None:
    # By day, month, quarter and year the same query works: see the cases.
    with pytest.raises(dbt.DbtError):
        values(spark, {"part": (days("2026-01-01", "2026-01-02", part), None)})


@pytest.mark.parametrize(
    "expression", ["cast('x' as bigint)", "cast(9223372036854775807 as bigint) + 1", "1 / 0"]
)
def test_spark_stays_strict(spark: Refresh, expression: str) -> None:
    # dbt-spark would have it give a null or another number.
    with pytest.raises(dbt.DbtError):
        values(spark, {"value": (expression, None)})
