"""The release store: candidates are built, judged and published, and readers never see half of one.

    build_candidate -> record_verdict -> publish -> retain
                                         rollback (holds back every later publish until resume)

A release is a directory `releases/<id>/` that is never written to again:

    published.duckdb          the published tables, with their descriptions as comments
    parquet/<schema>/<table>  the same tables
    manifest.json             what it is made from and what it holds
    verdict.json              what the audit said of exactly this file
    check_results.parquet     the same as a table
    published.json            that, and when, it was published, and what it then was

`current` is a symbolic link to one of them, replaced by renaming a finished link over it: a reader
that connects sees the old complete release or the new one, and one that is connected keeps its own.
Steps that change something on disk are named points; stopping at any of them leaves readers with
the old release or the new one, and the next refresh clears up.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib import points
from orchestration.lib.disk import sync_to_disk
from orchestration.lib.ingestion import emails
from orchestration.lib.mendable import MendableError
from orchestration.lib.publishing.candidate import (
    PublishedTable,
    TableContent,
    build_files,
    fingerprint,
)
from orchestration.lib.publishing.check_results import FILE as CHECK_RESULTS
from orchestration.lib.publishing.check_results import write_check_results
from orchestration.lib.publishing.marks import (
    Hold,
    MarkError,
    Marks,
    read_sealed,
    write_json,
    write_sealed,
)

DATABASE = "published.duckdb"
SMALLEST_FREE_BYTES = 200 * 1024**2
FREE_PER_CURRENT_SIZE = 3

ID_PATTERN = re.compile(r"\d{6}-\d{8}")


class ReleaseError(MendableError, RuntimeError):
    """A release that cannot be built or published; the message says what, where and what to do."""


@dataclass(frozen=True)
class Manifest:
    """What a release is made from and what it holds.

    `as_of` is the refresh's clock and `built_at` the wall clock, both UTC. `base` is the release
    that was current when it was built. `fingerprint` is the SHA-256 of the database file. `checks`
    are the audit's verdicts by suite, and `source_freshness` how old its inputs are by raw table,
    both empty until there is a verdict. `parquet` is the SHA-256 of each Parquet file by its
    path below the release. `basis` is what the next release compares itself with: the last load,
    and a hash of the rules.
    """

    id: str
    base: str | None
    as_of: str
    built_at: str
    code_version: str
    engine: str
    fingerprint: str
    tables: tuple[TableContent, ...]
    checks: Mapping[str, str] = field(default_factory=dict)
    source_freshness: Mapping[str, Any] = field(default_factory=dict)
    parquet: Mapping[str, str] = field(default_factory=dict)
    basis: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """A release that nobody reads yet."""

    directory: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """The increasing number and the day of `as_of`, like `000007-20260701`."""
        return self.manifest.id

    @property
    def database(self) -> Path:
        """The file that is audited, and that is published if it passes."""
        return self.directory / DATABASE


@dataclass(frozen=True)
class Release(Candidate):
    """A release that is or was current; `published_at` is a UTC instant."""

    published_at: str


class ReleaseStore:
    """All releases of one warehouse home. One process at a time may build and publish."""

    def __init__(self, home: Path) -> None:
        """`home` need not exist yet."""
        self._home = home
        self._root = home / "releases"
        self._marks = Marks(self._root)
        self._link = home / "current"

    def current(self) -> Release | None:
        """The release that readers see; raises `ReleaseError` if it is damaged or not there."""
        name = self.current_id()
        if name is None:
            self._require_no_lost_link()
            return None
        directory = self._root / name
        try:
            if not (directory / DATABASE).is_file():
                raise ReleaseError(f"{directory} holds no {DATABASE}.")
            return _read_release(directory)
        except ReleaseError as error:
            raise ReleaseError(
                f"The current release {name} is damaged: {error} Go back to a sound one with "
                "`make rollback TO=<release>`; `make verify` tells which are."
            ) from error

    def current_id(self) -> str | None:
        """The id of the release that readers see, damaged or not."""
        return self._link.readlink().name if self._link.is_symlink() else None

    def ids(self) -> list[str]:
        """The id of every release that is or was current, oldest first, readable or not."""
        published = {
            directory.name
            for directory in self._directories()
            if (directory / "published.json").exists()
        }
        # Somebody may have removed the folder of the current one.
        current = self.current_id()
        return sorted(published | ({current} if current else set()))

    def releases(self) -> list[Release]:
        """Every release that is or was current, oldest first."""
        return [_read_release(self._root / name) for name in self.ids()]

    def release(self, release_id: str) -> Release:
        """The release of that id; raises `ReleaseError` where there is none or it is damaged."""
        if release_id not in self.ids():
            said = f"There is no release {release_id!r}" if release_id else "Say which release"
            raise ReleaseError(f"{said}; there are: {_names(self.ids())}.")
        return _read_release(self._root / release_id)

    def candidate(self) -> Candidate:
        """The newest release that was never current; raises `ReleaseError` where there is none."""
        current = self.current_id()
        for directory in reversed(self._directories()):
            if directory.name != current and not (directory / "published.json").exists():
                return Candidate(directory, _read_manifest(directory))
        raise ReleaseError(f"No candidate waits in {self._root}. Build one with a refresh.")

    def build_candidate(
        self,
        tables: Sequence[PublishedTable],
        *,
        as_of: datetime,
        code_version: str,
        warehouse: Path | None = None,
        engine: str = "duckdb",
        basis: Mapping[str, Any] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> Candidate:
        """Copies the tables into a new release directory that nobody reads yet.

        `as_of` is naive UTC; `warehouse` is the closed work database that the tables' relations
        read; `settings` are DuckDB's. Raises `ReleaseError` for want of disk space, and lets
        DuckDB's errors through; `sweep` then removes what is left.
        """
        base = self.current()
        self._check_free_space(base)
        directory = self._root / self._next_id(as_of)
        directory.mkdir(parents=True)
        points.reached("directory made")
        contents = build_files(directory, tables, warehouse, settings or {})
        for file in _files(directory):
            sync_to_disk(file)
            file.chmod(0o444)
        for folder in (directory, *_folders(directory)):
            sync_to_disk(folder)
        points.reached("files on disk")
        manifest = Manifest(
            id=directory.name,
            base=base.id if base else None,
            as_of=f"{as_of.isoformat()}Z",
            built_at=_now(),
            code_version=code_version,
            engine=f"{engine} (file written by duckdb {duckdb.__version__})",
            fingerprint=fingerprint(directory / DATABASE),
            tables=tuple(contents),
            basis=dict(basis or {}),
            parquet={
                file.relative_to(directory).as_posix(): fingerprint(file)
                for file in sorted((directory / "parquet").rglob("*.parquet"))
            },
        )
        write_json(directory / "manifest.json", asdict(manifest))
        points.reached("manifest written")
        return Candidate(directory, manifest)

    def record_verdict(
        self,
        candidate: Candidate,
        *,
        passed: bool,
        report: Mapping[str, Any],
        checks: Mapping[str, str] | None = None,
        source_freshness: Mapping[str, Any] | None = None,
    ) -> Candidate:
        """Keeps what the audit said, bound to the bytes it was said of.

        `checks` is one word per suite, and `source_freshness` one entry per raw table, for the
        manifest. Returns the candidate with both.
        """
        manifest = replace(
            candidate.manifest,
            checks=dict(checks or {}),
            source_freshness=dict(source_freshness or {}),
        )
        write_check_results(candidate.directory, candidate.id, manifest.as_of, report)
        write_json(candidate.directory / "manifest.json", asdict(manifest))
        points.reached("checks written")
        write_json(
            candidate.directory / "verdict.json",
            {
                "verdict": "PASS" if passed else "FAIL",
                "fingerprint": fingerprint(candidate.database),
                "judged_at": _now(),
                "report": dict(report),
            },
        )
        points.reached("verdict written")
        return Candidate(candidate.directory, manifest)

    def publish(self, candidate: Candidate) -> Release:
        """Makes the candidate what readers see, in one atomic step.

        Raises `ReleaseError` unless the audit passed it, its bytes are those that were audited, the
        release it was built on is still the current one, and no rollback holds publishing back.
        Publishing what is current already changes nothing.
        """
        _require_passing_verdict(candidate)
        with self._publishing():
            base = self.current_id()
            if base == candidate.id:
                return self._record_publish(candidate.directory)
            if hold := self._marks.hold():
                raise ReleaseError(
                    f"Release {candidate.id} passed its audit and waits: {hold}. "
                    "Run `make resume` when the cause is mended, then refresh."
                )
            if base != candidate.manifest.base:
                raise ReleaseError(
                    f"Release {candidate.id} was built on {candidate.manifest.base or 'nothing'}, "
                    f"but {base or 'nothing'} is current now: another refresh published meanwhile. "
                    "Run the refresh again."
                )
            self._flip(candidate.id)
            return self._record_publish(candidate.directory)

    def rollback(self, to: str | None = None, reason: str = "") -> Release:
        """Makes an earlier release current, and holds back every publish until `resume`.

        `to` is a release's id, by default the one that the current was built on: not one that was
        itself left by a rollback. Readers that are connected keep what they have. A rollback that
        is done already changes nothing, and one that was stopped goes no further when it is given
        again. Raises `ReleaseError` where there is no such release, or it is damaged.
        """
        with self._publishing():
            current = self.current_id()
            if done := self._done_before(current, to):
                return done
            target = self._rollback_target(current, to)
            if fingerprint(target.database) != target.manifest.fingerprint:
                raise ReleaseError(
                    f"{target.database} is not the file that was published: its content changed. "
                    "Roll back to another release; `make verify` tells which are sound."
                )
            # Held before the flip: a refresh that ends in between must not publish either.
            hold = Hold(current or "none", target.id, emails.without(reason), _now(), is_done=False)
            self._marks.put_hold(hold)
            self._flip(target.id)
            self._marks.finish(hold)
            return target

    def _done_before(self, current: str | None, to: str | None) -> Release | None:
        """What the same rollback has made current already, be it that it could not say so."""
        try:
            hold = self._marks.hold()
        except MarkError:
            # It is written anew.
            return None
        if hold is None or hold.to != current or to not in (current, None):
            return None
        if not hold.is_done:
            self._marks.finish(hold)
            return self.release(hold.to)
        return self.release(hold.to) if to else None

    def hold(self) -> Hold | None:
        """The rollback that holds publishing back, if there is one."""
        return self._marks.hold()

    def resume(self) -> Hold | None:
        """Lets releases be published again; returns the hold that ended, None if none did."""
        return self._marks.end_hold()

    def pin(self, release_id: str, reason: str = "") -> None:
        """Keeps a release whatever `retain` is told; raises `ReleaseError` for an unknown id."""
        with self._publishing():
            self.release(release_id)
            self._marks.pin(release_id, emails.without(reason))

    def unpin(self, release_id: str) -> None:
        """Takes a pin back; raises `ReleaseError` where there is none."""
        with self._publishing():
            if release_id not in self.pins():
                said = f"Release {release_id} is not pinned" if release_id else "Say which release"
                raise ReleaseError(f"{said}; pinned: {_names(self.pins())}.")
            self._marks.unpin(release_id)

    def pins(self) -> Mapping[str, str]:
        """The reason of each pin by the release's id."""
        return self._marks.pins()

    def sweep(self) -> list[str]:
        """Clears up after a refresh that was stopped; returns the ids of the candidates removed.

        A release that became current is completed; every other unpublished one is removed, so this
        is for whoever holds the refresh lock.
        """
        for leftover in self._home.glob(".current-*"):
            leftover.unlink()
        current = self.current_id()
        removed = []
        for directory in self._directories():
            if (directory / "published.json").exists():
                continue
            if directory.name == current:
                self._record_publish(directory)
            else:
                self._remove(directory)
                removed.append(directory.name)
        return removed

    def retain(self, keep: int, days: int = 0) -> list[str]:
        """Removes old releases; returns their ids.

        The last `keep` stay, and those published within the last `days`; so do the current one,
        pinned ones, those of a rollback that is not resumed, and damaged ones, for a person to see.
        """
        if keep < 1:
            raise ValueError(f"keep={keep}: at least the current release has to be kept.")
        since = _instant(datetime.now(UTC) - timedelta(days=days))
        removed = []
        with self._publishing():
            hold = self.hold()
            kept = {self.current_id(), *self.pins(), *((hold.left, hold.to) if hold else ())}
            for name in self.ids()[:-keep]:
                if name not in kept and self._is_before(name, since):
                    self._remove(self._root / name)
                    removed.append(name)
        return removed

    def remove_all_but_current(self) -> tuple[str, ...]:
        """Removes every other release and candidate, with their pins; returns their ids.

        For erasing a person: the next refresh replaces what is current.
        """
        with self._publishing():
            current = self.current_id()
            removed = [path for path in self._directories() if path.name != current]
            for name in self.pins():
                if name != current:
                    self._marks.unpin(name)
            for directory in removed:
                self._remove(directory)
        return tuple(path.name for path in removed)

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Lets one process at a time do what has that name; others wait.

        The kernel frees the lock when its holder dies.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._root / f".{what}.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _publishing(self) -> AbstractContextManager[None]:
        """Lets one process at a time say what is current, what is kept and what goes."""
        return self.alone("publish")

    def _is_before(self, name: str, since: str) -> bool:
        try:
            return self.release(name).published_at < since
        except ReleaseError:
            return False

    def _require_no_lost_link(self) -> None:
        """Raises `ReleaseError` where releases are there, and nothing says which is current.

        A refresh would compare with none of them, and forget what they said.
        """
        if self._link.is_dir():
            raise ReleaseError(
                f"{self._link} is a folder, not the link to a release: a copy has followed it. "
                "Remove it, then make the newest release current with `make rollback TO=<release>`"
                f": {_names(self.ids())}."
            )
        if ids := self.ids():
            raise ReleaseError(
                f"{self._link} is not there, which says what is current. Make one of these current "
                f"with `make rollback TO=<release>`, then run `make resume`: {_names(ids)}."
            )

    def _directories(self) -> list[Path]:
        if not self._root.is_dir():
            return []
        found = self._root.iterdir()
        return sorted(path for path in found if path.is_dir() and ID_PATTERN.fullmatch(path.name))

    def _next_id(self, as_of: datetime) -> str:
        # One that a rollback left is not given again, though it was removed to forget somebody.
        known = {path.name for path in self._directories()} | self._marks.left()
        numbers = (int(name.split("-")[0]) for name in known if ID_PATTERN.fullmatch(name))
        last = max(numbers, default=0)
        return f"{last + 1:06d}-{as_of:%Y%m%d}"

    def _check_free_space(self, base: Release | None) -> None:
        size = base.database.stat().st_size if base else 0
        needed = max(FREE_PER_CURRENT_SIZE * size, SMALLEST_FREE_BYTES)
        self._root.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self._root).free
        if free < needed:
            raise ReleaseError(
                f"Not enough disk space for a release in {self._root}: {free / 1e6:,.0f} MB free, "
                f"{needed / 1e6:,.0f} MB needed. Free some space, or keep fewer releases."
            )

    def _rollback_target(self, current: str | None, to: str | None) -> Release:
        if current is None:
            if to and not self._link.exists():
                return self.release(to)
            self._require_no_lost_link()
            raise ReleaseError(f"Nothing is published in {self._home}: nothing to roll back from.")
        if to == current:
            raise ReleaseError(f"Release {to} is the current one already.")
        if to:
            return self.release(to)
        earlier = [name for name in self.ids() if name < current]
        if not earlier:
            raise ReleaseError(f"There is no release before {current} to roll back to.")
        base = self._base(current)
        if base not in earlier:
            left = self._marks.left()
            base = max([name for name in earlier if name not in left] or earlier)
        return self.release(base)

    def _base(self, release_id: str) -> str | None:
        try:
            return _read_manifest(self._root / release_id).base
        except ReleaseError:
            return None

    def _flip(self, release_id: str) -> None:
        """Replaces `current` in one step, by renaming a finished link over it."""
        temporary = self._home / f".current-{release_id}"
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(Path("releases") / release_id)
        points.reached("link made")
        temporary.rename(self._link)
        sync_to_disk(self._home)
        points.reached("link flipped")

    def _record_publish(self, directory: Path) -> Release:
        if (directory / "published.json").exists():
            return _read_release(directory)
        records = {
            name: fingerprint(directory / name)
            for name in ("manifest.json", "verdict.json", CHECK_RESULTS)
            if (directory / name).exists()
        }
        write_sealed(directory / "published.json", {"published_at": _now(), "records": records})
        # A tool that opens the file for writing would leave a write-ahead log beside it.
        for folder in (*_folders(directory), directory):
            folder.chmod(0o555)
        points.reached("publish recorded")
        return _read_release(directory)

    def _remove(self, directory: Path) -> None:
        for folder in (directory, *_folders(directory)):
            folder.chmod(0o755)
        # Without its manifest it is no release any more, however far the removal gets.
        (directory / "published.json").unlink(missing_ok=True)
        points.reached("release unrecorded")
        shutil.rmtree(directory)
        points.reached("directory removed")


