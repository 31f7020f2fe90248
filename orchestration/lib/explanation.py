"""The rules that explain a change, as SQL for any relation that looks like a published one.

Each rule stands once, as a dbt macro: dbt compiles it into the table of the usual pairs of periods,
and this module renders the same file for pairs that somebody asks for.
"""

from orchestration.lib import macros

# The segment of whatever names none.
UNKNOWN = "(unknown)"
# What the macros call in turn.
CALLED = ("engine/four_decimals.sql", "kpi/ratio.sql")


def change_effects_sql(pairs: str, kpi_values: str) -> str:
    """CTEs, without the leading `with`; the last is `change_effects`.

    `pairs` and `kpi_values` are names of relations with the columns that the macro states.
    """
    return _rendered("change_effects", pairs, kpi_values)


def driver_effects_sql(pairs: str, levels: str) -> str:
    """CTEs, without the leading `with`; the last is `driver_effects`.

    `pairs` and `levels` are names of relations with the columns that the macro states.
    """
    return _rendered("driver_effects", pairs, levels)


def _rendered(macro: str, *relations: str) -> str:
    return macros.rendered(macro, *relations, files=(*CALLED, f"kpi/{macro}.sql"))
