"""Readers in other processes, connecting again and again while releases are published."""

import subprocess
import sys
from pathlib import Path

from tests.unit.publishing.conftest import House

READERS = 4
PUBLISHES = 20

READER = """
import sys
from pathlib import Path
from orchestration.lib.publishing.reader import connect

home, stop = Path(sys.argv[1]), Path(sys.argv[2])
reads, last, is_over = 0, 0, False
while not is_over:
    # One more read after the last publish, whenever this process gets to it.
    is_over = stop.exists()
    with connect(home) as connection:
        value, low, high, rows = connection.execute(
            "select min(value), min(net_revenue), max(net_revenue), count(*) "
            "from kpi.kpi_values, core.fct_orders"
        ).fetchone()
    assert value == low == high and rows == 100, f"torn read: {value} {low} {high} {rows}"
    assert value >= last, f"went back from {last} to {value}"
    reads, last = reads + 1, value
    if reads == 1:
        print("ready", flush=True)
print(reads, int(last))
"""


def test_readers_see_the_old_release_or_the_new_one(house: House, tmp_path: Path) -> None:
    house.publish(1)
    stop = tmp_path / "stop"
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(house.home), str(stop)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(READERS)
    ]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
    for number in range(2, PUBLISHES + 2):
        house.publish(number)
        house.store.retain(3)
    stop.touch()
    for reader in readers:
        out, err = reader.communicate(timeout=120)
        assert reader.returncode == 0, err
        reads, last = map(int, out.split())
        assert reads > 1
        assert last == PUBLISHES + 1
