"""What `source.yaml` says about reading a table, held against what its rows were read by.

A file is read once. Whoever corrects a column or a timezone would otherwise not notice that the
rows which are loaded still are what the former words made of them.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields

import duckdb

from orchestration.lib import sentences
from orchestration.lib.company import Expression, TableFormat
from orchestration.lib.contract import OPS_SCHEMA
from orchestration.lib.ingestion import sql
from orchestration.lib.ingestion.run import Run, Task

# These decide whether a file is taken, not what its values are.
_LIMITS = ("tolerance", "max_compression_ratio", "may_be_empty")
_COLUMN = "columns."
# The settings that tell what was noted: below which batch, and the keys.
_OUTDATED = "outdated rows of "
_NONE = "[0, []]"


def note_changes(run: Run, tasks: Iterable[Task], first_batch: int) -> None:
    """Notes once what is declared otherwise than when batches below `first_batch` were read."""
    changed = _changed(run, tasks)
    noted = {task.label: keys for task in changed if (keys := _note(run, task, first_batch))}
    if changed:
        with run.ledger.transaction():
            _store(run, changed)
            for label, keys in noted.items():
                _, former = json.loads(run.ledger.settings.get(_OUTDATED + label, _NONE))
                known = sorted({*keys, *former})
                run.ledger.set(_OUTDATED + label, json.dumps([first_batch, known]))


def adopt(run: Run, tasks: Iterable[Task]) -> None:
    """Takes the present words for those by which all rows were read; call in a transaction."""
    _store(run, _changed(run, tasks))
    for setting in [name for name in run.ledger.settings if name.startswith(_OUTDATED)]:
        run.ledger.set(setting, _NONE)


def outdated(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """What source.yaml says otherwise than when rows were read that are loaded still, by table."""
    stored = connection.execute(
        f"select name, value from {OPS_SCHEMA}.settings where starts_with(name, $1) order by name",
        [_OUTDATED],
    ).fetchall()
    labels = connection.execute(
        f"select source || '.' || table_name, min(batch_id) from {OPS_SCHEMA}.ledger "
        "where status = 'loaded' and rows_loaded > 0 group by all"
    ).fetchall()
    oldest = dict(labels)
    found = {}
    for name, value in stored:
        first_batch, keys = json.loads(value)
        label = name.removeprefix(_OUTDATED)
        if oldest.get(label, first_batch) < first_batch:
            found[label] = keys
    return found


def _changed(run: Run, tasks: Iterable[Task]) -> list[Task]:
    return [task for task in tasks if _stored(run, task) != _declared(task)]


def _stored(run: Run, task: Task) -> dict[str, list[str]] | None:
    text = run.ledger.settings.get(_setting(task))
    return None if text is None else dict(json.loads(text))


def _store(run: Run, tasks: Iterable[Task]) -> None:
    for task in tasks:
        run.ledger.set(_setting(task), json.dumps(_declared(task)))


def _setting(task: Task) -> str:
    return f"declaration of {task.label}"


def _declared(task: Task) -> dict[str, list[str]]:
    """Digests of what each key says that differs from its default: SQL may name a person."""
    said: dict[str, object] = {
        field.name: getattr(task.settings, field.name)
        for field in fields(TableFormat)
        if field.name not in _LIMITS and getattr(task.settings, field.name) != field.default
    }
    if task.config.query is not None:
        said["query"] = task.config.query
    columns = {
        f"{_COLUMN}{name}": [target.sql] if isinstance(target, Expression) else list(target)
        for name, target in (task.config.columns or {}).items()
        if target != (name,)
    }
    return {key: [_digest(value)] for key, value in sorted(said.items())} | {
        key: sorted(map(_digest, values)) for key, values in sorted(columns.items())
    }


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def _names(declared: dict[str, list[str]], key: str) -> list[str]:
    """Where a column comes from: if nothing is said, from the header of its own name."""
    own = [_digest(key.removeprefix(_COLUMN))] if key.startswith(_COLUMN) else []
    return declared.get(key, own)


def _note(run: Run, task: Task, first_batch: int) -> list[str]:
    """Notes which keys say something else than when rows were read, and gives them."""
    before, now = _stored(run, task), _declared(task)
    loaded = run.known(task).loaded.values()
    rows = sum(entry.rows_loaded for entry in loaded if entry.batch_id < first_batch)
    if before is None or not rows:
        return []
    keys = [
        key
        for key in sorted({*before, *now})
        if before.get(key) != now.get(key)
        and not (_is_further_name(before, now, key) and _has_values(run, task, key, first_batch))
    ]
    if not keys:
        return []
    run.notes.append(
        f"{task.label}: source.yaml says something else about "
        f"{sentences.few(keys)} now, and {rows:,} rows that were loaded before stay as they were "
        "read. `make rebuild` reads them again, by what it says now; leave it where only the new "
        "files differ."
    )
    return keys


def _is_further_name(before: dict[str, list[str]], now: dict[str, list[str]], key: str) -> bool:
    """Whether a column may still come from every header that it came from."""
    return key.startswith(_COLUMN) and set(_names(before, key)) <= set(_names(now, key))


def _has_values(run: Run, task: Task, key: str, first_batch: int) -> bool:
    """Whether the files had a header for a column: what none had may have the further name."""
    column = sql.identifier(key.removeprefix(_COLUMN))
    found = run.connection.execute(
        f"select count({column}) > 0 from {sql.raw_table(task.table.name)} "
        "where _source = $1 and _batch_id < $2",
        [task.source, first_batch],
    ).fetchone()
    return bool(found and found[0])
