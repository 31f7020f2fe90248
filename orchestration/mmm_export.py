"""The weekly series of the current release as one wide CSV file, for a marketing mix model.

Meridian, Robyn and pymc-marketing all read one row a week (and region) with a column per channel;
a published table has the columns of its contract, so the channels are rows there and columns here.
"""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from orchestration.lib import points, spreadsheets
from orchestration.lib.publishing.reader import connect
from orchestration.settings import Settings

EXPORT = Path("exports") / "mmm_weekly.csv"
OUTCOMES = ("conversions", "new_customers", "revenue", "holidays", "discount_rate", "web_days_lost")
PAID = ("spend", "impressions", "clicks")
ORGANIC = ("sessions",)


def export(current: Settings) -> int:
    """Writes the file below the warehouse's home; 0 when it is written.

    Raises `NothingPublishedError` before the first publish.
    """
    names = ("week_start", "geo", "channel", *OUTCOMES, *PAID, *ORGANIC)
    with connect(current.home) as connection:
        found = connection.execute(
            f"select {', '.join(names)} from attribution.mmm_weekly order by all"
        ).fetchall()
    table = wide([dict(zip(names, row, strict=True)) for row in found])
    target = current.home / EXPORT
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    with partial.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(map(spreadsheets.harmless_row, table))
    partial.replace(target)
    points.reached("export written")
    print(f"{len(table) - 1} weeks of {len(table[0])} columns: {target}")
    return 0


def wide(rows: Sequence[dict[str, Any]]) -> list[list[Any]]:
    """Header and one row per week and region; no cell is empty.

    `<channel>_spend`, `_impressions` and `_clicks` of each channel that ever spent, and
    `<channel>_sessions` of the others. A rate without orders behind it is 0.
    """
    paid = {row["channel"] for row in rows if row["spend"] > 0}
    columns = [
        (channel, measure, f"{name}_{measure}")
        for channel, name in _names(sorted({row["channel"] for row in rows})).items()
        for measure in (PAID if channel in paid else ORGANIC)
    ]
    weeks: dict[tuple[Any, str], dict[str, dict[str, Any]]] = {}
    for row in rows:
        weeks.setdefault((row["week_start"], row["geo"]), {})[row["channel"]] = row
    table: list[list[Any]] = [["time", "geo", *OUTCOMES, *(name for _, _, name in columns)]]
    for (week, geo), channels in sorted(weeks.items()):
        outcome = next(iter(channels.values()))
        values = [channels[channel][measure] for channel, measure, _ in columns]
        table.append([week, geo, *(outcome[name] or 0 for name in OUTCOMES), *values])
    return table


def _names(channels: Sequence[str]) -> dict[str, str]:
    """Channels as names that every tool takes: lower case, digits and underscores, each once."""
    names: dict[str, str] = {}
    for channel in channels:
        name = re.sub(r"[^a-z0-9]+", "_", channel.lower()).strip("_") or "channel"
        taken = set(names.values())
        number = 2
        unique = name
        while unique in taken:
            unique = f"{name}_{number}"
            number += 1
        names[channel] = unique
    return names
