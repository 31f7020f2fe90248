"""Every damage to a release is found by reading it again."""

import json
import random
from pathlib import Path

import pytest

from orchestration.lib.publishing.releases import ReleaseError
from orchestration.lib.publishing.verification import verify
from tests.unit.publishing.conftest import House
from tests.unit.reliability import figures
from tests.unit.reliability.tiny import BrokenOffError, break_off, stopping

FLIPS = 20


def damage(file: Path, content: bytes) -> None:
    file.parent.chmod(0o755)
    file.chmod(0o644)
    file.write_bytes(content)


def test_sound_releases_have_no_problem(house: House) -> None:
    house.publish(1)
    house.publish(2)
    findings = verify(house.store, None)
    assert [(one.release, one.tables, one.rows, one.problems) for one in findings] == [
        ("000001-20260701", 2, 101, ()),
        ("000002-20260701", 2, 101, ()),
    ]
    assert [one.release for one in verify(house.store, "000002-20260701")] == ["000002-20260701"]
    with pytest.raises(ReleaseError, match="There is no release '7'"):
        verify(house.store, "7")


def test_every_flipped_bit_and_every_cut_is_found(house: House) -> None:
    release = house.publish(1)
    chance = random.Random(1)
    files = sorted(path for path in release.directory.rglob("*") if path.is_file())
    assert len(files) == 6
    for file in files:
        content = file.read_bytes()
        for _ in range(FLIPS):
            bit = chance.randrange(len(content) * 8)
            flipped = bytearray(content)
            flipped[bit // 8] ^= 1 << bit % 8
            damage(file, bytes(flipped))
            assert verify(house.store, None)[0].problems, f"{file.name}: bit {bit}"
        cuts = (0, 1, len(content) // 2, len(content) - 1)
        for length in cuts:
            damage(file, content[:length])
            assert verify(house.store, None)[0].problems, f"{file.name}: cut to {length}"
        damage(file, content)
    assert verify(house.store, None)[0].problems == ()
    damages = len(files) * (FLIPS + len(cuts))
    figures.note(
        "Bit flips and cuts of a release's files, each found by `make verify`",
        f"{damages} of {damages}",
    )


def test_a_file_that_is_gone_is_found(house: House) -> None:
    release = house.publish(1)
    file = release.directory / "parquet" / "kpi" / "kpi_values.parquet"
    file.parent.chmod(0o755)
    file.unlink()
    assert verify(house.store, None)[0].problems == (f"{file} is missing",)


def test_rows_are_held_against_those_that_the_manifest_names(house: House) -> None:
    release = house.publish(1)
    file = release.directory / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["tables"][0]["rows"] += 1
    damage(file, json.dumps(manifest).encode())
    assert verify(house.store, None)[0].problems == (
        f"{file} does not hold the bytes that were published",
        "core.fct_orders does not hold the rows that were published",
    )


def test_a_release_that_was_killed_before_its_record_is_read_too(house: House) -> None:
    with stopping("link flipped", 1, break_off), pytest.raises(BrokenOffError):
        house.publish(1)
    (finding,) = verify(house.store, None)
    assert finding.rows == 101
    (problem,) = finding.problems
    assert problem.endswith("run a refresh, which does so")

    release = house.store.current()
    assert release is not None
    content = release.database.read_bytes()
    damage(release.database, content[:-1])
    assert f"{release.database} does not hold the bytes" in verify(house.store, None)[0].problems[1]

    damage(release.database, content)
    house.store.sweep()
    assert verify(house.store, None)[0].problems == ()


def test_one_damaged_release_does_not_hide_the_others(house: House) -> None:
    house.publish(1)
    house.publish(2)
    damage(house.store.releases()[0].directory / "manifest.json", b"{")
    first, second = verify(house.store, None)
    assert "manifest" in first.problems[0]
    assert second.problems == ()
