"""Points that the tiny warehouse never comes to, because it reads files alone."""

import signal
from pathlib import Path

import pytest

from orchestration.lib.ingestion.object_stores import EtagCache, StoredObject
from tests.unit.reliability.tiny import (
    BrokenOffError,
    break_off,
    in_another_process,
    kill_myself,
    stopping,
)

FOUND = StoredObject("bucket", "a.csv", "etag", 3)
POINT = "object hashes kept"


def keep(path: Path) -> None:
    cache = EtagCache(path)
    cache.put(FOUND, "hash")
    cache.save()


def keep_and_die(path: Path) -> None:
    with stopping(POINT, 1, kill_myself):
        keep(path)


def test_what_an_object_store_held_is_known_after_a_stop(tmp_path: Path) -> None:
    with stopping(POINT, 1, break_off), pytest.raises(BrokenOffError):
        keep(tmp_path / "broken.json")
    assert in_another_process(keep_and_die, tmp_path / "killed.json") == -signal.SIGKILL
    for name in ("broken", "killed"):
        assert EtagCache(tmp_path / f"{name}.json").get(FOUND) == "hash"
