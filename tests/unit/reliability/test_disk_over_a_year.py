"""A year of mornings, each with a new file, a corrected one and a release: the disk stays bounded.

What grows is what the sources deliver: landing and archive. Work database, releases and
scratch depend on how much data there is, not on how often it was refreshed.
"""

from pathlib import Path

import pytest

from tests.unit.reliability import figures
from tests.unit.reliability.tiny import KEEP, THINGS, Tiny

# So many files are corrected again and again.
CORRECTED = 10


def size(path: Path) -> int:
    inside = [path] if path.is_file() else path.rglob("*")
    return sum(file.lstat().st_size for file in inside if file.is_file())


def live(tiny: Tiny, days: int) -> list[dict[str, int]]:
    """Refreshes once a day, each time with a file that is new or corrected."""
    sizes = []
    for day in range(days):
        number = day % CORRECTED
        rows = "".join(f"{number}-{n},a{day},{n}\n" for n in range(50))
        tiny.put(f"things_{number}.csv", THINGS + rows)
        tiny.clock(1)
        tiny.refresh()
        sizes.append(
            {
                "work database": size(tiny.database),
                "releases": size(tiny.home / "releases"),
                "build": size(tiny.home / "build"),
            }
        )
        assert len(tiny.store.ids()) == min(day + 1, KEEP)
    return sizes


def is_bounded(sizes: list[dict[str, int]], settled: int) -> None:
    for what in ("work database", "releases", "build"):
        early = max(one[what] for one in sizes[:settled])
        late = max(one[what] for one in sizes[settled:])
        assert late <= early * 1.25 + 300_000, (what, early, late)


def test_two_weeks_take_no_more_than_the_first_days(tmp_path: Path) -> None:
    is_bounded(live(Tiny.at(tmp_path / "home"), 16), 11)


@pytest.mark.long
def test_a_year_takes_no_more_than_its_first_month(tmp_path: Path) -> None:
    sizes = live(Tiny.at(tmp_path / "home"), 365)
    is_bounded(sizes, 60)
    first, last = sizes[59], sizes[-1]
    figures.note(
        "Disk after 60 and after 365 daily refreshes of a company that corrects its files",
        ", ".join(
            f"{what} {first[what] / 1e6:.1f} and {last[what] / 1e6:.1f} MB"
            for what in ("work database", "releases", "build")
        ),
    )
