"""Every model means the same on each engine, and each of these rules is able to say otherwise."""

from collections.abc import Callable

import pytest

from orchestration.settings import DBT_PROJECT_DIR
from tests.project import engine_rules as rules

Rule = Callable[[rules.Models], list[str]]


@pytest.fixture(scope="session")
def models() -> dict[str, str]:
    return rules.rendered_models(DBT_PROJECT_DIR)


def test_every_model_is_rendered(models: dict[str, str]) -> None:
    assert len(models) == len(list((DBT_PROJECT_DIR / "models").rglob("*.sql"))) > 0
    assert not [name for name, sql in models.items() if "{{" in sql or "select" not in sql]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Rule, models: dict[str, str]) -> None:
    problems = rule(models)
    assert not problems, "\n".join(["", *problems])


GOOD = """
    select
        cast(date_trunc('week', day) as date) as week,
        cast(revenue as double) / nullif(orders, 0) as average,
        seconds_between(a, b) / 3600 as hours,
        cast(floor(cast(revenue as double) / 7) as bigint) as part,
        cast(business_time(a) as date) + interval '1' day as tomorrow,
        regexp_replace(source, '^www[.]', '') as host,
        regexp_extract(source, '(?is)^(.*?)(?:[$.]|text_end())', 1) as start,
        extract(year from day) as year,
        percentile_cont(0.5) within group (order by hours) as median,
        row_number() over (order by a desc nulls last, b nulls first) as n,
        greatest(a, null) || least(b, c) as bounds
    from days
    left join rates
        on days.day = rates.day and days.at >= rates.valid_from and rates.currency = 'EUR'
"""

VIOLATIONS: list[tuple[Rule, str, str]] = [
    (rules.models_parse_as_spark, "a // b", "Spark cannot read it"),
    (rules.models_parse_as_spark, "{'a': 1}", "Spark cannot read it"),
    (rules.models_parse_as_spark, "list_transform(l, lambda x: x + 1)", "Spark cannot read it"),
    (rules.sorts_place_their_nulls, "row_number() over (order by a)", "order by a"),
    (rules.sorts_place_their_nulls, "row_number() over (order by a desc)", "order by a DESC"),
    (rules.divisions_are_of_doubles, "revenue / nullif(orders, 0)", "revenue / NULLIF(orders, 0)"),
    (rules.divisions_are_of_doubles, "sum(a) / 100", "SUM(a) / 100"),
    (
        rules.fractions_are_rounded_before_they_are_cast,
        "cast(cast(a as double) / b as bigint)",
        "rounds on one engine",
    ),
    (
        rules.fractions_are_rounded_before_they_are_cast,
        "cast(seconds_between(a, b) as int)",
        "rounds on one engine",
    ),
    (rules.truncated_dates_are_cast, "date_trunc('week', day)", "cast({{ dbt.date_trunc"),
    (
        rules.truncated_dates_are_cast,
        "cast(date_trunc('week', day) as timestamp)",
        "cast({{ dbt.date_trunc",
    ),
    (rules.weekdays_are_not_extracted, "extract(dow from day)", "another day"),
    (rules.replacements_are_anchored, "regexp_replace(a, '[.]', '')", "anchor the pattern"),
    (rules.line_ends_are_read_alike, "regexp_extract(a, '[?]([^?]*)$', 1)", "text_end()"),
    (rules.line_ends_are_read_alike, "regexp_extract(a, '(?i)x(.*)', 1)", "(?s)"),
    (rules.line_ends_are_read_alike, "regexp_replace(a, '^x.', '')", "(?s)"),
    (
        rules.wall_clock_times_are_not_shifted,
        "business_time(a) + interval '1' day",
        "shift the instant",
    ),
    (
        rules.wall_clock_times_are_not_shifted,
        "business_time(a) - interval '1' hour",
        "shift the instant",
    ),
    *(
        (
            rules.left_joins_have_keys,
            f"(select 1 from a left join b on a.k = b.k and {wrong})",
            shown,
        )
        for wrong, shown in [
            ("a.kind = 'x'", "a.kind = 'x'"),
            ("a.category is null", "a.category IS NULL"),
            ("(a.at < b.until or b.until is null)", "a.at < b.until OR"),
        ]
    ),
    *(
        (rules.refused_functions, expression, rules.REFUSED[called])
        for called, expression in {
            "anyvalue": "any_value(a)",
            "argmax": "arg_max(a, b)",
            "argmin": "arg_min(a, b)",
            "array": "[1, 2]",
            "arrayagg": "array_agg(a)",
            "bracket": "a[1]",
            "concat": "concat(a, b)",
            "date_part": "date_part('dow', a)",
            "dayofweek": "dayofweek(a)",
            "dayofweekiso": "isodow(a)",
            "epoch": "epoch(a)",
            "explode": "explode(a)",
            "first": "first(a)",
            "groupconcat": "string_agg(a, ',')",
            "hash": "hash(a)",
            "ignorenulls": "last_value(a ignore nulls) over (partition by b)",
            "intdiv": "a div b",
            "lambda": "filter(a, x -> x)",
            "last": "last(a)",
            "lower": "lower(a)",
            "quantile_cont": "quantile_cont(a, 0.5)",
            "rand": "rand()",
            "random": "random()",
            "strposition": "strpos(a, b)",
            "struct": "struct(a, b)",
            "timetostr": "date_format(a, 'y')",
            "strftime": "strftime(a, '%Y')",
            "trim": "trim(a)",
            "unnest": "unnest(a)",
            "uuid": "uuid()",
            "weekday": "weekday(a)",
            "xxhash64": "xxhash64(a)",
        }.items()
    ),
]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_portable_sql_passes(rule: Rule) -> None:
    assert rule({"good": GOOD}) == []


@pytest.mark.parametrize(
    ("rule", "expression", "named"),
    VIOLATIONS,
    ids=[f"{rule.__name__}-{expression}" for rule, expression, _ in VIOLATIONS],
)
def test_what_engines_read_differently_is_found(rule: Rule, expression: str, named: str) -> None:
    problems = rule({"bad": f"select {expression} as x from t"})
    assert problems
    assert all(problem.startswith("bad: ") for problem in problems)
    assert named in problems[0]


def test_a_pivot_is_found() -> None:
    problems = rules.refused_functions({"bad": "select * from t pivot (count(a) for b in (1, 2))"})
    assert rules.REFUSED["pivot"] in problems[0]


def test_every_rule_is_proven_able_to_fail() -> None:
    assert {rule for rule, _, _ in VIOLATIONS} == set(rules.RULES)
