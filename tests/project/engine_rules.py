"""The rules that keep a model's meaning the same on every engine, and its cost in proportion, as
functions over its SQL.

A rule takes the models' SQL by name and returns one sentence per violation; an empty list means
that the rule holds. The SQL is what sqlfluff's templater renders: dbt's own macros and those that
an engine dispatches stand as calls of their own name, so that what is left must be portable. What
merely fails on an engine is found by building on it; refused here is what answers differently, or
would not even be noticed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import sqlglot
from sqlfluff.core import FluffConfig
from sqlfluff.core.templaters.jinja import JinjaTemplater
from sqlglot import exp
from sqlglot.dialects.spark import Spark

Models = Mapping[str, str]

# A node's kind, or the name of a function that sqlglot does not know -> what it does, what to use.
REFUSED = {
    "anyvalue": "takes any row's value, another one each time; use min() or max()",
    "argmax": "is max_by() on the other engine; use row_number()",
    "argmin": "is min_by() on the other engine; use row_number()",
    "array": "arrays are written differently; use rows, or a macro in macros/engine/",
    "arrayagg": "has an order on one engine only; use rows, or a macro in macros/engine/",
    "avg": "adds doubles in any order, and differs in the last digit; use ratio() of exact sums",
    "bracket": "counts elements from 1 or from 0; use rows, or a macro in macros/engine/",
    "concat": "skips a null on one engine and is null on the other; use ||",
    "date_part": "numbers weekdays differently; use extract(), or a macro in macros/engine/",
    "dayofweek": "begins with Sunday as 0 or as 1; use a macro in macros/engine/",
    "dayofweekiso": "exists on one engine only; use a macro in macros/engine/",
    "epoch": "exists on one engine only; use seconds_between()",
    "explode": "is another function on the other engine; use a macro in macros/engine/",
    "first": "takes any row's value; use min(), max() or row_number()",
    "groupconcat": "orders its parts differently; use a macro in macros/engine/",
    "hash": "differs between engines and versions; use integer_key()",
    "ignorenulls": "stands in another place on each engine; use a macro in macros/engine/",
    "intdiv": "rounds another way; use floor(), or allocated_share() for amounts",
    "lambda": "is written differently; use rows, or a macro in macros/engine/",
    "last": "takes any row's value; use min(), max() or row_number()",
    "lower": "has its own way with İ and a last Σ on each engine; use lowered()",
    "pivot": "leaves an empty cell 0 or null; use sum(case when ... end)",
    "quantile_cont": "exists on one engine only; use percentile_cont() within group",
    "rand": "another answer each time",
    "random": "another answer each time",
    "strposition": "has its arguments in another order; use like, or a macro in macros/engine/",
    "struct": "is written differently; use columns, or a macro in macros/engine/",
    "timetostr": "has other patterns on each engine; use a macro in macros/engine/",
    "strftime": "exists on one engine only; use a macro in macros/engine/",
    "trim": "takes other blanks on each engine; use trimmed()",
    "unnest": "is another function on the other engine; use a macro in macros/engine/",
    "uuid": "another answer each time",
    "weekday": "begins with another day on each engine; use a macro in macros/engine/",
    "xxhash64": "exists on one engine only; use integer_key()",
}

WEEKDAYS = ("dow", "dayofweek", "isodow", "dayofweek_iso")
WHOLE_NUMBERS = (exp.DataType.Type.INT, exp.DataType.Type.BIGINT, exp.DataType.Type.SMALLINT)
DOUBLE_MACROS = ("seconds_between",)


class _NullsLarge(Spark):
    """Spark's dialect with the other default for nulls: what the two read alike is explicit."""

    NULL_ORDERING = "nulls_are_large"


def rendered_models(project: Path) -> dict[str, str]:
    """The SQL of every model below a dbt project's folder, by name."""
    config = FluffConfig.from_path(str(project / "models"))
    templater = JinjaTemplater()
    return {
        file.stem: str(
            templater.process(in_str=file.read_text(), fname=str(file), config=config)[0]
        )
        for file in sorted((project / "models").rglob("*.sql"))
    }