def _require_passing_verdict(candidate: Candidate) -> None:
    path = candidate.directory / "verdict.json"
    if not path.exists():
        raise ReleaseError(f"Release {candidate.id} was never audited: {path} is missing.")
    verdict = json.loads(path.read_text())
    if verdict["verdict"] != "PASS":
        raise ReleaseError(
            f"Release {candidate.id} did not pass its audit; {path} says what failed."
        )
    found = fingerprint(candidate.database)
    if not found == verdict["fingerprint"] == candidate.manifest.fingerprint:
        raise ReleaseError(
            f"{candidate.database} is not the file that was audited: its content changed since. "
            "Run the refresh again."
        )


def _read_release(directory: Path) -> Release:
    """A release from its files; one whose publish was not recorded yet has the verdict's time."""
    try:
        record = directory / "published.json"
        if record.exists():
            published_at = read_sealed(record)["published_at"]
        else:
            published_at = json.loads((directory / "verdict.json").read_text())["judged_at"]
    except (OSError, ValueError, KeyError) as error:
        raise ReleaseError(f"The record of {directory} cannot be read: {error}.") from error
    return Release(directory, _read_manifest(directory), published_at)


def _read_manifest(directory: Path) -> Manifest:
    try:
        values = json.loads((directory / "manifest.json").read_text())
        tables = tuple(TableContent(**table) for table in values.pop("tables"))
        return Manifest(**values, tables=tables)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"The manifest of {directory} cannot be read: {error}.") from error


def _files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def _folders(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_dir()]


def _names(ids: Iterable[str]) -> str:
    return ", ".join(ids) or "none"


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _now() -> str:
    return _instant(datetime.now(UTC))
