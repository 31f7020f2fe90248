"""A hundred times the same is told once, and what others wrote commands no terminal."""

from pathlib import Path

import pytest

from orchestration.lib import sentences
from orchestration.lib.company import CompanyError
from orchestration.lib.refresh import open_refresh
from orchestration.settings import environment, load


def test_the_first_few_names_are_told_and_how_many_more_there_are() -> None:
    assert sentences.few(["a", "b", "c"]) == "a, b, c"
    assert sentences.few(list("abcdefg")) == "a, b, c and 4 more"


def test_what_says_the_same_of_other_values_is_told_of_the_first_few() -> None:
    said = [f"fx.csv, line {n}, column rate: '{n}x' is not a number." for n in range(2, 1502)]
    other = ["fx.csv, line 9, column from_currency: 'EURO' is not a code.", "fx.csv is empty."]
    assert sentences.together([*said[:2], other[0], *said[2:], other[1]]) == [
        "fx.csv, line 2, column rate: '2x' is not a number.",
        "fx.csv, line 3, column rate: '3x' is not a number.",
        "fx.csv, line 4, column rate: '4x' is not a number. And 1,497 more like it.",
        *other,
    ]
    assert sentences.together(said[:3]) == said[:3]
    assert sentences.together([]) == []


def test_a_text_of_others_is_one_line_that_commands_no_terminal() -> None:
    assert sentences.printable("été, 5 €") == "été, 5 €"
    assert sentences.printable("関東\u3000営業部, 5\u00a0€") == "関東\u3000営業部, 5\u00a0€"
    assert sentences.printable("a\nb\x1b[2J\u202e") == "a\\nb\\x1b[2J\\u202e"
    assert sentences.printable("a\u2028b") == "a\\u2028b"


def test_a_hundred_wrong_currencies_are_told_together(tmp_path: Path) -> None:
    rates = tmp_path / "seeds" / "finance" / "fx_rates.csv"
    rates.parent.mkdir(parents=True)
    rows = "".join(f"2026-01-01,Q{n:02},EUR,1.5\n" for n in range(100))
    rates.write_text(f"rate_date,from_currency,to_currency,rate\n{rows}")
    variables = {
        "WAREHOUSE_HOME": str(tmp_path / "home"),
        "WAREHOUSE_SEEDS": str(tmp_path / "seeds"),
    }
    with environment(variables), pytest.raises(CompanyError) as refused:
        open_refresh(load()).check_rules()
    place = "finance/fx_rates.csv, line {}, column from_currency: "
    assert str(refused.value).splitlines() == [
        place.format(2) + "'Q00' is not an ISO 4217 code; write one like EUR.",
        place.format(3) + "'Q01' is not an ISO 4217 code; write one like EUR.",
        place.format(4) + "'Q02' is not an ISO 4217 code; write one like EUR. And 97 more like it.",
    ]
