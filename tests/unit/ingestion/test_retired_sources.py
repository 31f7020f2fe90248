"""A source that is renamed or dropped: what it brought is named, and does not come twice."""

from pathlib import Path

import pytest

from orchestration.lib.company import CompanyError
from orchestration.lib.ingestion import archive, files
from tests.unit.ingestion import house as houses
from tests.unit.ingestion.house import House, things

HEADER = "thing_id,label\n"


def renamed(root: Path) -> House:
    house = things(root)
    house.put("things_1.csv", HEADER + "1,a\n2,b\n")
    house.load()
    house.source = "shop_france"
    return house


def rows_by_source(house: House) -> list[tuple[str, int]]:
    return [
        (str(source), int(count))
        for source, count in house.query(
            "select source, count(*) from raw.things join ops.ledger on _batch_id = batch_id "
            "group by source order by source"
        )
    ]


def test_a_renamed_source_does_not_bring_its_files_a_second_time(tmp_path: Path) -> None:
    house = renamed(tmp_path)
    # It comes first, and must not be loaded before the other one is noticed.
    house.put("things_0.csv", HEADER + "3,c\n")
    for _ in range(2):
        with pytest.raises(CompanyError) as refused:
            house.load()
        for told in (
            "'things_1.csv' was loaded already for s.things",
            "for shop_france.things",
            "write `source: s` in",
            "`make rebuild WITHOUT=s`",
        ):
            assert told in str(refused.value)
    assert rows_by_source(house) == [("s", 2)]
    house.source = "s"
    assert house.load().problems == ()
    assert rows_by_source(house) == [("s", 3)]


def test_a_retired_sources_rows_are_taken_out_by_a_rebuild_and_come_under_the_new_name(
    tmp_path: Path,
) -> None:
    house = renamed(tmp_path)
    (tmp_path / "landing" / "things_1.csv").rename(tmp_path / "things_1.csv")
    house.put("things_2.csv", HEADER + "3,c\n")
    house.load()
    house.put("things_1.csv", (tmp_path / "things_1.csv").read_bytes())
    content_hash = files.hash_file(house.landing / "things_1.csv")

    with pytest.raises(CompanyError, match="shop_france: nothing was loaded for a source"):
        house.rebuild("shop_france")
    with pytest.raises(CompanyError, match=r"s\.things was loaded once .* put it back"):
        house.rebuild()
    house.rebuild("s")

    assert rows_by_source(house) == [("shop_france", 1)]
    assert archive.find(tmp_path / "archive", content_hash) is None
    house.database.unlink()
    assert [note for note in house.load().problems if "configures" in note] == []
    assert rows_by_source(house) == [("shop_france", 3)]


def test_what_two_sources_brought_stays_in_the_archive_while_one_needs_it(tmp_path: Path) -> None:
    house = things(tmp_path)
    path = house.put("things_1.csv", HEADER + "1,a\n")
    house.tables["people"] = {
        "location": "things*.csv",
        "load": "upsert",
        "columns": {"person_id": "thing_id"},
    }
    house.load()
    del house.tables["people"]
    (note,) = house.load().problems
    assert note.startswith("no source.yaml configures s.people (1 rows) any more")
    house.rebuild("s.people")
    assert archive.find(tmp_path / "archive", files.hash_file(path))
    assert house.query("select count(*) from raw.people") == [(0,)]
    assert house.load().problems == ()


def test_a_table_that_the_contract_lost_is_taken_out_by_a_rebuild(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", HEADER + "1,a\n")
    house.put("people_1.csv", "person_id\n7\n")
    house.tables["people"] = {"location": "people*.csv", "load": "upsert"}
    house.load()
    del house.tables["people"]
    monkeypatch.setattr(houses, "CONTRACT", houses.CONTRACT.partition("      - name: people")[0])
    (note,) = (note for note in house.load().problems if "configures" in note)
    assert note.startswith("no source.yaml configures s.people (1 rows) any more")
    house.rebuild("s.people")
    assert rows_by_source(house) == [("s", 1)]
    assert house.query("select count(*) from ops.ledger") == [(1,)]
    assert [note for note in house.load().problems if "configures" in note] == []


def test_a_table_that_moved_to_another_source_is_to_be_put_back(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", HEADER + "1,a\n")
    house.load()
    house.tables["people"] = {"location": "people*.csv", "load": "upsert"}
    other = tmp_path / "company" / "other" / "source.yaml"
    other.parent.mkdir()
    other.write_text("tables: {things: {location: things*.csv, load: upsert}}")
    del house.tables["things"]
    with pytest.raises(CompanyError, match=r"put things back into .*WITHOUT=s\.things`"):
        house.load()


def test_a_name_of_an_ended_source_that_no_source_has_is_told(tmp_path: Path) -> None:
    house = renamed(tmp_path)
    (tmp_path / "landing" / "things_1.csv").unlink()
    # What was loaded once counts, and so does what is configured without having brought anything.
    house.vars = {"ended_sources": ["s", "shop_france"]}
    assert not any("ended_sources" in note for note in house.load().problems)
    house.vars = {"ended_sources": ["s", "shop_frnace"]}
    (note,) = (note for note in house.load().problems if "ended_sources" in note)
    assert "no source is named 'shop_frnace'" in note
    assert note.endswith("did you mean 'shop_france'?")


def test_numbers_of_batches_that_were_taken_out_are_not_given_again(tmp_path: Path) -> None:
    """A release knows up to which batch it was made: what is loaded later has to come after it."""
    house = renamed(tmp_path)
    (tmp_path / "landing" / "things_1.csv").unlink()
    [(last_batch,)] = house.query("select max(batch_id) from ops.ledger")
    house.rebuild("s")
    # Nor after another rebuild, from the journal alone.
    house.database.unlink()
    house.put("things_2.csv", HEADER + "3,c\n")
    house.load()
    assert house.query("select batch_id from ops.ledger") == [(last_batch + 1,)]
