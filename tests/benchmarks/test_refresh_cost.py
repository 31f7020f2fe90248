"""What the two commands cost: the demo company's first refresh, and one with nothing new."""

import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.benchmarks import report

ROOT = Path(__file__).parents[2]


def measured(command: str, home: Path) -> tuple[float, float]:
    """Wall and processor seconds of one command of the CLI, as a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    finished = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", command],
        env={**os.environ, "WAREHOUSE_HOME": str(home)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert finished.returncode == 0, finished.stdout[-2000:] + finished.stderr[-2000:]
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[float, float]]:
    home = tmp_path_factory.mktemp("home")
    return {
        "first demo": measured("demo", home),
        "second demo": measured("demo", home),
        "refresh with nothing new": measured("refresh", home),
    }


def test_a_second_demo_costs_less_than_the_first(costs: dict[str, tuple[float, float]]) -> None:
    report.write(
        "Commands",
        [
            f"Whole processes, the demo company at full size, {os.cpu_count()} cores, Python "
            f"{platform.python_version()}.",
            "",
            "| command | wall | processor |",
            "|---|---|---|",
            *(f"| {name} | {wall:.0f} s | {cpu:.0f} s |" for name, (wall, cpu) in costs.items()),
        ],
    )
    assert costs["second demo"][1] < costs["first demo"][1]
