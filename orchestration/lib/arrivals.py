"""Whether complete new files lie in landing, told by names, sizes and times alone.

No content is read and nothing is remembered here: the caller keeps the last fingerprint.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from orchestration.lib.company import Company
from orchestration.lib.ingestion import files

# A file that nobody wrote to for as long is complete; a slower writer names it *.part meanwhile.
SETTLE_SECONDS = 30


@dataclass(frozen=True)
class Arrivals:
    """What landing holds for a company.

    `fingerprint` changes whenever a file or its manifest is added, removed or written; `unsettled`
    are the names of files that changed too short a while ago to be called complete.
    """

    fingerprint: str
    file_count: int
    unsettled: tuple[str, ...]


def look(landing: Path, company: Company, *, now: float, settle_seconds: float) -> Arrivals:
    """Looks at all files that the company's sources read; `now` is in seconds since 1970."""
    places = {table.files for source in company.sources for table in source.tables.values()}
    found = {file.name: file for place in places if place for file in files.find(landing, place)}
    digest = hashlib.sha256()
    unsettled = []
    for name in sorted(found):
        try:
            status = os.lstat(found[name].path)
        except FileNotFoundError:
            unsettled.append(name)
            continue
        manifest = files.manifest_of(found[name].path)
        seen = (
            name,
            *files.signature(status),
            *(files.signature(os.lstat(manifest)) if manifest else ()),
        )
        digest.update(repr(seen).encode())
        # A time in the future is that of a sender's clock which goes wrong: it would never be old.
        if any(abs(now - at) < settle_seconds for at in (status.st_mtime, status.st_ctime)):
            unsettled.append(name)
    return Arrivals(digest.hexdigest(), len(found), tuple(unsettled))
