"""Dagster's event log on engines that are kept: as complete, and each statement compiled once."""

from pathlib import Path

import dagster as dg

from orchestration.definitions import event_log_engine, keep_event_log_engines


@dg.asset
def thing() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult()


def test_a_run_needs_one_engine_for_its_events_and_one_for_the_index(tmp_path: Path) -> None:
    keep_event_log_engines()
    before = event_log_engine.cache_info()
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        result = dg.materialize([thing], instance=instance)
        kept = [entry.dagster_event for entry in instance.all_logs(result.run_id)]
        latest = instance.get_latest_materialization_event(dg.AssetKey("thing"))
    after = event_log_engine.cache_info()
    assert after.misses - before.misses == 2
    assert after.hits - before.hits > 10
    assert latest is not None
    assert latest.run_id == result.run_id
    assert [event for event in result.all_events if event not in kept] == []
