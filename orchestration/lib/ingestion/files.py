"""Finding, copying and hashing files; nothing here writes below landing."""

import codecs
import errno
import gzip
import hashlib
import itertools
import os
import re
import stat
import uuid
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast
from unicodedata import normalize

import pyarrow

from orchestration.lib import points
from orchestration.lib.ingestion.emails import WIDE_AT

CHUNK = 1 << 20
MANIFEST_ENDING = ".manifest.json"
# A compressed file may hold this much without its ratio being looked at.
HARMLESS_BYTES = 10 << 20
# No compressed file may hold more, whatever its ratio.
LARGEST_BYTES = 1 << 40
# Names that a writer uses while a file is not complete, hidden files, and what describes others.
_NO_DATA = re.compile(r"^\.|\.(part|tmp|manifest\.json)$", re.IGNORECASE)
_TEXT_COMPRESSION = {".gz": "gzip", ".zst": "zstd"}
# Where a line below the first begins with a byte order mark.
_INNER_MARKS = (b"\n" + codecs.BOM_UTF8, b"\r" + codecs.BOM_UTF8)
_BEGINNINGS = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}


class FileRefusedError(ValueError):
    """A file that is not loaded; the message is the reason and what to do about it."""


class FileChangedError(FileRefusedError):
    """A file that is still being written: it waits for the next refresh."""


@dataclass(frozen=True)
class LandingFile:
    """A file as found: `name` is its path below landing, or its whole path when outside.

    Bytes of a path that are no UTF-8 stand in `name` as code, so that it can be stored and printed.
    """

    path: Path
    name: str


@dataclass(frozen=True)
class StagedFile:
    """A private copy with the hash and size of exactly the bytes that were delivered.

    `path` is what is read: the copy, or what it holds where it is a compressed text. `packed_as`
    is the delivered copy where that is another file. `absent` are the characters (of those that
    matter) that no byte of what is read can be; `has_mixed_lines` (lines that end in several ways)
    and `has_spaced_quotes` (a space beside a quote) say what may occur in it, `has_inner_marks`
    that a line below the first begins with a byte order mark, as where files were put together.
    `fault` is why
    nothing of it can be loaded. `kept_hash` is the hash of the copy itself where an erased person
    was taken out of it.
    """

    path: Path
    name: str
    content_hash: str
    size: int
    packed_as: Path | None = None
    absent: str = ""
    has_mixed_lines: bool = False
    has_spaced_quotes: bool = False
    has_inner_marks: bool = False
    fault: str | None = None
    kept_hash: str | None = None

    @property
    def original(self) -> Path:
        """The bytes as delivered."""
        return self.packed_as or self.path

    def remove(self) -> None:
        """Removes the private copy."""
        self.path.unlink(missing_ok=True)
        self.original.unlink(missing_ok=True)


# The names in landing are sorted and compared several times in a run.
@lru_cache(maxsize=1 << 16)
def natural_order(name: str) -> str:
    """A sort key in which `week_9` comes before `week_10`, and `week.csv` before `week (1).csv`.

    It is that of the models' macro of the same name: both must find the same file to be the later.
    """
    name = re.sub(r"[.]([A-Za-z]+([.]([Gg][Zz]|[Zz][Ss][Tt]))?)\Z", "\t\\1", name)
    name = re.sub(r"([0-9]+)", r"00000000000000000000\1", name)
    return re.sub(r"0*([0-9]{20})([^0-9]|\Z)", r"\1\2", name)


def is_data(name: str) -> bool:
    """Whether a path names a complete, visible file that describes no other."""
    return not _NO_DATA.search(name.rpartition("/")[2]) and not name.endswith("/")


