"""What a release depends on, by fingerprint: whether a refresh could say anything new.

Landing files by name, size and times, the code, the company's sources and rules, the engine, the
business day, the hash key, and the ledger's journal. A refresh notes code and rules before it reads
the first of them, landing before it loads, and keeps them when it has published, with the journal
as it left it. Databases and object stores cannot be looked at
without asking them: a company that has one is always refreshed.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from orchestration.lib import points
from orchestration.lib.arrivals import look
from orchestration.lib.company import Company
from orchestration.lib.ingestion import journal
from orchestration.lib.ingestion.personal import key_id
from orchestration.lib.periods import business_day
from orchestration.settings import PROJECT_ROOT, Settings

CODE = ("dbt_project", "expectations", "orchestration", "seeds")
CODE_ENDINGS = {".csv", ".py", ".sql", ".yaml", ".yml"}


class Inputs:
    """The inputs of one refresh, as they were when it began."""

    def __init__(
        self, settings: Settings, company: Company, as_of: datetime, rules: str | None = None
    ) -> None:
        """`as_of` (naive UTC) counts by its business day.

        `rules` is their fingerprint from before they were read; without it, that of now.
        """
        self._stamp = settings.build / "inputs.json"
        self._journal = settings.archive / journal.NAME
        day = business_day(as_of, company.business_timezone)
        self._parts = {
            "landing": look(settings.landing, company, now=0, settle_seconds=0).fingerprint,
            "rules": rules or fingerprint_of_rules(settings),
            "engine": settings.engine,
            "day": day.isoformat(),
            "key": key_id(settings.hash_key),
        }
        self._is_complete = all(
            table.files for source in company.sources for table in source.tables.values()
        )

    def leave_open(self) -> None:
        """Says that not all of it was taken in, such as a file that is still being written."""
        self._is_complete = False

    def keep(self, release_id: str) -> None:
        """Remembers what a release was published from."""
        self._stamp.unlink(missing_ok=True)
        if self._is_complete:
            self._stamp.parent.mkdir(parents=True, exist_ok=True)
            self._stamp.write_text(json.dumps({"release": release_id, **self._now()}))
        points.reached("inputs kept")

    def are_those_of(self, release_id: str) -> bool:
        """Whether a refresh would publish what that release says already."""
        try:
            kept = json.loads(self._stamp.read_text())
        except (OSError, ValueError):
            return False
        return self._is_complete and kept == {"release": release_id, **self._now()}

    def _now(self) -> dict[str, str]:
        # The journal grows while files are loaded: it counts as it is now.
        return {**self._parts, "journal": _hash_of([self._journal])}


def fingerprint_of_rules(settings: Settings) -> str:
    """What code, sources and rules are now: whoever builds from them asks before reading any."""
    own = [settings.sources_dir, *([settings.seeds_dir] if settings.seeds_dir else [])]
    return _hash_of(_files([*_code(), *own]))


def fingerprint_of_code() -> str:
    """What the checkout's own code is now."""
    return _hash_of(_files(_code()))


def _code() -> list[Path]:
    return [PROJECT_ROOT / name for name in CODE]


def _files(directories: Iterable[Path]) -> list[Path]:
    return sorted(
        path
        for directory in directories
        for path in _below(directory, set())
        if path.suffix in CODE_ENDINGS and path.is_file()
    )


def _below(directory: Path, seen: set[Path]) -> Iterator[Path]:
    """What lies below a directory, through links as well: seeds may be kept elsewhere."""
    if not os.access(directory, os.R_OK | os.X_OK) or (real := directory.resolve()) in seen:
        return
    seen.add(real)
    for path in directory.iterdir():
        if path.is_dir():
            yield from _below(path, seen)
        else:
            yield path


def _hash_of(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        if not file.exists():
            continue
        digest.update(str(file).encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
