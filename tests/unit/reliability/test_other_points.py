"""Points that the tiny warehouse never comes to, because it reads files alone."""

from pathlib import Path

import pytest

from orchestration.lib.ingestion.object_stores import EtagCache, StoredObject
from tests.unit.reliability.tiny import BrokenOffError, break_off, stopping


def test_what_an_object_store_held_is_known_after_a_stop(tmp_path: Path) -> None:
    cache = EtagCache(tmp_path / "hashes.json")
    found = StoredObject("bucket", "a.csv", "etag", 3)
    cache.put(found, "hash")
    with stopping("object hashes kept", 1, break_off), pytest.raises(BrokenOffError):
        cache.save()
    assert EtagCache(tmp_path / "hashes.json").get(found) == "hash"
