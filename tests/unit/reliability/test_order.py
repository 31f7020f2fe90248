"""Replayed, repeated, late or in another order: the same tables, by content hash."""

import itertools
import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.unit.reliability import figures
from tests.unit.reliability.tiny import THINGS, Tiny

VERSIONS = "thing_id,label,amount,updated_at\n"
# Overlapping, repeated, quarantined and refused rows; versions of a key; a file delivered twice.
FILES = {
    "things_1.csv": VERSIONS + "1,a,1,2026-01-01\n2,b,2,2026-01-01\n",
    "things_2.csv": VERSIONS + "1,A,1.5,2026-01-03\n3,c,3,2026-01-01\n",
    "things_3.csv": VERSIONS + "2,b,2,2026-01-01\n1,between,1,2026-01-02\n3,c,3,2026-01-01\n",
    "things_4.csv": VERSIONS + "4,d,x,2026-01-01\n5,e,5,2026-01-01\n",
    "things_5.csv": VERSIONS + "1,a,1,2026-01-01\n2,b,2,2026-01-01\n",
    "things_6.csv": THINGS + "6,f,x\n7,g,y\n",
}
# As every staging model does it: the latest version of each key, from what raw holds.
STAGING = """
    select thing_id, label, amount, updated_at from raw.things
    qualify row_number() over (
        partition by thing_id order by updated_at desc nulls last, label, amount
    ) = 1
    order by thing_id
"""
RAW = "select thing_id, label, amount, updated_at from raw.things order by all"
REFUSED = "select distinct file_name, row_number, reason_code from ops.quarantine order by all"
COUNTS = """
    select sum(rows_read), sum(rows_loaded + rows_repeated), sum(rows_quarantined)
    from ops.ledger where status <> 'superseded'
"""
SAMPLE = 4


def found(tiny: Tiny) -> list[object]:
    return [tiny.query(query) for query in (RAW, STAGING, REFUSED, COUNTS)]


def arrive(tiny: Tiny, names: Sequence[str]) -> None:
    """Each file in a refresh of its own."""
    for name in names:
        tiny.put(name, FILES[name])
        tiny.ingest()


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    tiny = Tiny.at(tmp_path_factory.mktemp("in_order") / "home")
    for name, content in FILES.items():
        tiny.put(name, content)
    tiny.ingest()
    return found(tiny)


def test_the_sample_is_what_it_should_be(in_order: list[object]) -> None:
    assert [row[:2] for row in in_order[1]] == [  # type: ignore[attr-defined]
        ("1", "A"),
        ("2", "b"),
        ("3", "c"),
        ("5", "e"),
    ]


def test_any_order_of_arrival_gives_the_same_tables(in_order: list[object], tmp_path: Path) -> None:
    orders = list(itertools.permutations(FILES))
    for number, order in enumerate(random.Random(1).sample(orders, SAMPLE)):
        tiny = Tiny.at(tmp_path / str(number))
        arrive(tiny, order)
        assert found(tiny) == in_order, order
        shutil.rmtree(tiny.home)


def branches(tiny: Tiny, arrived: tuple[str, ...], workshop: Path) -> Iterator[list[object]]:
    """The tables after every order that begins with these files; each beginning is loaded once."""
    if len(arrived) == len(FILES):
        yield found(tiny)
    for name in FILES:
        if name not in arrived:
            home = workshop / "-".join(str(list(FILES).index(one)) for one in (*arrived, name))
            shutil.copytree(tiny.home, home)
            arrive(Tiny.at(home), [name])
            yield from branches(Tiny.at(home), (*arrived, name), workshop)
            shutil.rmtree(home)


@pytest.mark.long
def test_all_orders_of_six_files_give_the_same_tables(
    in_order: list[object], tmp_path: Path
) -> None:
    tiny = Tiny.at(tmp_path / "empty")
    tiny.ingest()
    orders = 0
    for tables in branches(tiny, (), tmp_path / "workshop"):
        assert tables == in_order
        orders += 1
    assert orders == 720
    figures.note(
        "Orders in which six files with repeated, late and bad rows arrived one by one",
        f"{orders} of {orders}: the same raw rows, latest versions and refusals",
    )


def test_a_copy_counts_when_what_it_copies_is_corrected(tmp_path: Path) -> None:
    """The copy comes first by name: it is known as the other file, until that one changes."""
    tiny = Tiny.at(tmp_path / "home")
    tiny.put("things_2.csv", THINGS + "1,a,1\n2,b,2\n")
    tiny.ingest()
    tiny.put("things_1.csv", THINGS + "1,a,1\n2,b,2\n")
    tiny.put("things_2.csv", THINGS + "1,A,1\n")
    report = tiny.ingest()
    assert {o.file_name: o.status for o in report.outcomes} == {
        "things_1.csv": "loaded",
        "things_2.csv": "loaded",
    }
    assert len(report.outcomes) == 2
    rows = tiny.query("select thing_id, label from raw.things order by all")
    assert rows == [("1", "A"), ("1", "a"), ("2", "b")]
    again = Tiny.at(tmp_path / "again")
    shutil.copytree(tiny.landing, again.landing, dirs_exist_ok=True)
    again.ingest()
    assert again.query("select thing_id, label from raw.things order by all") == rows


def test_a_file_corrected_to_what_another_holds_loses_its_rows(tmp_path: Path) -> None:
    """Such as to a header without rows, of which there may be many."""
    tiny = Tiny.at(tmp_path / "home")
    tiny.put("things_1.csv", THINGS + "1,a,1\n")
    tiny.put("things_2.csv", THINGS + "2,b,2\n")
    tiny.ingest()
    tiny.put("things_2.csv", THINGS + "1,a,1\n")
    tiny.ingest()
    assert tiny.query("select thing_id from raw.things") == [("1",)]
    tiny.put("things_1.csv", THINGS + "3,c,3\n")
    tiny.ingest()
    assert tiny.query("select thing_id from raw.things order by 1") == [("1",), ("3",)]
    (report,) = [o.status for o in tiny.ingest().outcomes if o.file_name == "things_2.csv"]
    assert report == "already_loaded"


def test_a_replay_changes_nothing(tmp_path: Path) -> None:
    tiny = Tiny.at(tmp_path / "home")
    arrive(tiny, list(FILES))
    first, published = found(tiny), tiny.refresh()
    for path in tiny.landing.iterdir():
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
    again = tiny.refresh()
    assert found(tiny) == first
    assert again.manifest.tables == published.manifest.tables
