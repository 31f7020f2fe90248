"""Whatever people, schedules and accidents do, in whatever order: what a small model says.

The model knows which rows the files delivered, what each release was made from, and whether
publishing is on hold. After every step readers see what it says they see.
"""

import signal
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from orchestration.lib import points
from orchestration.lib.publishing.reader import connect
from orchestration.lib.publishing.releases import ReleaseError
from tests.unit.reliability import figures
from tests.unit.reliability.tiny import (
    KEEP,
    PEOPLE,
    THINGS,
    Tiny,
    in_another_process,
    kill_myself,
    remove,
)

Row = tuple[str, str, int]
Content = tuple[frozenset[Row], int]

NAMES = [f"things_{number}.csv" for number in range(1, 4)]
ROWS = st.lists(
    st.tuples(st.sampled_from("1234"), st.sampled_from("ab"), st.integers(0, 3)),
    min_size=1,
    max_size=4,
    unique_by=lambda row: row[0],
)
PERSONS = [f"person{number}.canary@example.com" for number in range(3)]
SEEN = "select thing_id, label, amount::int from core.things"
steps = 0


def refresh_killed_at(home: Path, number: int, days: int) -> None:
    """A refresh that is killed at the given point, counted over all of them."""
    seen = 0

    def stop(_: str) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            kill_myself()

    tiny = Tiny.at(home)
    tiny.clock(days)
    with points.observed(stop):
        try:
            tiny.refresh()
        except ReleaseError as error:
            assert "on hold" in str(error)


