"""What landing holds: which files are complete, which are as they were, what manifests promise."""

import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.lib import points
from orchestration.lib.ingestion import emails
from orchestration.lib.ingestion.files import (
    MANIFEST_ENDING,
    FileRefusedError,
    LandingFile,
    hash_file,
    manifest_of,
    signature,
)

# A file written within the clock's resolution of its being hashed could change unseen.
_RACY_NANOSECONDS = 2_000_000_000
_LARGEST_MANIFEST = 1 << 16
# What the reason of a refusal says where a manifest is not kept: the ledger has the reason alone.
_OTHER_BYTES, _OTHER_ROWS = (
    "does not hold the bytes of its manifest",
    "rows where its manifest promises",
)


@dataclass(frozen=True)
class Manifest:
    """What a file's sender says of it; None where nothing is said."""

    rows: int | None
    sha256: str | None


def read_manifest(file: LandingFile) -> Manifest | None:
    """The manifest beside a file, or None; raises `FileRefusedError` where it is unusable."""
    path = manifest_of(file.path)
    if path is None:
        return None
    try:
        if path.stat().st_size > _LARGEST_MANIFEST:
            raise ValueError("too large")
        # PowerShell puts a byte order mark before what it writes.
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        rows, sha256 = content.get("rows"), content.get("sha256")
        if rows is not None and (not isinstance(rows, int) or isinstance(rows, bool)):
            raise ValueError("rows")
        if rows is None and sha256 is None:
            # Under other names its promises would be read by nobody.
            raise ValueError("no promise")
        return Manifest(rows, None if sha256 is None else str(sha256).lower())
    except (OSError, ValueError, AttributeError) as error:
        raise FileRefusedError(
            f"has an unusable manifest {emails.without(_name_of(file))!r}; write it like "
            '{"rows": 1250, "sha256": "<hex>"} or remove it.'
        ) from error


def _name_of(file: LandingFile) -> str:
    """What the manifest of a file is called where the file lies; a private copy has other names."""
    return file.name.rpartition("/")[2] + MANIFEST_ENDING


def check_hash(manifest: Manifest | None, content_hash: str) -> None:
    """Raises `FileRefusedError` where the bytes are not those that the manifest names."""
    if manifest and manifest.sha256 not in (None, content_hash):
        raise FileRefusedError(
            f"{_OTHER_BYTES} (sha256 {content_hash[:12]}..., promised "
            f"{str(manifest.sha256)[:12]}...); it may be cut off: deliver it again."
        )


def check_rows(manifest: Manifest | None, rows: int) -> None:
    """Raises `FileRefusedError` where the file has more or fewer rows than its manifest says."""
    if manifest and manifest.rows not in (None, rows):
        raise FileRefusedError(
            f"has {rows} {_OTHER_ROWS} {manifest.rows}; it may be cut off: deliver it again."
        )


def broke_promise(reason: str | None) -> bool:
    """Whether a file was refused for the reason that it is not what its manifest promises."""
    return any(words in (reason or "") for words in (_OTHER_BYTES, _OTHER_ROWS))


class Watch:
    """Tells files that are still being written from complete ones.

    A file whose last change is `settle_seconds` old is complete. Younger ones are looked at
    twice, that long apart; all share the one pause.
    """

    def __init__(self, settle_seconds: float) -> None:
        self._settle = settle_seconds
        self._first: dict[Path, tuple[int, ...]] = {}

    def pause(self, files: Iterable[LandingFile]) -> None:
        """Waits until the youngest of `files` has had its time; at once where all are old."""
        if not self._settle:
            return
        young = 0.0
        for file in files:
            status = _status(file.path)
            if status is None or self._age(status) >= self._settle:
                continue
            self._first[file.path] = signature(status)
            young = max(young, self._settle - max(self._age(status), 0.0))
        if young:
            time.sleep(young)

    def is_moving(self, file: LandingFile) -> bool:
        """Whether a file changed during the pause, or only appeared since."""
        status = _status(file.path)
        if not self._settle or status is None:
            return False
        if file.path in self._first:
            return self._first[file.path] != signature(status)
        return self._age(status) < self._settle

    @staticmethod
    def _age(status: os.stat_result) -> float:
        return time.time() - status.st_mtime


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        return None


def remembered(path: Path) -> dict[str, list[Any]]:
    """What `remember` wrote, nothing where it cannot be read: losing it costs time only."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def remember(path: Path, entries: Mapping[str, list[Any]]) -> None:
    """Writes a cache of hashes, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(entries, separators=(",", ":")), encoding="utf-8")
    partial.replace(path)


def hashes_of(home: Path) -> "HashCache":
    """What a home remembers of its landing files."""
    return HashCache(home / "build" / "landing_hashes.json")


class HashCache:
    """Content hashes of landing files by what `stat` says, so that no old file is read again.

    An entry holds only as long as inode, size, modification and change time are the same, and only
    when the file was already old when it was hashed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = remembered(path)
        self._seen: dict[str, list[Any]] = {}

    def get(self, path: Path) -> str | None:
        """The hash of an unchanged file, or None."""
        status, known = _status(path), self._known.get(str(path))
        if status is None or known is None or known[:-1] != list(signature(status)):
            return None
        self._seen[str(path)] = known
        return str(known[-1])

    def hash_of(self, path: Path) -> str:
        """The hash of a file, which is read where it is not remembered.

        Raises `OSError`, and `FileRefusedError` for what is no plain file.
        """
        known = self.get(path)
        if known is None:
            before = path.lstat()
            known = hash_file(path)
            self.put(path, before, known)
        return known

    def put(self, path: Path, before: os.stat_result, content_hash: str) -> None:
        """Remembers a hash; `before` is the file's status from before it was read."""
        status = _status(path)
        if status is None or signature(status) != signature(before):
            return
        if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _RACY_NANOSECONDS:
            self._seen[str(path)] = [*signature(status), content_hash]

    def save(self) -> None:
        """Writes the entries of files that were seen."""
        remember(self._path, self._seen)
        points.reached("landing hashes kept")
