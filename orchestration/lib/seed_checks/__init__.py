"""Checks the seed CSVs before dbt loads them, so that a bad row is named by file, line and remedy.

What a seed looks like is read from its dbt properties (`_<area>__seeds.yml`): columns and types
from `column_types`, the key from `meta.key`, required columns from `meta.required` and `not_null`,
closed lists from `accepted_values`, references from `relationships`. What concerns one seed only,
such as the first day of a target's period, is a function of its name in the module of its area.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from orchestration.lib.periods import ISO_CALENDAR, Calendar
from orchestration.lib.seed_checks import finance, kpis, service, web
from orchestration.lib.seed_checks.cells import OF_EVERY_SEED, references
from orchestration.lib.seed_checks.tables import Table, Tables, declared_seeds, read

_OF_ONE_SEED: dict[str, Callable[[Table, Tables], Iterable[str]]] = {
    "channel_rules": web.channel_rules,
    "source_categories": web.source_categories,
    "campaign_aliases": web.campaign_aliases,
    "funnel_steps": web.funnel_steps,
    "page_rules": web.page_rules,
    "bot_user_agents": web.bot_user_agents,
    "kpi_catalogue": kpis.kpi_catalogue,
    "kpi_targets": kpis.kpi_targets,
    "market_size": kpis.market_size,
    "corrective_actions": kpis.corrective_actions,
    "fx_rates": finance.fx_rates,
    "business_hours": service.business_hours,
    "sla_targets": service.sla_targets,
}


def check_seeds(
    directory: Path, properties: Path | None = None, calendar: Calendar = ISO_CALENDAR
) -> list[str]:
    """Everything that is wrong with the seed CSVs below `directory`; empty when all is well.

    `properties` is the tree that holds the `_<area>__seeds.yml` files, `directory` itself when
    None; a CSV has the same relative path in both. `calendar` is how the company cuts its periods.
    Messages come in the order of files and lines of a file's general checks, then those over
    several seeds. Never raises for a bad CSV.
    """
    seeds = declared_seeds(properties or directory)
    problems = [
        f"{path.relative_to(directory).as_posix()}: no seed has this name; rename or remove it."
        for path in sorted(directory.rglob("*.csv"))
        if path.relative_to(directory).as_posix() not in {seed.file for seed in seeds}
    ]
    tables: dict[str, Table] = {}
    for seed in seeds:
        table = Table(seed, calendar)
        unread = list(read(directory / seed.file, table))
        table.is_whole = not unread
        problems += unread
        problems += [message for check in OF_EVERY_SEED for message in check(table)]
        tables[seed.name] = table
    problems += [message for table in tables.values() for message in references(table, tables)]
    for name, check in _OF_ONE_SEED.items():
        if name in tables:
            problems += check(tables[name], tables)
    return problems
