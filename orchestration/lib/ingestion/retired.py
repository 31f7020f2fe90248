"""Rows of sources that no source.yaml configures any more: named, and never loaded a second time.

A source that was renamed looks like a new one, whose every file would be loaded beside the rows
that it brought under its former name.
"""

from collections.abc import Iterable

from orchestration.lib.company import Company, CompanyError
from orchestration.lib.contract import did_you_mean
from orchestration.lib.ingestion import emails
from orchestration.lib.ingestion.files import FileRefusedError, LandingFile
from orchestration.lib.ingestion.landing import HashCache
from orchestration.lib.ingestion.ledger import Entry
from orchestration.lib.ingestion.run import Run


class Retired:
    """What was loaded for tables of sources that are no longer configured."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._loaded = [
            entry
            for source, table in run.ledger.tables()
            if not run.company.delivers(source, table)
            for entry in run.ledger.known(source, table).loaded.values()
            if entry.rows_loaded
        ]

    @property
    def note(self) -> str | None:
        """What of the rows that count is no longer configured; None where all is."""
        rows: dict[str, int] = {}
        for entry in self._loaded:
            name = f"{entry.source}.{entry.table_name}"
            rows[name] = rows.get(name, 0) + entry.rows_loaded
        if not rows:
            return None
        told = ", ".join(f"{name} ({count:,} rows)" for name, count in sorted(rows.items()))
        return (
            f"no source.yaml configures {told} any more, and what was loaded of it still counts. "
            "Put it back, or take the rows out: docs/sources.md, 'Retiring or renaming a source'."
        )

    @property
    def misnamed(self) -> str | None:
        """What `ended_sources` names without meaning a source; None where it names such alone."""
        company = self._run.company
        ended = company.vars.get("ended_sources", [])
        known = {source.source for source in company.sources}
        known |= {source for source, _ in self._run.ledger.tables()}
        # What is no list of texts is refused with the other vars.
        names = [name for name in ended if name not in known] if isinstance(ended, list) else []
        if not names:
            return None
        told = ", ".join(map(repr, names))
        return (
            f"company.yaml: vars.ended_sources: no source is named {told}, so what has ended is "
            f"still waited for{did_you_mean(str(names[0]), known)}"
        )

    def check_files(
        self, source: str, table: str, found: Iterable[LandingFile], cache: HashCache
    ) -> None:
        """`check` for files of landing, before any is loaded; reads those of known sizes only."""
        sizes = {entry.bytes for entry in self._loaded if entry.table_name == table}
        if not sizes:
            return
        for file in found:
            try:
                if file.path.lstat().st_size not in sizes:
                    continue
                content_hash = cache.hash_of(file.path)
            except (OSError, FileRefusedError):
                # Whoever loads it says what is wrong with it.
                continue
            self.check(source, table, file.name, content_hash)

    def check(self, source: str, table: str, name: str, content_hash: str) -> None:
        """Raises `CompanyError` where this content still counts under another source's name."""
        # Of a home in which it was loaded twice before, the note tells.
        if content_hash in self._run.ledger.known(source, table).loaded_by_hash:
            return
        for entry in self._loaded:
            if entry.table_name == table and entry.content_hash == content_hash:
                raise CompanyError(_twice(self._run.company, source, name, entry))


def _twice(company: Company, source: str, name: str, entry: Entry) -> str:
    path = company.source_files.get(source, company.directory)
    former = company.source_files.get(entry.source)
    taken_out, put_back = entry.source, f"write `source: {entry.source}` in {path}"
    if former:
        taken_out = f"{entry.source}.{entry.table_name}"
        put_back = f"put {entry.table_name} back into {former}"
    return (
        f"{path}: {emails.without(name)!r} was loaded already for "
        f"{entry.source}.{entry.table_name}, which no source.yaml configures any more; for "
        f"{source}.{entry.table_name}, its rows would count twice. If it is the same source under "
        f"another name, {put_back} (a source need not be named like its folder); or take the old "
        f"rows out with `make rebuild WITHOUT={taken_out}`."
    )