class Warehouse(RuleBasedStateMachine):
    """One home."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.mkdtemp()
        self.tiny = Tiny.at(Path(self.directory) / "home")
        self.days = 0
        # Landing by name, in order of arrival; which of it was taken in; who must not come back.
        self.things: dict[str, frozenset[Row]] = {}
        self.taken: dict[str, frozenset[Row]] = {}
        self.people: set[str] = set()
        self.people_taken: set[str] = set()
        # What each release says and was built on, and what is current.
        self.releases: dict[str, Content] = {}
        self.bases: dict[str, str | None] = {}
        self.current: str | None = None
        self.on_hold = False
        self.readers: list[tuple[duckdb.DuckDBPyConnection, Content]] = []

    def teardown(self) -> None:
        for connection, _ in self.readers:
            connection.close()
        remove(Path(self.directory))

    @property
    def content(self) -> Content:
        """What a release says that is made now."""
        rows = frozenset(row for rows in self.taken.values() for row in rows)
        return rows, len(self.people_taken)

    def take_in(self) -> None:
        self.taken |= self.things
        self.people_taken |= self.people

    def forget_removed(self) -> None:
        kept = set(self.tiny.store.ids())
        self.releases = {name: what for name, what in self.releases.items() if name in kept}

    @rule(name=st.sampled_from(NAMES), rows=ROWS)
    def drop_a_file(self, name: str, rows: list[Row]) -> None:
        """A new file, or another content under a known name."""
        lines = "".join(f"{key},{label},{amount}\n" for key, label, amount in rows)
        self.tiny.put(name, THINGS + lines)
        self.things[name] = frozenset(rows)

    @precondition(lambda self: self.things)
    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def deliver_the_same_again(self, data: st.DataObject, name: str) -> None:
        """The bytes of one file again, under its own name or another."""
        source = data.draw(st.sampled_from(sorted(self.things)))
        self.tiny.put(name, (self.tiny.landing / source).read_bytes())
        self.things[name] = self.things[source]

    @rule(email=st.sampled_from(PERSONS))
    def drop_a_person(self, email: str) -> None:
        number = PERSONS.index(email)
        self.tiny.put(f"people_{number}.csv", PEOPLE + f"{number},{email},{number}\n")
        self.people.add(email)

    @rule()
    def refresh(self) -> None:
        self.take_in()
        if self.on_hold:
            with pytest.raises(ReleaseError, match="on hold"):
                self.tiny.refresh()
            self.tiny.store.sweep()
        else:
            base, self.current = self.current, self.tiny.refresh().id
            self.releases[self.current], self.bases[self.current] = self.content, base
            told = " ".join(text for _, text in self.tiny.alerts())
            assert all(f"thing {key}," in told for key, _, amount in self.content[0] if amount == 3)
        self.forget_removed()

    @rule(number=st.integers(1, 70))
    def refresh_that_is_killed(self, number: int) -> None:
        ended = in_another_process(refresh_killed_at, self.tiny.home, number, self.days)
        assert ended in (0, -signal.SIGKILL), ended
        now = self.tiny.store.current()
        if now is not None and now.id not in self.releases:
            # It came as far as publishing.
            self.take_in()
            self.releases[now.id], self.bases[now.id] = self.content, self.current
            self.current = now.id
        self.forget_removed()

    @precondition(lambda self: len(self.releases) > 1 and self.current != min(self.releases))
    @rule()
    def roll_back(self) -> None:
        base = self.bases[str(self.current)]
        if base not in self.releases:
            base = max(name for name in self.releases if name < str(self.current))
        assert self.tiny.store.rollback().id == base
        self.current, self.on_hold = base, True

    @precondition(lambda self: self.on_hold)
    @rule()
    def resume(self) -> None:
        assert self.tiny.store.resume() is not None
        self.on_hold = False

    @precondition(lambda self: self.current and self.people_taken)
    @rule(data=st.data())
    def forget_a_person(self, data: st.DataObject) -> None:
        email = data.draw(st.sampled_from(sorted(self.people_taken)))
        report = self.tiny.forget(email)
        assert report.elsewhere == ()
        assert all(name.startswith("landing/people_") for name in report.landing)
        self.releases = {str(self.current): self.releases[str(self.current)]}

    @rule(days=st.integers(-2, 5))
    def turn_the_clock(self, days: int) -> None:
        """Time goes on, or somebody sets the clock back."""
        self.days += days
        self.tiny.as_of += timedelta(days=days)

    @precondition(lambda self: self.current)
    @rule()
    def open_a_reader(self) -> None:
        self.readers.append((connect(self.tiny.home), self.releases[str(self.current)]))

    @precondition(lambda self: self.tiny.database.exists())
    @rule(place=st.integers(0, 12_287))
    def damage_the_database(self, place: int) -> None:
        content = bytearray(self.tiny.database.read_bytes())
        content[place] ^= 255
        self.tiny.database.write_bytes(content)

    @invariant()
    def readers_see_what_the_model_says(self) -> None:
        global steps  # noqa: PLW0603 - counted over all runs
        steps += 1
        now = self.tiny.store.current()
        assert (now.id if now else None) == self.current
        if now:
            with connect(self.tiny.home) as connection:
                assert said(connection) == self.releases[now.id]
        for connection, content in self.readers:
            assert said(connection) == content
        assert set(self.tiny.store.ids()) == set(self.releases)
        assert len(self.releases) <= KEEP + 2
        assert (self.tiny.store.hold() is not None) == self.on_hold


def said(connection: duckdb.DuckDBPyConnection) -> Content:
    rows = connection.execute(SEEN).fetchall()
    found: Any = connection.execute("select count(*) from core.people").fetchone()
    return frozenset(rows), int(found[0])


def run(examples: int, length: int) -> int:
    global steps  # noqa: PLW0603
    steps = 0
    run_state_machine_as_test(
        Warehouse,
        settings=settings(
            max_examples=examples,
            stateful_step_count=length,
            deadline=None,
            derandomize=True,
            # Making a failure smaller takes minutes; each step prints what it does.
            phases=[Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return steps


def test_readers_see_what_the_model_says() -> None:
    run(5, 14)


@pytest.mark.long
def test_so_they_do_in_many_runs() -> None:
    taken = run(30, 25)
    figures.note(
        "State machine: files, copies, changes, kills, rollbacks, erasure, damage, clock, readers",
        f"30 runs, {taken:,} steps, each as the model says",
    )
