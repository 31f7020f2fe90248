"""Original bytes, kept under the SHA-256 of their content, compressed, verified when read.

`<first two digits>/<hash><ending>.zst`, or `<hash>-as-is<ending>` where the original is compressed
already; the ending is the original's. Erasing a person rewrites a file; it keeps its name, the hash
under which it was delivered, and the ledger knows the hash of what it holds since.
"""

import shutil
import uuid
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pyarrow

from orchestration.lib import points
from orchestration.lib.disk import sync_to_disk
from orchestration.lib.ingestion import emails
from orchestration.lib.ingestion.files import (
    CHUNK,
    StagedFile,
    chunks,
    copy_pieces,
    ending_of,
    prepare,
)
from orchestration.lib.mendable import MendableError

_ADDED = ".zst"
_AS_IS = "-as-is"
_IS_COMPRESSED = (".gz", ".zst", ".parquet", ".xlsx", ".zip", ".bz2", ".xz")


class ArchiveError(MendableError, RuntimeError):
    """Archived bytes that are missing or damaged; the message names the file and the remedy."""


def find(directory: Path, content_hash: str) -> Path | None:
    """The file that keeps the bytes of that hash, or None."""
    folder = directory / content_hash[:2]
    kept = sorted(folder.glob(f"{content_hash}*")) if content_hash else []
    return kept[0] if kept else None


def is_packed(kept: Path) -> bool:
    """Whether a kept file is compressed by the archive, not by whoever delivered it."""
    return kept.name.endswith(_ADDED) and not kept.name[64:].startswith(_AS_IS)


def original_ending(kept: Path) -> str:
    """The ending that a kept file's original had."""
    ending = kept.name[64:].removeprefix(_AS_IS)
    return ending.removesuffix(_ADDED) if is_packed(kept) else ending


def keep(staged: StagedFile, directory: Path) -> Path:
    """Puts the original bytes durably at their content address below `directory`; idempotent."""
    if staged.kept_hash:
        return keep_rewritten(staged, directory)
    return find(directory, staged.content_hash) or write(
        staged.original, directory, staged.content_hash, ending_of(staged.name)
    )


def keep_rewritten(staged: StagedFile, directory: Path) -> Path:
    """Puts what erasure left of a file in the place of its original bytes."""
    return write(staged.path, directory, staged.content_hash, ending_of(staged.path.name))


def write(source: Path, directory: Path, content_hash: str, ending: str) -> Path:
    """Stores `source` as the bytes of `content_hash`, in place of what is kept there."""
    before = find(directory, content_hash)
    packs = not ending.endswith(_IS_COMPRESSED)
    kept_ending = f"{ending}{_ADDED}" if packs else f"{_AS_IS}{ending}"
    target = directory / content_hash[:2] / f"{content_hash}{kept_ending}"
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    if packs:
        with (
            source.open("rb") as stream,
            pyarrow.OSFile(str(partial), "wb") as sink,
            pyarrow.CompressedOutputStream(sink, "zstd") as packed,
        ):
            for chunk in chunks(stream):
                packed.write(chunk)
    else:
        shutil.copyfile(source, partial)
    sync_to_disk(partial)
    points.reached("archive part written")
    partial.replace(target)
    if before and before != target:
        before.unlink()
    sync_to_disk(target.parent)
    points.reached("archive file kept")
    return target


def fetch(
    directory: Path,
    content_hash: str,
    name: str,
    scratch: Path,
    rewritten: Mapping[str, Collection[str]],
    *,
    max_ratio: int,
) -> StagedFile:
    """A private, verified copy of archived bytes, ready to be read.

    `rewritten` maps delivered hashes to those of what erasures left. Raises `ArchiveError`.
    """
    kept = find(directory, content_hash)
    if kept is None:
        raise ArchiveError(
            f"{directory} holds no {content_hash} ({emails.without(name)!r}): put it back from a "
            "backup, or deliver the file again."
        )
    scratch.mkdir(parents=True, exist_ok=True)
    copy = scratch / f"{uuid.uuid4().hex}{original_ending(kept)}"
    try:
        found_hash, size = copy_pieces(read(kept), copy)
    except OSError as error:
        # Only the operating system's own errors, such as a full disk, have a number: then nothing
        # is known of the bytes, and nobody may be told to remove them.
        if error.errno is not None:
            raise
        raise ArchiveError(_damaged(kept)) from error
    if found_hash not in {content_hash, *rewritten.get(content_hash, ())}:
        copy.unlink()
        raise ArchiveError(_damaged(kept))
    return prepare(copy, name, content_hash, size, max_ratio=max_ratio)


def _damaged(kept: Path) -> str:
    return (
        f"{kept} is damaged: its bytes are not those of its name. Put it back from a backup, or "
        "remove it and deliver the file again."
    )


def read(kept: Path) -> Iterator[bytes]:
    """The original bytes of a kept file, piece by piece; raises `OSError` for a damaged one."""
    if is_packed(kept):
        with pyarrow.OSFile(str(kept)) as raw, pyarrow.CompressedInputStream(raw, "zstd") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
        return
    with kept.open("rb") as stream:
        yield from chunks(stream)


def discard(directory: Path, content_hash: str) -> None:
    """Removes what is kept for that hash, if anything is."""
    kept = find(directory, content_hash)
    if kept:
        kept.unlink()
        points.reached("archive file discarded")
