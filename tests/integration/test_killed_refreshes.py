"""The whole job, killed around dbt and its steps, ends the same when it is run again."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_ROOT
from tests.integration.house import House
from tests.unit.reliability import figures

POINTS = ("project parsed", "phase built", "step computed", "step handed over", "table copied")

# Kills itself the second time at a point, where there is one: the first phase is done by then.
SCRIPT = """
import os, signal, sys
from orchestration import cli
from orchestration.lib import points

wanted, occurrence, seen = sys.argv[1], int(sys.argv[2]), 0

def stop(name):
    global seen
    seen += name == wanted
    if name == wanted and seen == occurrence:
        os.kill(os.getpid(), signal.SIGKILL)

sys.argv = ["cli", "refresh", "--force", "1"]
with points.observed(stop):
    sys.exit(cli.main())
"""


def occurrence(point: str) -> int:
    return 1 if point == "project parsed" else 2


def refresh(house: House, point: str = "none") -> subprocess.CompletedProcess[str]:
    # A file, not `-c`: Spark, where Great Expectations finds it, takes a program without one for
    # its own doctests, and ends it.
    script = house.home / "refresh_and_stop.py"
    script.write_text(SCRIPT)
    return subprocess.run(
        [sys.executable, script, point, str(occurrence(point))],
        cwd=PROJECT_ROOT,
        env={**os.environ, **house.environment, "PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def house(demo: House, tmp_path: Path) -> House:
    """The demo company's home once more."""
    for name in ("landing", "archive", "releases", "quarantine", "dagster"):
        shutil.copytree(demo.home / name, tmp_path / name, symlinks=True)
    shutil.copy2(demo.home / "warehouse.duckdb", tmp_path)
    (tmp_path / "current").symlink_to((demo.home / "current").readlink())
    return House(tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_refresh_is_made_up_for(house: House, point: str) -> None:
    before = house.content_hashes()
    killed = refresh(house, point)
    assert killed.returncode == -signal.SIGKILL, killed.stdout[-2000:] + killed.stderr[-2000:]
    assert house.content_hashes() == before
    again = refresh(house)
    assert again.returncode == 0, again.stdout[-2000:] + again.stderr[-2000:]
    assert house.content_hashes() == before
    # The project is parsed before Dagster's run begins: then there is none to mark.
    is_run = point != "project parsed"
    assert ("before this one was killed" in again.stdout) == is_run
    with house.dagster() as instance:
        statuses = [run.status.value for run in instance.get_runs()]
    assert statuses == ["SUCCESS", *(["FAILURE"] if is_run else []), "SUCCESS"]
    figures.note(
        f"The whole job killed at '{point}', then rerun",
        f"{len(before)} tables, each the same by content hash",
    )
