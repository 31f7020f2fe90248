"""The rules that explain a change, as SQL for any relation that looks like a published one.

Each rule stands once, as a dbt macro: dbt compiles it into the table of the usual pairs of periods,
and this module renders the same file for pairs that somebody asks for. They call only macros
of `ratio.sql`, so that rendering them needs no dbt.
"""

from functools import cache

import jinja2

from orchestration.settings import DBT_PROJECT_DIR


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


@cache
def _rendered(macro: str, *relations: str) -> str:
    files = (DBT_PROJECT_DIR / "macros" / "kpi" / f"{name}.sql" for name in ("ratio", macro))
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    # It makes SQL of the project's own files, not HTML of anybody's text.
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701
    template = environment.from_string(source + f"{{{{ {macro}(*relations) }}}}")
    return template.render(relations=relations)
