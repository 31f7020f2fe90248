"""Whether releases are still what was published: every byte and every row is read again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import duckdb

from orchestration.lib.publishing.candidate import fingerprint, read_content
from orchestration.lib.publishing.marks import read_sealed
from orchestration.lib.publishing.reader import open_read_only
from orchestration.lib.publishing.releases import Release, ReleaseError, ReleaseStore


@dataclass(frozen=True)
class Finding:
    """What a scan says of one release; without problems it is sound."""

    release: str
    tables: int
    rows: int
    problems: tuple[str, ...]


def verify(
    store: ReleaseStore, release_id: str | None, on_release: Callable[[str], None] = lambda _: None
) -> list[Finding]:
    """Scans one release, or all of them; raises `ReleaseError` for one that is not there.

    The bytes of each file are compared with what the manifest says, and then every row is read
    through DuckDB: a file may carry the right bytes of a database that it cannot read.
    """
    findings = []
    for name in [store.release(release_id).id] if release_id else store.ids():
        on_release(name)
        try:
            release = store.release(name)
        except ReleaseError as error:
            findings.append(Finding(name, 0, 0, (str(error),)))
            continue
        problems = (*_changed_files(release), *_changed_rows(release))
        rows = sum(table.rows for table in release.manifest.tables)
        findings.append(Finding(release.id, len(release.manifest.tables), rows, problems))
    return findings


def _changed_files(release: Release) -> Iterator[str]:
    record = release.directory / "published.json"
    if record.exists():
        records = read_sealed(record)["records"]
    else:
        records = {}
        yield "it became current, and that was not recorded: run a refresh, which does so"
    expected = {
        release.database.name: release.manifest.fingerprint,
        **release.manifest.parquet,
        **records,
    }
    for name, digest in expected.items():
        file = release.directory / name
        if not file.is_file():
            yield f"{file} is missing"
        elif fingerprint(file) != digest:
            yield f"{file} does not hold the bytes that were published"


def _changed_rows(release: Release) -> Iterator[str]:
    try:
        with open_read_only(release.database) as connection:
            (catalog,) = connection.execute("select current_database()").fetchone() or ("",)
            for table in release.manifest.tables:
                schema, name = table.table.split(".")
                if read_content(connection, catalog, schema, name) != table:
                    yield f"{table.table} does not hold the rows that were published"
    except (duckdb.Error, OSError) as error:
        yield f"{release.database} cannot be read: {str(error).splitlines()[0]}"