@cache
def _parse(sql: str, dialect: type[Spark] = Spark) -> exp.Expr:
    tree = sqlglot.parse_one(sql, dialect=dialect)
    assert isinstance(tree, exp.Expr)
    return tree


def _parsed(models: Models) -> Iterator[tuple[str, exp.Expr]]:
    for name, sql in models.items():
        if not _syntax_error(sql):
            yield name, _parse(sql)


def _syntax_error(sql: str) -> str | None:
    try:
        _parse(sql)
    except sqlglot.errors.SqlglotError as error:
        return str(error).splitlines()[0]
    return None


def models_parse_as_spark(models: Models) -> list[str]:
    """Every model is Spark SQL, apart from the macros that it calls."""
    return [
        f"{name}: Spark cannot read it ({error}); write it portably, or put what only one engine"
        " has into a dispatched macro in macros/engine/."
        for name, sql in models.items()
        if (error := _syntax_error(sql))
    ]


def refused_functions(models: Models) -> list[str]:
    """No function or syntax that exists on one engine only or means something else on another."""
    problems = []
    for name, tree in _parsed(models):
        for node in tree.walk():
            called = node.name.lower() if isinstance(node, exp.Anonymous) else node.key
            if called in REFUSED:
                problems.append(f"{name}: {_shown(node)} {REFUSED[called]}.")
    return problems


def sorts_place_their_nulls(models: Models) -> list[str]:
    """Every sort key says `nulls first` or `nulls last`: the engines' defaults differ."""
    problems = []
    for name, tree in _parsed(models):
        pairs = zip(
            tree.find_all(exp.Ordered),
            _parse(models[name], _NullsLarge).find_all(exp.Ordered),
            strict=True,
        )
        problems += [
            f"{name}: order by {_shown(small)} puts nulls first on one engine and last on the"
            " other; add nulls first or nulls last."
            for small, large in pairs
            if small.args.get("nulls_first") != large.args.get("nulls_first")
            and not small.find_ancestor(exp.WithinGroup)
        ]
    return problems


def divisions_are_of_doubles(models: Models) -> list[str]:
    """One side of each division is a double: the scale of a decimal quotient differs."""
    return [
        f"{name}: {_shown(node)} has another number of decimals on each engine;"
        " use ratio(), or cast the dividend as double."
        for name, tree in _parsed(models)
        for node in tree.find_all(exp.Div)
        if not _is_double(node)
    ]


def fractions_are_rounded_before_they_are_cast(models: Models) -> list[str]:
    """No cast of a fraction to a whole number: one engine rounds it, the other cuts it off."""
    return [
        f"{name}: {_shown(node)} rounds on one engine and cuts off on the other;"
        " put round(), floor() or ceil() inside."
        for name, tree in _parsed(models)
        for node in tree.find_all(exp.Cast)
        if node.to.this in WHOLE_NUMBERS and _is_double(node.this)
    ]


def truncated_dates_are_cast(models: Models) -> list[str]:
    """`date_trunc` stands in a cast to date: its own type is a date or an instant."""
    return [
        f"{name}: {_shown(node)} is a date on one engine and an instant on the other;"
        " use cast({{ dbt.date_trunc(...) }} as date)."
        for name, tree in _parsed(models)
        for node in tree.find_all(exp.TimestampTrunc, exp.DateTrunc)
        if not (isinstance(node.parent, exp.Cast) and node.parent.is_type("date"))
    ]


def weekdays_are_not_extracted(models: Models) -> list[str]:
    """No `extract(dow ...)`: the engines count weekdays from another day."""
    return [
        f"{name}: {_shown(node)} begins with another day on each engine;"
        " use a macro in macros/engine/."
        for name, tree in _parsed(models)
        for node in tree.find_all(exp.Extract)
        if node.name.lower() in WEEKDAYS
    ]


