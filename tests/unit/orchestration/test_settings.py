import os
import re
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from orchestration import settings


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("WAREHOUSE_")]:
        monkeypatch.delenv(name)


def test_everything_has_a_working_default() -> None:
    loaded = settings.load()
    assert loaded.home == settings.PROJECT_ROOT / ".warehouse"
    assert loaded.sources_dir == settings.DEMO_COMPANY_DIR
    assert (loaded.seeds_dir, loaded.as_of, loaded.hash_key) == (None, None, "")
    assert loaded.engine == "duckdb"
    assert loaded.threads >= 1


def test_a_blank_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    default = settings.load()
    for name in ("HOME", "SOURCES", "SEEDS", "AS_OF", "ENGINE", "THREADS", "MEMORY_LIMIT"):
        monkeypatch.setenv(f"WAREHOUSE_{name}", "  ")
    assert settings.load() == default


def test_everything_of_a_home_lies_below_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    loaded = settings.load()
    places = [
        place
        for name, value in vars(settings.Settings).items()
        if isinstance(value, property) and isinstance(place := getattr(loaded, name), Path)
    ]
    assert len(places) > 5
    assert all(place.is_relative_to(tmp_path) and place != tmp_path for place in places)


@pytest.mark.parametrize("value", ["2GB", "800 MB", "1.5GiB", "4g"])
def test_a_memory_limit_is_a_size_that_duckdb_reads(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", value)
    duckdb.connect(config={"memory_limit": settings.load().memory_limit}).close()


@pytest.mark.parametrize("value", ["2X", "2", "80%", "GB", "0GB", "-1GB", "2GB; drop"])
def test_what_is_no_memory_limit_is_named_with_what_to_write(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", value)
    with pytest.raises(settings.SettingError, match=r"MEMORY_LIMIT=.* write it like 2GB"):
        settings.load()


def test_a_home_may_be_written_with_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_HOME", "~/warehouse")
    assert settings.load().home == Path.home() / "warehouse"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-01", datetime(2026, 7, 1)),
        ("2026-07-01T00:00:00Z", datetime(2026, 7, 1)),
        ("2026-07-01T00:00:00+02:00", datetime(2026, 6, 30, 22)),
        ("2026-07-01 08:30:00", datetime(2026, 7, 1, 8, 30)),
    ],
)
def test_an_instant_is_kept_in_utc_without_saying_so(text: str, expected: datetime) -> None:
    assert settings.parse_instant(text, "WAREHOUSE_AS_OF") == expected


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("WAREHOUSE_THREADS", "two", "at least 1"),
        ("WAREHOUSE_THREADS", "0", "at least 1"),
        ("WAREHOUSE_THREADS", "-1", "at least 1"),
        ("WAREHOUSE_KEEP_RELEASES", "0", "at least 1"),
        ("WAREHOUSE_KEEP_DAYS", "-1", "at least 0"),
        # For good, as somebody may mean it: that day lies before the first year.
        ("WAREHOUSE_KEEP_DAYS", "999999", "is too much; write 100000 at most"),
        ("WAREHOUSE_TIME_LIMIT_HOURS", "999999999999", "is too much; write 100000 at most"),
        ("WAREHOUSE_REFRESH_AT", "25:00", "05:00"),
        ("WAREHOUSE_ENGINE", "sqlite", "duckdb, spark"),
        ("WAREHOUSE_SEEDS", "/not/there", "not a directory"),
        ("WAREHOUSE_AS_OF", "tomorrow", "2026-07-01T00:00:00Z"),
        ("WAREHOUSE_AS_OF", "9999-12-31T23:59:59-12:00", "2026-07-01T00:00:00Z"),
    ],
)
def test_an_unusable_value_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, remedy: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(settings.SettingError) as error:
        settings.load()
    assert name in str(error.value)
    assert value in str(error.value)
    assert remedy in str(error.value)


def test_each_variable_that_is_read_is_known_as_one() -> None:
    root = settings.PROJECT_ROOT
    readers = [
        root / "orchestration" / "settings.py",
        root / "dbt_project" / "dbt_project.yml",
        root / "dbt_project" / "profiles.yml",
        root / "tests" / "unit" / "reliability" / "figures.py",
    ]
    read = {
        name for file in readers for name in re.findall(r"[\"'](WAREHOUSE_\w+)", file.read_text())
    }
    assert read == settings.VARIABLES


def test_variables_are_put_back_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_KEPT", "before")
    with (
        pytest.raises(RuntimeError),
        settings.environment({"WAREHOUSE_KEPT": "within", "WAREHOUSE_NEW": "within"}),
    ):
        assert os.environ["WAREHOUSE_KEPT"] == os.environ["WAREHOUSE_NEW"] == "within"
        raise RuntimeError
    assert os.environ["WAREHOUSE_KEPT"] == "before"
    assert "WAREHOUSE_NEW" not in os.environ


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        ("/home/ann's", "holds an apostrophe, which dbt cannot read"),
        ("/home/ann%20lee", "holds '%20', which Dagster takes for an encoded letter"),
    ],
)
def test_a_home_that_dbt_or_dagster_could_not_read_is_refused(
    monkeypatch: pytest.MonkeyPatch, home: str, expected: str
) -> None:
    monkeypatch.setenv("WAREHOUSE_HOME", home)
    with pytest.raises(settings.SettingError, match=expected):
        settings.load()


def test_another_sign_in_the_name_of_a_home_is_none_of_their_concern(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WAREHOUSE_HOME", "/home/50% [new] Größe")
    assert str(settings.load().home) == "/home/50% [new] Größe"
