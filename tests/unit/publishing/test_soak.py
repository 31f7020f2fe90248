"""Readers in other processes, connecting again and again while releases come, go back and go."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.publishing.conftest import House
from tests.unit.reliability import figures

READER = """
import json, sys, time
from pathlib import Path
from orchestration.lib.publishing.reader import connect

home, stop, pause = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
reads, seen, is_over = 0, [], False
while not is_over:
    # One more read after the last publish, whenever this process gets to it.
    is_over = stop.exists()
    with connect(home) as connection:
        for _ in range(2):
            value, low, high, rows = connection.execute(
                "select min(value), min(net_revenue), max(net_revenue), count(*) "
                "from kpi.kpi_values, core.fct_orders"
            ).fetchone()
            assert value == low == high and rows == 100, f"torn: {value} {low} {high} {rows}"
            if seen[-1:] != [int(value)]:
                seen.append(int(value))
    reads += 1
    if reads == 1:
        print("ready", flush=True)
    time.sleep(pause)
print(json.dumps([reads, seen]))
"""


def soak(house: House, publishes: int) -> Iterator[int]:
    """Publishes, goes back at every tenth and keeps three; yields what is current, in order."""
    for number in range(2, publishes + 2):
        house.publish(number)
        yield number
        if number % 10 == 0:
            back = house.store.rollback(reason="soak")
            yield int(back.manifest.id.split("-")[0])
            house.store.resume()
        house.store.retain(3)


def is_in_order(seen: list[int], current: list[int]) -> bool:
    """Whether a reader saw releases in the order in which they became current, some left out."""
    order = iter(current)
    return all(value in order for value in seen)


def run(house: House, tmp_path: Path, *, readers: int, publishes: int, pause: float) -> int:
    """How many reads there were."""
    house.publish(1)
    stop = tmp_path / "stop"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(house.home), str(stop), str(pause)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(readers)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    current = [1, *soak(house, publishes)]
    stop.touch()
    reads = 0
    for process in processes:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        count, seen = json.loads(out)
        assert is_in_order(seen, current), f"went back: {seen}"
        assert seen[-1] == current[-1]
        reads += count
    assert len(house.store.ids()) == 3
    return reads


def test_an_order_that_goes_back_is_noticed() -> None:
    assert is_in_order([1, 3, 2], [1, 2, 3, 2])
    assert not is_in_order([3, 1], [1, 2, 3, 2])


def test_readers_see_whole_releases_in_the_order_they_were_published(
    house: House,
    tmp_path: Path,
) -> None:
    run(house, tmp_path, readers=4, publishes=20, pause=0.02)


@pytest.mark.long
def test_sixteen_readers_and_two_hundred_publishes(
    house: House,
    tmp_path: Path,
) -> None:
    reads = run(house, tmp_path, readers=16, publishes=200, pause=0)
    figures.note(
        "Soak: 16 readers, 200 publishes, 20 rollbacks, retention of 3 after each",
        f"{reads:,} connections and twice as many reads, 0 errors, 0 torn, 0 backward",
    )
