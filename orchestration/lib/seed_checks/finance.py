"""Checks of the rates of exchange."""

from collections.abc import Iterator
from decimal import Decimal

from orchestration.lib.seed_checks.cells import above_zero
from orchestration.lib.seed_checks.tables import Table, Tables
from orchestration.lib.seed_checks.values import as_decimal

# What a unit of a currency is worth after the way there and back, by rates of different sources.
_LEAST_ROUND_TRIP = Decimal("0.9")


def fx_rates(table: Table, _: Tables) -> Iterator[str]:
    """Rates of nothing, of a currency to itself, and those that are upside down."""
    yield from above_zero(table, "rate")
    for line, row in table.rows:
        if row["from_currency"] and row["from_currency"] == row["to_currency"]:
            yield table.at(line, "to_currency", "is from_currency itself; remove the row.")
    yield from _rates_upside_down(table)


def _rates_upside_down(table: Table) -> Iterator[str]:
    """Rates of one day, there and back, that are no inverse of each other, however roughly."""
    there: dict[tuple[str, str, str], tuple[int, Decimal]] = {}
    for line, row in table.rows:
        rate = as_decimal(row["rate"])
        day, source, target = row["rate_date"], row["from_currency"], row["to_currency"]
        if not rate or rate <= 0 or source == target:
            continue
        there[day, source, target] = line, rate
        other, back = there.get((day, target, source), (line, 1 / rate))
        if not _LEAST_ROUND_TRIP < rate * back < 1 / _LEAST_ROUND_TRIP:
            problem = (
                f"'{rate}' from {source} to {target}, but line {other} says '{back}' for the way "
                "back: one of the two is upside down; correct or remove it."
            )
            yield table.at(line, "rate", problem)