def shown(path: Path) -> str:
    """A path as text that can be stored and printed, whatever its bytes are."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def find(landing: Path, location: str) -> list[LandingFile]:
    """The files at a path or glob below landing (or absolute), in natural name order.

    Unfinished (`*.part`, `*.tmp`) and hidden files and manifests are left out.
    """
    pattern = Path(location)
    if pattern.is_absolute():
        base, relative = Path(pattern.anchor), pattern.relative_to(pattern.anchor)
    else:
        base, relative = landing, pattern
    exact = base / relative
    paths = {exact} if os.path.lexists(exact) else _matches(base, relative)
    found = []
    for path in paths:
        # Whoever delivers files may move one away meanwhile.
        with suppress(FileNotFoundError):
            if is_data(path.name) and not stat.S_ISDIR(path.lstat().st_mode):
                inside = path.is_relative_to(landing)
                name = shown(path.relative_to(landing) if inside else path)
                found.append(LandingFile(path, name))
    return sorted(found, key=lambda file: natural_order(file.name))


def _matches(base: Path, pattern: Path) -> set[Path]:
    """What a glob matches, also where a name has its accents as letters of their own.

    Files that come from a Mac do: nobody sees the difference, and a file system does.
    """
    forms = ({part, normalize("NFC", part), normalize("NFD", part)} for part in pattern.parts)
    return {path for parts in itertools.product(*forms) for path in base.glob(str(Path(*parts)))}


def unread(landing: Path, read: Collection[Path]) -> tuple[list[str], list[str]]:
    """What is not read below landing, in natural order.

    The names of files that are none of those that are read, and the folders, landing itself
    included, whose files this user may not even list: of such a one a glob says that it is empty.
    """
    names: list[str] = []
    closed: list[str] = []

    def note(error: OSError) -> None:
        if isinstance(error, PermissionError):
            closed.append(shown(Path(error.filename)))

    for folder, _, files in os.walk(landing, onerror=note):
        for path in (Path(folder, file) for file in files):
            name = path.relative_to(landing)
            is_hidden = any(part.startswith(".") for part in name.parts)
            if is_data(path.name) and not is_hidden and path not in read and path.is_file():
                names.append(shown(name))
    return sorted(names, key=natural_order), sorted(closed, key=natural_order)


def manifest_of(path: Path) -> Path | None:
    """The manifest beside a file, if there is one."""
    manifest = path.with_name(path.name + MANIFEST_ENDING)
    try:
        status = manifest.lstat()
    except OSError as error:
        # Beside a very long name there can be none.
        if error.errno in (errno.ENOENT, errno.ENAMETOOLONG):
            return None
        raise
    return manifest if stat.S_ISREG(status.st_mode) else None


def open_regular(path: Path) -> BinaryIO:
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


def chunks(stream: BinaryIO) -> Iterator[bytes]:
    """A stream, piece by piece."""
    while chunk := stream.read(CHUNK):
        yield chunk


def hash_file(path: Path) -> str:
    """The SHA-256 of a file's bytes as hex."""
    digest = hashlib.sha256()
    with open_regular(path) as stream:
        for chunk in chunks(stream):
            digest.update(chunk)
    return digest.hexdigest()


def copy_pieces(pieces: Iterable[bytes], copy: Path) -> tuple[str, int]:
    """Writes a file from its pieces; gives the SHA-256 of its bytes as hex, and their number."""
    digest, size = hashlib.sha256(), 0
    with copy.open("wb") as target:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            target.write(piece)
    return digest.hexdigest(), size


def signature(status: os.stat_result) -> tuple[int, ...]:
    """What changes whenever a file is written or replaced: number, size, both times (ns).

    A file that is put in another's place keeps neither its number nor its change time. The device
    is left out: a folder that is mounted anew may have another one.
    """
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def stage(file: LandingFile, incoming: Path, *, max_ratio: int) -> StagedFile:
    """A copy that cannot change under the reader, hashed while it is made.

    Raises `FileChangedError` where the file changed meanwhile, `FileRefusedError` where it cannot
    be read.
    """
    incoming.mkdir(parents=True, exist_ok=True)
    copy = incoming / f"{uuid.uuid4().hex}{ending_of(file.name)}"
    seen = Bytes()
    with open_regular(file.path) as stream:
        before = signature(os.fstat(stream.fileno()))
        content_hash, size = copy_pieces(seen.watched(chunks(stream)), copy)
        after = signature(os.fstat(stream.fileno()))
    points.reached("landing file copied")
    if before != after:
        copy.unlink()
        raise FileChangedError("changed while it was read; it is tried again at the next refresh.")
    staged = prepare(copy, file.name, content_hash, size, max_ratio=max_ratio, seen=seen)
    return replace(staged, fault=staged.fault or _fault_of_name(file.path))


def _fault_of_name(path: Path) -> str | None:
    """Refuses a name that no text can hold: it would be known by another one than it has."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return "has a name that is not UTF-8; rename it."
    return None


def ending_of(name: str) -> str:
    """The file's ending in lower case, such as `.csv.gz`; empty where it has none."""
    endings = re.search(r"(\.[A-Za-z0-9]{1,10}){1,2}$", Path(name).name)
    return endings.group(0).lower() if endings else ""


def prepare(
    copy: Path,
    name: str,
    content_hash: str,
    size: int,
    *,
    max_ratio: int,
    seen: "Bytes | None" = None,
) -> StagedFile:
    """Unpacks a private copy that is a compressed text, and looks at its bytes.

    `seen` is what was noted of the copy's own bytes while it was made.
    """
    compression = _TEXT_COMPRESSION.get(copy.suffix.lower())
    if compression is None:
        if seen is None:
            seen = Bytes()
            with copy.open("rb") as stream:
                for chunk in chunks(stream):
                    seen.look_at(chunk)
        return seen.describe(StagedFile(copy, name, content_hash, size))
    plain = copy.with_name(f"{copy.name.removesuffix(copy.suffix)}.plain{Path(copy.stem).suffix}")
    unpacked, fault, seen = 0, None, Bytes()
    try:
        with decompressed(copy, compression) as stream, plain.open("wb") as target:
            for chunk in chunks(stream):
                unpacked += len(chunk)
                check_unpacked(unpacked, size, max_ratio)
                seen.look_at(chunk)
                target.write(chunk)
    except FileRefusedError as error:
        fault = str(error)
    return seen.describe(StagedFile(plain, name, content_hash, size, copy, fault=fault))


