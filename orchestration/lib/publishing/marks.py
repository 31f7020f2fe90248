"""What people say about releases: a rollback that holds publishing back, and pins.

    hold.json       the rollback in force; while it is there, nothing is published
    pins.json       releases that retention must keep, and why
    history.jsonl   every rollback, resumption and pin, one line each, only ever added to

All lie in `releases/`. A release's own directory is never written to again.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.lib import points
from orchestration.lib.disk import sync_to_disk
from orchestration.lib.mendable import MendableError


class MarkError(MendableError, RuntimeError):
    """A mark that cannot be read; the message says which file, and what to do."""


@dataclass(frozen=True)
class Hold:
    """A rollback from the release `left` to the release `to`; `since` is a UTC instant.

    `is_done` is false until `to` is known to be current: a rollback may be stopped before that.
    """

    left: str
    to: str
    reason: str
    since: str
    is_done: bool = True

    def __str__(self) -> str:
        """For a message, on one line."""
        reason = f" ({self.reason})" if self.reason else ""
        return (
            f"publishing is on hold since the rollback from {self.left} to {self.to} "
            f"at {self.since}{reason}"
        )


class Marks:
    """The marks of one directory of releases."""

    def __init__(self, root: Path) -> None:
        """`root` must exist before anything is marked."""
        self._hold = root / "hold.json"
        self._pins = root / "pins.json"
        self._history = root / "history.jsonl"

    def hold(self) -> Hold | None:
        """The rollback in force, if there is one; raises `MarkError` where nobody can tell."""
        content = _read_json(self._hold)
        try:
            return Hold(**content) if content else None
        except TypeError as error:
            raise _unreadable(self._hold, error) from error

    def put_hold(self, hold: Hold) -> None:
        """Holds publishing back; a later rollback replaces an earlier one."""
        self._remember("rollback", asdict(hold))
        write_json(self._hold, asdict(hold))
        points.reached("hold written")

    def finish(self, hold: Hold) -> None:
        """Says that what the hold names is current."""
        write_json(self._hold, asdict(replace(hold, is_done=True)))
        points.reached("hold written")

    def end_hold(self) -> Hold | None:
        """Ends the hold; returns it, None where there was none."""
        hold = self.hold()
        if hold:
            self._remember("resume", asdict(hold))
            self._hold.unlink()
            sync_to_disk(self._hold.parent)
            points.reached("hold ended")
        return hold

    def pins(self) -> dict[str, str]:
        """The reason of each pin by the release's id; raises `MarkError` where nobody can tell."""
        return {name: str(reason) for name, reason in _read_json(self._pins).items()}

    def pin(self, release_id: str, reason: str) -> None:
        """Pins a release; a second pin replaces the reason."""
        # Read first: history tells what pins.json should hold, so of no pin that was refused.
        pins = {**self.pins(), release_id: reason}
        self._remember("pin", {"release": release_id, "reason": reason})
        write_json(self._pins, pins)
        points.reached("pins written")

    def unpin(self, release_id: str) -> None:
        """Takes a pin back."""
        self._remember("unpin", {"release": release_id})
        write_json(
            self._pins, {name: why for name, why in self.pins().items() if name != release_id}
        )
        points.reached("pins written")

    def left(self) -> set[str]:
        """The id of every release that a rollback has left, whether it is still there or not."""
        if not self._history.exists():
            return set()
        found = set()
        for line in self._history.read_text(errors="replace").splitlines():
            # A full disk may have cut a line.
            with suppress(ValueError, AttributeError):
                found.add(str(json.loads(line).get("left")))
        return found

    def _remember(self, event: str, detail: Mapping[str, str]) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        line = json.dumps({"at": at, "event": event, **detail}) + "\n"
        with self._history.open("a+b") as stream:
            # A full disk may have cut the last line; it must not spoil this one.
            if stream.tell() and os.pread(stream.fileno(), 1, stream.tell() - 1) != b"\n":
                line = "\n" + line
            stream.write(line.encode())
            stream.flush()
            os.fsync(stream.fileno())
        points.reached("history written")


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Writes a whole file or none: a reader never sees half of it."""
    temporary = path.with_suffix(".tmp")
    temporary.unlink(missing_ok=True)
    temporary.write_text(_as_text(value))
    sync_to_disk(temporary)
    temporary.chmod(0o444)
    temporary.rename(path)
    sync_to_disk(path.parent)


def write_sealed(path: Path, value: Mapping[str, Any]) -> None:
    """As `write_json`, with a hash of the content, so that no changed byte goes unnoticed."""
    write_json(path, {**value, "seal": _seal(value)})


def read_sealed(path: Path) -> dict[str, Any]:
    """What `write_sealed` wrote; raises `ValueError` where a byte of it has changed."""
    text = path.read_text()
    content: dict[str, Any] = json.loads(text)
    seal = content.pop("seal", None)
    if seal != _seal(content) or text != _as_text({**content, "seal": seal}):
        raise ValueError("its content has changed since it was written")
    return content


def _seal(value: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _as_text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, default=str) + "\n"


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(content, dict):
        raise _unreadable(path, TypeError("it holds no object"))
    return content


def _unreadable(path: Path, error: Exception) -> MarkError:
    return MarkError(
        f"{path} cannot be read: {error}. Until it can, nothing is published or removed. "
        "history.jsonl beside it tells what it should hold; remove the file to say that nothing is."
    )
