"""Finding, hashing, copying and archiving files; nothing here writes below landing."""

import hashlib
import os
import re
import shutil
import stat
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1 << 20
# Names that a writer uses while a file is not complete, and hidden files.
_UNFINISHED = re.compile(r"^\.|\.(part|tmp)$", re.IGNORECASE)


class FileRefusedError(ValueError):
    """A file that is not loaded; the message is the reason and what to do about it."""


class FileChangedError(FileRefusedError):
    """A file that changed while it was copied: it waits for the next refresh."""


@dataclass(frozen=True)
class LandingFile:
    """A file as found: `name` is its path below landing, or its whole path when outside."""

    path: Path
    name: str


@dataclass(frozen=True)
class StagedFile:
    """A private copy with the hash and size of exactly the bytes that it holds."""

    path: Path
    name: str
    content_hash: str
    size: int


def natural_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key in which `week_9` comes before `week_10`."""
    parts = re.split(r"(\d+)", name)
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts)


def find(landing: Path, location: str) -> list[LandingFile]:
    """The complete files at a path or glob below landing (or absolute), in natural name order.

    Unfinished (`*.part`, `*.tmp`) and hidden files are left out.
    """
    pattern = Path(location)
    if pattern.is_absolute():
        base, relative = Path(pattern.anchor), pattern.relative_to(pattern.anchor)
    else:
        base, relative = landing, pattern
    exact = base / relative
    paths = [exact] if os.path.lexists(exact) else list(base.glob(str(relative)))
    found = []
    for path in paths:
        if _UNFINISHED.search(path.name) or stat.S_ISDIR(path.lstat().st_mode):
            continue
        inside = path.is_relative_to(landing)
        name = path.relative_to(landing).as_posix() if inside else path.as_posix()
        found.append(LandingFile(path, name))
    return sorted(found, key=lambda file: natural_order(file.name))


def _open_regular(path: Path) -> BinaryIO:
    """Opens a file for reading; refuses symbolic links, devices, pipes."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if path.is_symlink():
            raise FileRefusedError("is a symbolic link; put the file itself there.") from error
        raise FileRefusedError(
            f"cannot be opened ({error.strerror}); check its permissions."
        ) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileRefusedError("is not a regular file; put a plain file there.")
    return os.fdopen(descriptor, "rb")


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def hash_file(path: Path) -> str:
    """The SHA-256 of a file's bytes as hex."""
    digest = hashlib.sha256()
    with _open_regular(path) as stream:
        for chunk in _chunks(stream):
            digest.update(chunk)
    return digest.hexdigest()


def archive_path(archive: Path, content_hash: str, name: str) -> Path:
    """Where the bytes of that hash are kept; the ending is the original's, so tools know it."""
    suffixes = re.search(r"(\.[A-Za-z0-9]{1,10}){1,2}$", Path(name).name)
    ending = suffixes.group(0).lower() if suffixes else ""
    return archive / content_hash[:2] / f"{content_hash}{ending}"


def stage(file: LandingFile, expected_hash: str, archive: Path, incoming: Path) -> StagedFile:
    """A copy that cannot change under the reader: the archived one, or a new one in `incoming`.

    Raises `FileChangedError` when the bytes are no longer those of `expected_hash`.
    """
    archived = archive_path(archive, expected_hash, file.name)
    if archived.is_file():
        return StagedFile(archived, file.name, expected_hash, archived.stat().st_size)
    incoming.mkdir(parents=True, exist_ok=True)
    copy = incoming / f"{uuid.uuid4().hex}{archived.name.removeprefix(expected_hash)}"
    digest = hashlib.sha256()
    with _open_regular(file.path) as stream, copy.open("wb") as target:
        for chunk in _chunks(stream):
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    if digest.hexdigest() != expected_hash:
        copy.unlink()
        raise FileChangedError("changed while it was read; it is tried again at the next refresh.")
    return StagedFile(copy, file.name, expected_hash, copy.stat().st_size)


def keep(staged: StagedFile, directory: Path) -> Path:
    """Puts the staged bytes durably at their content address below `directory`; idempotent."""
    target = archive_path(directory, staged.content_hash, staged.name)
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    shutil.copyfile(staged.path, partial)
    with partial.open("rb") as stream:
        os.fsync(stream.fileno())
    partial.replace(target)
    _sync_directory(target.parent)
    return target


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