def _may_hold(chunk: bytes, character: str) -> bool:
    """Whether a piece of a text may hold a character; one beyond ASCII may be cut by its end."""
    return character.encode() in chunk if character.isascii() else not chunk.isascii()


@dataclass
class Bytes:
    """What is counted of a text's bytes while they pass."""

    absent: str = f"\0#@%{WIDE_AT}"
    returns: int = 0
    feeds: int = 0
    pairs: int = 0
    spaced_quotes: bool = False
    inner_marks: bool = False
    _last: bytes = b""
    _tail: bytes = b""

    def look_at(self, chunk: bytes) -> None:
        """Takes the next piece in."""
        cut = self._last + chunk[:1]
        if self.absent:
            self.absent = "".join(c for c in self.absent if not _may_hold(chunk, c))
        # Looking for a byte is several times cheaper than counting it.
        returns = chunk.count(b"\r") if b"\r" in chunk else 0
        if returns or self.returns:
            self.pairs += chunk.count(b"\r\n") + (cut == b"\r\n")
        self.returns += returns
        # Pure line feeds, the most frequent case, need not be counted: one is enough.
        self.feeds += chunk.count(b"\n") if self.returns else (b"\n" in chunk)
        self._last = chunk[-1:]
        if not chunk.isascii():
            beginning = self._tail + chunk[: len(codecs.BOM_UTF8)]
            self.inner_marks |= any(mark in beginning or mark in chunk for mark in _INNER_MARKS)
        self._tail = chunk[-len(codecs.BOM_UTF8) :]

        for quote in (b'"', b"'"):
            if not self.spaced_quotes and quote in chunk:
                pairs = (quote + b" ", b" " + quote)
                self.spaced_quotes = cut in pairs or any(pair in chunk for pair in pairs)

    def watched(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces, each taken in as it passes."""
        for piece in pieces:
            self.look_at(piece)
            yield piece

    def describe(self, staged: StagedFile) -> StagedFile:
        """The staged file with what was seen."""
        return replace(
            staged,
            absent=self.absent,
            has_mixed_lines=self.has_mixed_lines,
            has_spaced_quotes=self.spaced_quotes,
            has_inner_marks=self.inner_marks,
        )

    @property
    def has_mixed_lines(self) -> bool:
        """Whether lines end neither all in CR LF, nor all in LF, nor all in CR."""
        return self.returns > 0 and self.feeds > 0 and not self.returns == self.feeds == self.pairs


def check_unpacked(unpacked: int, packed: int, max_ratio: int) -> None:
    """Refuses what unpacks to more than any file may hold, or than its packed size allows."""
    if unpacked > LARGEST_BYTES:
        raise FileRefusedError(
            f"unpacks to more than {LARGEST_BYTES >> 30} GB; deliver it in several files."
        )
    if unpacked > HARMLESS_BYTES and unpacked > max_ratio * packed:
        raise FileRefusedError(
            f"unpacks to more than {unpacked >> 20} MB from {packed:,} bytes, over {max_ratio} "
            "times as much; if that is right, raise `max_compression_ratio` in source.yaml."
        )


@contextmanager
def decompressed(path: Path, compression: str) -> Iterator[BinaryIO]:
    """The content of a `gzip` or `zstd` file; refuses a broken or cut one."""
    try:
        if compression == "gzip":
            with gzip.open(path, "rb") as stream:
                yield cast(BinaryIO, stream)
        else:
            with (
                pyarrow.OSFile(str(path)) as raw,
                pyarrow.CompressedInputStream(raw, compression) as stream,
            ):
                yield cast(BinaryIO, stream)
    except (OSError, EOFError, zlib.error) as error:
        # Only the operating system's own errors, such as a full disk, have a number.
        if getattr(error, "errno", None) is not None:
            raise
        with path.open("rb") as raw:
            beginning = raw.read(len(_BEGINNINGS[compression]))
        if beginning and not _BEGINNINGS[compression].startswith(beginning):
            raise FileRefusedError(
                f"is not packed with {compression}, as its name says: deliver it packed, or under "
                "a name without that ending."
            ) from error
        raise FileRefusedError(
            f"is no complete {compression} file; it may be cut off: deliver it again."
        ) from error