def replacements_are_anchored(models: Models) -> list[str]:
    """`regexp_replace` only with a pattern that can match once: one engine replaces one match."""
    return [
        f"{name}: {_shown(node)} replaces the first match or every match; anchor the pattern"
        " with ^, or use a macro in macros/engine/."
        for name, tree in _parsed(models)
        for node in tree.find_all(exp.RegexpReplace)
        if not str(node.expression.name).startswith("^")
    ]


def line_ends_are_read_alike(models: Models) -> list[str]:
    """No `$` in a pattern, nor a dot that stops at line ends: the engines know different ones."""
    problems = []
    for name, tree in _parsed(models):
        for node in tree.find_all(exp.RegexpExtract, exp.RegexpReplace):
            pattern = str(node.expression.name)
            plain = re.sub(r"\[[^]]*\]", "", pattern)
            if "$" in plain or ("." in plain and not re.match(r"\(\?[a-z]*s[a-z]*\)", plain)):
                problems.append(
                    f"{name}: {_shown(node)} ends at other characters on each engine;"
                    " put text_end() for a $, and (?s) before a pattern with a dot."
                )
    return problems


def wall_clock_times_are_not_shifted(models: Models) -> list[str]:
    """No interval is added to `business_time()`: some local hours occur twice, some never."""
    return [
        f"{name}: {_shown(node)} lands in an hour that may not exist, or exists twice;"
        " shift the instant, or cast to date first."
        for name, tree in _parsed(models)
        for node in tree.find_all(exp.Add, exp.Sub)
        if any(isinstance(side.unnest(), exp.Interval) for side in (node.left, node.right))
        and any(_is_macro(side, "business_time") for side in (node.left, node.right))
    ]


def left_joins_have_keys(models: Models) -> list[str]:
    """No condition of a left join is an `or` or leaves the joined table out.

    Such a one is tried on every pair of rows: nothing is wrong, and on a hundred times the rows it
    takes ten thousand times as long.
    """
    return [
        f"{name}: {_shown(condition)} is tried on every pair of rows; join on a key that is null"
        " where the row may have no partner."
        for name, tree in _parsed(models)
        for join in tree.find_all(exp.Join)
        if join.side == "LEFT"
        for condition in _conjuncts(join.args["on"])
        if isinstance(condition, exp.Or) or join.alias_or_name not in _tables(condition)
    ]


def _conjuncts(node: exp.Expr) -> list[exp.Expr]:
    inner = node.unnest()
    return [one.unnest() for one in inner.flatten()] if isinstance(inner, exp.And) else [inner]


def _tables(node: exp.Expr) -> set[str]:
    return {column.table for column in node.find_all(exp.Column)}


def _is_double(node: exp.Expr) -> bool:
    """Whether an expression is a double for certain, seen from its own text."""
    inner = node.unnest()
    if isinstance(inner, exp.Cast):
        return bool(inner.is_type("double"))
    if isinstance(inner, exp.Mul | exp.Div | exp.Add | exp.Sub):
        return _is_double(inner.left) or _is_double(inner.right)
    if isinstance(inner, exp.Nullif | exp.Coalesce | exp.Abs | exp.Neg):
        return _is_double(inner.this)
    return any(_is_macro(inner, name) for name in DOUBLE_MACROS)


def _is_macro(node: exp.Expr, name: str) -> bool:
    inner = node.unnest()
    return isinstance(inner, exp.Anonymous) and inner.name == name


def _shown(node: exp.Expr) -> str:
    text = node.sql(dialect=Spark)
    return text if len(text) <= 60 else f"{text[:57]}..."


RULES: list[Callable[[Models], list[str]]] = [
    models_parse_as_spark,
    refused_functions,
    sorts_place_their_nulls,
    divisions_are_of_doubles,
    fractions_are_rounded_before_they_are_cast,
    truncated_dates_are_cast,
    weekdays_are_not_extracted,
    replacements_are_anchored,
    line_ends_are_read_alike,
    wall_clock_times_are_not_shifted,
    left_joins_have_keys,
]
