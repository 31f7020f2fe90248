"""What databases and object stores offer: each offer becomes a private copy, then a file."""

from collections.abc import Callable
from dataclasses import dataclass

from orchestration.lib.ingestion import databases, object_stores
from orchestration.lib.ingestion.files import StagedFile
from orchestration.lib.ingestion.object_stores import EtagCache, StoredObject
from orchestration.lib.ingestion.run import Run, Task
from orchestration.lib.locations import DatabaseLocation


@dataclass(frozen=True)
class Offer:
    """One batch or object.

    `name` is what messages call it, `content_hash` is known where it has been fetched before.
    `fetch` gives the private copy, or None where nothing is new; it raises `FileRefusedError`.
    """

    name: str
    content_hash: str | None
    fetch: Callable[[], StagedFile | None]


def offers(
    run: Run, location: str | DatabaseLocation, tasks: list[Task], etags: EtagCache
) -> list[Offer]:
    """What a place offers for the tables that it feeds; raises `FileRefusedError`."""
    if isinstance(location, DatabaseLocation):
        return [Offer(location.label, None, lambda: databases.extract(run, location, tasks))]
    ratio = max(task.settings.max_compression_ratio for task in tasks)
    return [
        Offer(found.url, etags.get(found), _fetching(run, found, ratio, etags))
        for found in object_stores.listing(location)
    ]


def _fetching(
    run: Run, found: StoredObject, ratio: int, etags: EtagCache
) -> Callable[[], StagedFile]:
    def fetch() -> StagedFile:
        staged = object_stores.fetch(run, found, max_ratio=ratio)
        etags.put(found, staged.content_hash)
        return staged

    return fetch


def forget_failures(run: Run, tasks: list[Task], name: str) -> None:
    """Takes the refusal of a place that did not answer out of the ledger: now it did."""
    for task in tasks:
        with run.ledger.transaction():
            run.ledger.forget_refusals(task.source, task.table.name, name, None)
