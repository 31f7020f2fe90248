"""A release that is wrong is not published, whatever broke it, and readers keep the last one."""

import contextlib
import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import dagster as dg
import duckdb
import pytest

from orchestration import cli, settings
from orchestration.definitions import definitions
from orchestration.lib.publishing.releases import Candidate, ReleaseStore
from orchestration.lib.refresh import Refresh
from orchestration.summary import print_summary
from tests.integration.house import House, Outcome

CANDIDATE, PUBLISHED = dg.AssetKey("candidate_release"), dg.AssetKey("published_release")

# Each with a check that none of the others fails.
FAULTS = {
    "an order twice": (
        "insert into core.fct_orders select * from core.fct_orders limit 1",
        "core.fct_orders",
    ),
    "a negative cost": (
        "update core.fct_ad_spend set spend = -spend - 1 "
        "where ad_spend_key = (select min(ad_spend_key) from core.fct_ad_spend)",
        "core.fct_ad_spend",
    ),
    "credit that is not whole": (
        "delete from attribution.attributed_touches where model = 'linear' and position = 2 and "
        "conversion_key = (select min(conversion_key) from attribution.attributed_touches "
        "where path_length > 1)",
        "audits.attribution_adds_up",
    ),
    "revenue that no order earned": (
        "update kpi.kpi_values set numerator = numerator + 1, value = value + 1 "
        "where kpi_id = 'revenue' and period_grain = 'day' and dimension = 'overall' "
        "and value > 0",
        "audits.kpi_periods_add_up",
    ),
}


@pytest.fixture
def house(demo: House, tmp_path: Path) -> House:
    """The demo's home once more, so that what happens to it is nobody else's concern."""
    shutil.copy2(demo.home / "warehouse.duckdb", tmp_path)
    shutil.copytree(demo.home / "releases", tmp_path / "releases")
    (tmp_path / "current").symlink_to((demo.home / "current").readlink())
    return House(tmp_path)


@contextlib.contextmanager
def breaking(statement: str) -> Iterator[None]:
    """Changes each candidate behind the back of whoever built it."""
    build = ReleaseStore.build_candidate

    def build_and_break(store: ReleaseStore, *args: object, **kwargs: object) -> Candidate:
        candidate = build(store, *args, **kwargs)  # type: ignore[arg-type]
        candidate.database.chmod(0o644)
        with duckdb.connect(str(candidate.database)) as connection:
            connection.execute(statement)
        return candidate

    with mock.patch.object(ReleaseStore, "build_candidate", build_and_break):
        yield


@pytest.fixture(scope="module")
def run_part(demo: House) -> Callable[..., Outcome]:
    """Runs a part of the main job on a house, as somebody may choose it in the web UI."""
    with settings.environment(demo.environment):
        job = definitions().resolve_job_def("daily_refresh")

    def run(house: House, *assets: dg.AssetKey) -> Outcome:
        printed = io.StringIO()
        with settings.environment(house.environment), contextlib.redirect_stdout(printed):
            result = job.execute_in_process(
                instance=dg.DagsterInstance.ephemeral(),
                raise_on_error=False,
                asset_selection=list(assets),
            )
            code = print_summary(settings.load(), result, 0)
        return Outcome(code, printed.getvalue())

    return run


@pytest.fixture
def release_again(run_part: Callable[..., Outcome]) -> Iterator[Callable[[House], Outcome]]:
    """Candidate, audit and publish alone, as if all before them had been run as well."""
    with mock.patch.object(Refresh, "require_whole"):
        yield lambda house: run_part(house, CANDIDATE, PUBLISHED)


def test_a_part_of_the_job_publishes_nothing_of_another_day(
    house: House, run_part: Callable[..., Outcome]
) -> None:
    before = house.manifest()
    outcome = run_part(house, CANDIDATE, PUBLISHED)
    assert outcome.code != 0
    assert "made by one run" in outcome.reason and "daily_refresh" in outcome.reason
    assert house.manifest() == before
    assert len(ReleaseStore(house.home).releases()) == 1


def test_one_model_alone_is_refused_before_it_is_built(
    house: House, run_part: Callable[..., Outcome]
) -> None:
    outcome = run_part(house, dg.AssetKey(["core", "dim_dates"]))
    assert outcome.code != 0
    assert "cannot be chosen one by one" in outcome.reason


def test_a_candidate_of_an_earlier_run_is_not_taken_for_all_that_there_is(
    house: House, run_part: Callable[..., Outcome]
) -> None:
    with mock.patch.object(Refresh, "require_whole"):
        run_part(house, CANDIDATE)
    assert run_part(house, PUBLISHED).code == 0
    assert house.manifest()["id"].startswith("000002")
    with settings.environment(house.environment):
        assert cli.up_to_date(settings.load()) is None


def test_a_broken_candidate_leaves_the_previous_release_and_the_next_sound_one_replaces_it(
    house: House, release_again: Callable[[House], Outcome]
) -> None:
    before, hashes = house.manifest(), house.content_hashes()
    with breaking(";".join(statement for statement, _ in FAULTS.values())):
        outcome = release_again(house)
    assert outcome.code != 0
    assert outcome.reason.startswith("the release failed ")
    for fault, (_, suite) in FAULTS.items():
        assert f" {suite} (" in outcome.reason, fault
    assert "\n" not in outcome.reason
    assert f"Readers still see: {before['id']}" in outcome.printed
    assert house.manifest() == before
    assert house.content_hashes() == hashes

    assert release_again(house).code == 0
    assert house.manifest()["base"] == before["id"]
    assert house.content_hashes() == hashes
    assert len(ReleaseStore(house.home).releases()) == 2


def test_a_candidate_that_changes_after_its_audit_is_not_published(
    house: House, release_again: Callable[[House], Outcome]
) -> None:
    before = house.manifest()["id"]
    judge = ReleaseStore.record_verdict

    def judge_and_break(store: ReleaseStore, candidate: Candidate, **verdict: object) -> Candidate:
        judged = judge(store, candidate, **verdict)  # type: ignore[arg-type]
        candidate.database.chmod(0o644)
        with candidate.database.open("ab") as file:
            file.write(b"x")
        return judged

    with mock.patch.object(ReleaseStore, "record_verdict", judge_and_break):
        outcome = release_again(house)
    assert outcome.code != 0
    assert house.manifest()["id"] == before
