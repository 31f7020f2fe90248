"""Expressions of `source.yaml` that give no value in any row: a name written wrong, most often."""

import re

from orchestration.lib.company import Expression
from orchestration.lib.ingestion import drift, sql
from orchestration.lib.ingestion.run import Run, Task

# In a handful of rows, nothing may be right.
_FEWEST_ROWS = 10
# What is null on purpose; not `nullif(...)`.
_SAYS_NULL = re.compile(r"\s*(?:(?:try_)?cast\s*\(\s*)?null\b", re.IGNORECASE)


def note(run: Run, task: Task, batch: int) -> tuple[str, ...]:
    """Phrases about columns whose expression is null in all rows of a stored batch.

    Each is told once, and again where it had values in between. Call inside of the transaction
    that loads the file.
    """
    names = [
        name
        for name, target in (task.config.columns or {}).items()
        if isinstance(target, Expression) and not _SAYS_NULL.match(target.sql)
    ]
    if not names:
        return ()
    counted = run.connection.execute(
        f"select count(*), {', '.join(f'count({sql.identifier(name)})' for name in names)} "
        f"from {sql.raw_table(task.table.name)} where _batch_id = {batch}"
    ).fetchone()
    rows, *values = counted or (0,)
    if rows < _FEWEST_ROWS:
        return ()
    blank = [name for name, count in zip(names, values, strict=True) if not count]
    return tuple(
        f"`{name}` is null in all {rows:,} rows: check its expression, or leave the column out"
        for name in drift.not_told(run, f"blank columns of {task.label}", blank)
    )
