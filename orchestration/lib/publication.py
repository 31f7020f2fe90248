"""From an audited candidate to a release that people know of, in an order that a kill cannot spoil.

    publish -> tell what is new -> note what was told -> keep the inputs -> retain

What is new is found against what people were told last (`releases/told.json`), not against the
release before: that may be one whose refresh was killed before it told anything, or one that was
rolled back to. A refresh that is stopped before its inputs are kept is followed by a whole one, so
nothing waits longer than that.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from orchestration.lib import alerts, points
from orchestration.lib.inputs import Inputs
from orchestration.lib.publishing.marks import write_json
from orchestration.lib.publishing.releases import Release, ReleaseStore
from orchestration.settings import AlertSettings, Settings


@dataclass(frozen=True)
class Told:
    """What people know: how fresh each raw table was, as `freshness_told`, and which KPI alerts.

    `release` is the last one of which they know all.
    """

    release: str = ""
    freshness: Mapping[str, str | None] = field(default_factory=dict)
    kpi_alerts: Collection[str] = ()


def publish_and_tell(
    store: ReleaseStore, inputs: Inputs, settings: Settings, alert_settings: AlertSettings
) -> tuple[Release, list[str]]:
    """Publishes the waiting candidate; returns it, and a sentence per alert that was not sent.

    Raises `ReleaseError` where it may not be published: then nothing is told either.
    """
    release = store.publish(store.candidate())
    problems = tell(release, settings.releases / "told.json", alert_settings)
    inputs.keep(release.id)
    store.retain(settings.keep_releases, settings.keep_days)
    return release, problems


def tell(release: Release, note: Path, settings: AlertSettings) -> list[str]:
    """Sends the alerts that are new in a release; returns a sentence per way and alert that failed.

    `note` is the file that says what was told. Of an alert that no way took it says what it did
    before: the next release tells then.
    """
    known = read_told(note)
    raised = alerts.kpi_alerts(release.database)
    freshness = release.manifest.source_freshness
    told = Told(
        release.id,
        {table: alerts.freshness_told(state) for table, state in freshness.items()},
        [str(row["alert_id"]) for row in raised],
    )
    # What happened before, and no way took.
    problems = alerts.send_waiting(settings)
    for part, new in (
        ("freshness", alerts.newly_stale(known.freshness, freshness)),
        ("kpi_alerts", alerts.newly_raised(known.kpi_alerts, raised)),
    ):
        for alert in new:
            is_taken, said = alerts.send_one(alert, settings)
            problems += said
            if not is_taken:
                told = replace(told, release=known.release, **{part: getattr(known, part)})
    if told != known:
        write_json(note, asdict(told))
        points.reached("alerts told")
    return problems


def read_told(note: Path) -> Told:
    """What a note says; nothing where there is none or it is damaged: better twice than never."""
    try:
        return Told(**json.loads(note.read_text()))
    except (OSError, ValueError, TypeError):
        return Told()
