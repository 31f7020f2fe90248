"""However files arrive, the release is the same, and nothing is loaded twice."""

from tests.integration.conftest import LATE
from tests.integration.house import House
from tests.unit.reliability import figures

IS_LATE = f"(source in {LATE} or file_name in {LATE})"


def test_late_files_give_what_they_would_have_given_in_time(growing: House, demo: House) -> None:
    found = growing.content_hashes()
    assert found == demo.content_hashes()
    figures.note(
        "A whole source and files of four others come late, after rows that refer to them",
        f"{len(found)} tables, each the same by content hash",
    )


def test_the_late_files_did_come_after_the_others(growing: House) -> None:
    ((last_in_time, first_late),) = growing.warehouse(
        f"""
        select max(batch_id) filter (where not {IS_LATE}), min(batch_id) filter (where {IS_LATE})
        from ops.ledger
        """
    )
    assert last_in_time < first_late


def test_each_file_is_loaded_once_into_each_of_its_tables(growing: House) -> None:
    loaded = growing.warehouse("select source, table_name, content_hash from ops.ledger")
    assert len(loaded) == len(set(loaded))


def test_each_refresh_leaves_a_release_of_its_own(growing: House) -> None:
    names = sorted(path.name for path in (growing.home / "releases").glob("0*"))
    assert [name.split("-")[0] for name in names] == ["000001", "000002"]
    assert growing.manifest()["base"] == names[0]
