"""What changed in a source's columns since the last delivery that was loaded."""

import json
from collections.abc import Sequence

from orchestration.lib.ingestion import headers
from orchestration.lib.ingestion.reader import Reader
from orchestration.lib.ingestion.run import Run, Task

# Of a table and source; a refresh that was stopped is followed by another one soon.
_KEPT = 20


def note(run: Run, reader: Reader, task: Task) -> tuple[str, ...]:
    """Phrases about columns that appeared, disappeared or changed their type; remembers them.

    Types are those of Parquet; texts have none. Objects of JSON may leave keys out at will, so
    that only new ones count. Call inside of the transaction that loads the file.
    """
    setting = f"columns of {task.label}"
    stored = run.ledger.settings.get(setting)
    before: dict[str, str] = json.loads(stored) if stored else {}
    now = {headers.shown(name): data_type for name, data_type in reader.columns().items()}
    if reader.json:
        now = {**before, **now}
    if now != before:
        run.ledger.set(setting, json.dumps(now, ensure_ascii=False))
    return changes(before, now) if before else ()


def keep(run: Run, task: Task, batch: int, phrases: Sequence[str]) -> None:
    """Remembers what was noted of a batch, until later ones have taken its place.

    The refresh that noted it may be stopped before anybody reads it. Call inside of the transaction
    that loads the file.
    """
    if phrases:
        last = list(kept(run, task).items())[1 - _KEPT :]
        told = {**dict(last), str(batch): list(phrases)}
        run.ledger.set(_noted(task), json.dumps(told, ensure_ascii=False))


def kept(run: Run, task: Task) -> dict[str, list[str]]:
    """What was noted of the last batches, by their number."""
    noted: dict[str, list[str]] = json.loads(run.ledger.settings.get(_noted(task), "{}"))
    return noted


def not_told(run: Run, setting: str, names: Sequence[str]) -> list[str]:
    """Those of the names that were not among them the last time; remembers them.

    Call inside of the transaction that loads the file.
    """
    told = json.loads(run.ledger.settings.get(setting, "[]"))
    if list(names) != told:
        run.ledger.set(setting, json.dumps(list(names)))
    return [name for name in names if name not in told]


def _noted(task: Task) -> str:
    return f"noted of {task.label}"


def changes(before: dict[str, str], now: dict[str, str]) -> tuple[str, ...]:
    """The differences between two deliveries' columns, as phrases."""
    new = [name for name in now if name not in before]
    gone = [name for name in before if name not in now]
    retyped = [
        f"{name} ({before[name].lower()} to {now[name].lower()})"
        for name in now
        if name in before and before[name] != now[name]
    ]
    return tuple(
        f"{what}: {', '.join(names)}"
        for what, names in (
            ("columns that are new since the last delivery", new),
            ("columns that are gone since then", gone),
            ("columns that changed their type", retyped),
        )
        if names
    )
